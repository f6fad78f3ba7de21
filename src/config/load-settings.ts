import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../ports/app-error.js';
import { buildSettings } from './build-settings.js';
import { checkDocument } from './check-document.js';
import type { Env, SecretUser } from './environment.js';
import { type Fault, faultLine } from './findings.js';
import type { Settings } from './settings.js';
import { readYaml } from './yaml-source.js';

export type { SecretUser } from './environment.js';
export type { Fault } from './findings.js';

const EVERY_SECRET: readonly SecretUser[] = ['slack', 'cameras'];

/** Either the settings or every fault. */
type ParsedSettings = { readonly settings: Settings } | { readonly faults: readonly Fault[] };

/**
 * Settings from the text of devices.yaml, or all its faults in the order of the text. Relative paths in it count from
 * the folder of `fileName`; secrets are taken from `env` by the names in the text, and must be there where `needed`.
 */
export const parseSettings = (
  text: string,
  fileName: string,
  env: Env,
  needed: readonly SecretUser[] = EVERY_SECRET,
): ParsedSettings => {
  const source = readYaml(text);
  const syntax = source.faults.map((fault): Fault => ({ file: fileName, path: 'syntax', ...fault }));
  if (!source.isReadable) return { faults: syntax };
  if (source.value === null) {
    const message = 'is empty: must be a section with at least deployments';
    return { faults: [...syntax, { file: fileName, line: 1, column: 1, path: 'the file', message }] };
  }
  const checked = checkDocument(source, fileName, { env, needed });
  if ('faults' in checked || syntax.length > 0)
    return { faults: [...syntax, ...('faults' in checked ? checked.faults : [])] };
  const baseDir = path.dirname(path.resolve(fileName));
  return { settings: buildSettings(checked.document, checked.devices, env, baseDir) };
};

const invalid = (message: string, remedy: string, cause?: unknown): AppError =>
  new AppError('config_invalid', message, remedy, cause);

const unreadable = (file: string, fault: unknown): AppError => {
  const isCoded = typeof fault === 'object' && fault !== null && 'code' in fault;
  const code = isCoded ? String(fault.code) : 'unknown fault';
  if (code === 'ENOENT')
    return invalid(
      `${file} does not exist.`,
      'Give the path of a devices.yaml; copy the example to start.',
      fault,
    );
  return invalid(`${file} cannot be read (${code}).`, 'Check that it is a file and may be read.', fault);
};

/** Reads devices.yaml. AppError `config_invalid` lists every fault, one a line, as `file:line:column path: fault`. */
export const loadSettings = async (
  file: string,
  env: Env,
  needed: readonly SecretUser[] = EVERY_SECRET,
): Promise<Settings> => {
  const text = await readFile(file, 'utf8').catch((fault: unknown) => {
    throw unreadable(file, fault);
  });
  const parsed = parseSettings(text, file, env, needed);
  if ('settings' in parsed) return parsed.settings;
  throw invalid(parsed.faults.map(faultLine).join('\n'), `Correct these places in ${file}.`);
};
