import { describe, expect, it } from '@jest/globals';
import { buildProgram } from '../../src/cli/program.js';
import type { Shell } from '../../src/cli/shell.js';
import type { CalibrationSolver } from '../../src/ports/calibration-solver.js';
import type { SolveAnswer } from '../../src/solve/answer.js';

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
  lens: null,
  cause: 'unclear',
  captures: [],
  solve_ms: 1,
  failure_log: 'too dark',
});

const run = async (args: readonly string[]): Promise<{ out: string; closed: boolean }> => {
  const said = { out: '', closed: false };
  const solver: CalibrationSolver = {
    prepareReference: () =>
      Promise.resolve({ usable: true, faults: [], stops: [], landmarks: 0, residualPx: null, lens: [] }),
    // The first query takes longest: answers must still come in order.
    solve: async ({ queryDir }) => {
      await new Promise((resolve) => setTimeout(resolve, queryDir === 'a' ? 20 : 0));
      return answerFor(queryDir);
    },
    close: () => {
      said.closed = true;
      return Promise.resolve();
    },
  };
  const shell: Shell = {
    out: (text) => void (said.out += text),
    err: () => undefined,
    openSolver: () => solver,
    signal: new AbortController().signal,
    exitCode: -1,
  };
  await buildProgram(shell).parseAsync(['node', 'calib', ...args]);
  expect(shell.exitCode).toBe(0);
  return said;
};

describe('calib solve', () => {
  it('prints one object a line, in the order of the queries', async () => {
    const { out, closed } = await run([
      'solve',
      '--reference',
      'r',
      '--query',
      'a',
      '--query',
      'b',
      '--json',
    ]);
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as SolveAnswer).query)).toEqual(['a', 'b']);
    expect(closed).toBe(true);
  });

  it('says a refusal in words', async () => {
    expect((await run(['solve', '--reference', 'r', '--query', 'a'])).out).toBe('a: refused — too dark\n');
  });
});
