import { describe, expect, it } from '@jest/globals';
import type { CalibrationSolver } from '../../../src/ports/calibration-solver.js';
import { AppError } from '../../../src/ports/app-error.js';
import type { SolveAnswer } from '../../../src/solve/model/answer.js';
import { fakeReport } from '../../fakes/fake-product.js';
import { runCli, type Said } from '../run-cli.js';

const answerFor = (query: string): SolveAnswer => ({
  query,
  success: false,
  verdict: 'refused',
  yaw_offset: null,
  pitch_offset: null,
  roll_offset: null,
  sigma: null,
  zoom_scale: null,
  inliers: 0,
  matches: 0,
  log10_nfa: null,
  layer: null,
  lens: null,
  head: null,
  cause: 'unclear',
  captures: [],
  solve_ms: 1,
  failure_log: 'too dark',
});

const solver = (closed: () => void): CalibrationSolver => ({
  featuresFile: () => 'features/v1.bin',
  prepareReference: async () => fakeReport(true),
  prepareLayer: async () => {
    throw new Error('nobody asked for a layer');
  },
  // Query a takes longest: answers must still come in order.
  solve: async ({ queryDir }) => {
    await new Promise((resolve) => setTimeout(resolve, queryDir === 'a' ? 20 : 0));
    const unusable = queryDir.startsWith('orphan') ? 'r' : queryDir;
    if (/^(broken|orphan)/.test(queryDir))
      throw new AppError('unusable_input', `${unusable} has no manifest.`, 'Give one.');
    return answerFor(queryDir);
  },
  measureFieldOfView: async () => {
    throw new Error('nobody asked for a field of view');
  },
  close: async () => closed(),
});

const run = async (...args: readonly string[]): Promise<Said & { solverClosed: number }> => {
  let solverClosed = 0;
  const openSolver = (): CalibrationSolver => solver(() => void solverClosed++);
  const said = await runCli(['solve', '--reference', 'r', ...args], {}, { openSolver });
  return { ...said, solverClosed };
};

describe('calib solve', () => {
  it('prints one object a line, in the order of the queries', async () => {
    const { code, lines, solverClosed } = await run(
      '--query',
      'first',
      '--query',
      'a',
      '--query',
      'b',
      '--json',
    );
    expect(lines.map((line) => (JSON.parse(line) as SolveAnswer).query)).toEqual(['first', 'a', 'b']);
    expect({ code, solverClosed }).toEqual({ code: 0, solverClosed: 1 });
  });

  it('says a refusal in words', async () => {
    expect(await run('--query', 'a')).toMatchObject({ code: 0, out: 'a: refused — too dark\n' });
  });

  it('exits with 2 for an unusable folder, after the answers before it', async () => {
    const said = await run('--query', 'a', 'broken', '--json');
    expect(said).toMatchObject({ code: 2, err: 'broken has no manifest. Give one.\n', solverClosed: 1 });
    expect(said.lines).toHaveLength(1);
  });

  it('answers good queries before and after an unusable one', async () => {
    const said = await run('--query', 'broken', 'a', 'broken-too', 'b', '--json');
    expect(said.lines.map((line) => (JSON.parse(line) as SolveAnswer).query)).toEqual(['a', 'b']);
    expect(said).toMatchObject({
      ...{ code: 2, solverClosed: 1 },
      err: 'broken has no manifest. Give one.\nbroken-too has no manifest. Give one.\n',
    });
  });

  it('tells a fault of the reference once, however many queries there are', async () => {
    const said = await run('--query', 'orphan-1', 'orphan-2', 'orphan-3', '--json');
    expect(said).toMatchObject({ code: 2, lines: [], err: 'r has no manifest. Give one.\n' });
  });

  it('refuses a threshold that is none', async () => {
    expect(await run('--query', 'a', '--threshold', '0')).toMatchObject({ code: 2, solverClosed: 0 });
  });
});
