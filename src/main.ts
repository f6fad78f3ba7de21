#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { redact } from './adapters/runtime/redact.js';
import { createSystemClock } from './adapters/runtime/system-clock.js';
import { runProgram } from './cli/run-program.js';
import { interruptionOf } from './cli/support/interruption.js';
import { EXIT, type Shell } from './cli/support/shell.js';
import { tellFault } from './cli/support/tell-fault.js';
import { createTextLog } from './cli/support/text-log.js';
import { openHealth, openProduct, openSetup, openSlack, openSolver } from './compose.js';
import { loadSettings } from './config/load-settings.js';
import type { Settings } from './config/settings.js';
import type { LogEntry } from './monitor/product.js';
import { AppError } from './ports/app-error.js';

/** A reader that went away (`calib history … | head`) is no fault; the work goes on and the exit code stays true. */
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EPIPE') throw fault;
  });

const versionOf = (packageFile: URL): string =>
  (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version;

const err = (text: string): void => void process.stderr.write(redact(text));

const { nowMs } = createSystemClock();
const textLog = createTextLog(err, nowMs);

/** Programs that keep logs want every entry whole; people want lines. */
const logOf = async ({ logFormat }: Settings): Promise<(entry: LogEntry) => void> => {
  if (logFormat === 'text') return textLog;
  const { createPinoLog } = await import('./adapters/runtime/pino-log.js');
  return createPinoLog({ write: (line) => void process.stderr.write(line) });
};

const shell: Shell = {
  out: (text) => void process.stdout.write(text),
  err,
  errColumns: () => (process.stderr.isTTY ? process.stderr.columns : null),
  nowMs,
  version: versionOf(new URL('../../package.json', import.meta.url)),
  defaultConfig: process.env.CALIB_CONFIG ?? 'devices.yaml',
  loadSettings: (file, needed) => loadSettings(file, process.env, needed),
  openProduct: async (settings) => openProduct(settings, await logOf(settings)),
  openSlack: async (product) => openSlack(product, await logOf(product.settings)),
  openHealth,
  openSetup,
  openSolver,
  runDemo: async ({ once }) => {
    const { runDemo } = await import('./sandbox/demo/run-demo.js');
    return runDemo({ once, out: shell.out, err, signal: shell.signal });
  },
  writeFile: (file, body) =>
    writeFile(file, body).catch((cause: unknown) => {
      const remedy = 'Give a file in a folder that exists and can be written to.';
      throw new AppError('bad_argument', `${file} cannot be written.`, remedy, cause);
    }),
  signal: interruptionOf(process, err),
  exitCode: EXIT.ok,
};

process.on('uncaughtException', (fault) => {
  tellFault(shell, fault);
  process.exit(EXIT.crashed);
});
process.exitCode = await runProgram(shell, process.argv);
