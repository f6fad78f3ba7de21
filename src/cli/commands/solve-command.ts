import type { Command } from 'commander';
import { adviceOf } from '../../monitor/text/verdict.js';
import { AppError } from '../../ports/app-error.js';
import { PRIMARY, type SolveAnswer } from '../../solve/model/answer.js';
import { EXIT, type Shell } from '../support/shell.js';
import { faultInWords } from '../support/tell-fault.js';
import { jsonLine, signedDeg } from '../support/words.js';

const answerInWords = (answer: SolveAnswer): string => {
  const advice = adviceOf(answer.verdict === 'ok' ? 'ok' : 'drifted', answer);
  return (
    `${answer.query}: yaw ${signedDeg(answer.yaw_offset)}, pitch ${signedDeg(answer.pitch_offset)}, ` +
    `roll ${signedDeg(answer.roll_offset)} — ${answer.verdict}, cause ${answer.cause}` +
    (answer.layer === PRIMARY ? '' : `, by layer ${answer.layer}`) +
    (advice === '' ? '' : `. ${advice}`)
  );
};

const inWords = (answer: SolveAnswer): string =>
  answer.success ? answerInWords(answer) : `${answer.query}: refused — ${answer.failure_log}`;

interface Options {
  readonly reference: string;
  readonly query: string[];
  readonly json?: true;
  readonly threshold: number;
}

const tell = (shell: Shell, options: Options, answer: SolveAnswer): void =>
  shell.out(options.json ? jsonLine(answer) : `${inWords(answer)}\n`);

const positive = (text: string): number => {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new AppError(
    'bad_argument',
    `--threshold ${text} is not a number of degrees above 0.`,
    'Give e.g. 0.5.',
  );
};

/**
 * Tells every answer in the order of the queries. One that cannot be used is told by its fault and leaves the others theirs; the
 * same fault twice is the reference's, and ends it.
 */
const tellAll = async (
  shell: Shell,
  options: Options,
  solve: (queryDir: string) => Promise<SolveAnswer>,
): Promise<number> => {
  const told = new Set<string>();
  const queue = [...options.query];
  const settle = async (answer: Promise<SolveAnswer>): Promise<boolean> => {
    try {
      tell(shell, options, await answer);
      return true;
    } catch (fault) {
      if (!(fault instanceof AppError) || fault.code !== 'unusable_input') throw fault;
      if (told.has(fault.message)) queue.length = 0;
      else shell.err(faultInWords(fault));
      told.add(fault.message);
      return false;
    }
  };
  // The first that can be used computes and keeps the features; the others are then under way at once.
  let isReady = false;
  while (!isReady && queue.length > 0) isReady = await settle(solve(queue.shift()!));
  const answers = queue.map(solve);
  // A fault of a later one must wait for its turn, not crash the process.
  for (const answer of answers) answer.catch(() => undefined);
  for (const answer of answers) await settle(answer);
  return told.size === 0 ? EXIT.ok : EXIT.unusable;
};

/** The offline solver: local folders in, one answer a line out, in order; no settings, no network. */
export function solveCommand(program: Command, shell: Shell): void {
  program
    .command('solve')
    .description('measure local query folders against a local reference folder, offline')
    .requiredOption('--reference <dir>', 'folder of the reference scan: manifest.json and images/')
    .requiredOption('--query <dir...>', 'folder of a query: manifest.json and its frames; may be repeated')
    .option('--threshold <deg>', 'offsets beyond it are told as drifted', positive, 0.5)
    .option('--json', 'print one JSON object a line and query')
    .addHelpText('after', '\nExample:\n  calib solve --reference DIR --query DIR --query DIR --json')
    .action(async (options: Options) => {
      const solver = shell.openSolver();
      try {
        const solve = (queryDir: string): Promise<SolveAnswer> =>
          solver.solve(
            { referenceDir: options.reference, queryDir, thresholdDeg: options.threshold, masks: [] },
            shell.signal,
          );
        shell.exitCode = await tellAll(shell, options, solve);
      } finally {
        await solver.close();
      }
    });
}
