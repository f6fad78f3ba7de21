import type { z } from 'zod';
import type { Path, YamlSource } from './yaml-source.js';

/** One thing wrong in the settings: where to look, the path of the value, what is wrong and what is allowed. */
export interface Fault {
  readonly file: string;
  /** Both counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}

/** A fault before its place is known. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  /** True when the key itself is wrong, not its value. */
  readonly atKey?: boolean;
}

type Issue = z.core.$ZodIssue;

/** Another kind of value than this alternative of a union has; its words count as kinds of their own. */
const isOfOtherKind = ({ code, path }: Issue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');

/** Of a union, the findings of the alternative that was meant: the one whose kind of value stands there. */
const ofUnion = (issue: Extract<Issue, { code: 'invalid_union' }>, path: Path): Finding[] => {
  const meant = issue.errors.find((issues) => !issues.some(isOfOtherKind));
  return meant === undefined
    ? [{ path, message: issue.message }]
    : meant.flatMap((inner) => ofIssue(inner, path));
};

const ofIssue = (issue: Issue, above: Path): Finding[] => {
  const path = [...above, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
  if (issue.code === 'invalid_union') return ofUnion(issue, path);
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  const messages = issue.message.split('\n');
  return issue.keys.map((key, index) => ({
    path: [...path, key],
    message: messages[index] ?? '',
    atKey: true,
  }));
};

/** What zod found; of unknown keys, one finding each. */
export const findingsOf = (error: z.ZodError | undefined): Finding[] =>
  (error?.issues ?? []).flatMap((issue) => ofIssue(issue, []));

const written = (path: Path): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
    return text === '' ? name : `${text}.${name}`;
  }, '');

const TOLD = 3;
const told = (subjects: readonly string[]): string => {
  if (subjects.length === 0) return '';
  const rest = subjects.length - TOLD;
  return ` (for ${subjects.slice(0, TOLD).join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`;
};

interface Entry {
  readonly fault: Fault;
  readonly subjects: string[];
}

/** Collects faults with their places; what many devices take from the same default is told once, naming them. */
export class FaultList {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly source: YamlSource,
    private readonly file: string,
  ) {}

  /** `subject` names who is concerned where the place does not. */
  add(finding: Finding, subject?: string): void {
    const path = written(finding.path);
    const key = `${path}\n${finding.message}`;
    const known = this.entries.get(key);
    if (known !== undefined) {
      if (subject !== undefined) known.subjects.push(subject);
      return;
    }
    const place = this.source.placeOf(finding.path, finding.atKey === true ? 'key' : 'value');
    const fault = { file: this.file, ...place, path: path || 'the file', message: finding.message };
    this.entries.set(key, { fault, subjects: subject === undefined ? [] : [subject] });
  }

  /** In the order of the text. */
  all(): Fault[] {
    return [...this.entries.values()]
      .map(({ fault, subjects }) => ({ ...fault, message: fault.message + told(subjects) }))
      .sort((a, b) => a.line - b.line || a.column - b.column);
  }
}

/** `file:line:column path: what is wrong and what is allowed`. */
export const faultLine = ({ file, line, column, path, message }: Fault): string =>
  `${file}:${line}:${column} ${path}: ${message}`;
