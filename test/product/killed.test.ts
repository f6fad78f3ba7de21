import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cp, readdir } from 'node:fs/promises';
import path from 'node:path';
import { processesIn } from '../support/processes.js';
import { startTrial, until, type Said, type Trial } from './trial-site.js';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial([
    [-12, -4, 1],
    [12, -4, 1],
  ]);
  expect((await trial.calib(['reference', 'mast'])).code).toBe(0);
}, 120_000);
afterAll(() => trial.close());

const inSpool = (file: string): boolean => trial.spooled().some((name) => path.basename(name) === file);
const isAway = (): boolean => !trial.isHome();
const isSolving = (): boolean =>
  inSpool('manifest.json') && processesIn(trial.dir).some((line) => line.includes('solver-worker'));
const queries = (): string[] => trial.stored().filter((file) => file.includes('query_scan'));

/** Starts a check, kills it as soon as `isThere`, and answers how many processes worked for it then. */
const killedAt = async (args: readonly string[], isThere: () => boolean): Promise<number> => {
  const { child, ended } = trial.start(['check', 'mast', ...args]);
  await until(isThere);
  const { length } = processesIn(trial.dir);
  child.kill('SIGKILL');
  await ended;
  await until(() => processesIn(trial.dir).length === 0, 2_000);
  return length;
};

/** The cheapest command that finishes what earlier ones left; nothing else is to be done. */
const restart = (): Promise<Said> => trial.calib(['reference', '--missing']);

/** What must hold after the restart: rows as expected, each with all its files, nothing left over, the camera back. */
const expectWhole = async (rows: number, frames: number | null): Promise<void> => {
  const table = await trial.rows();
  expect(table).toHaveLength(rows);
  expect(trial.spooled()).toEqual([]);
  expect(trial.isHome()).toBe(true);
  const last = table.at(-1)!;
  const prefix = last.files_location.split('/store/')[1]!;
  const files = queries().filter((file) => file.startsWith(prefix));
  const pictures = Array.from({ length: frames ?? 0 }, (_, index) => `000${index}.jpg`);
  const expected =
    frames === null ? ['result.json'] : [...pictures, 'manifest.json', 'overlay.jpg', 'result.json'];
  expect(files.map((file) => path.basename(file))).toEqual(expected);
  expect(last.success).toBe(frames !== null);
};

describe('a check that is killed', () => {
  it('while it waits for its picture becomes a row that says so', async () => {
    expect(await killedAt(['--passive'], () => inSpool('check.json'))).toBeGreaterThan(0);
    const { err, code } = await restart();
    expect(err).toBe(
      'From an earlier run: ⚠️ pier/mast: not measured: The program stopped while it was capturing the camera. ' +
        'No action needed: the next check measures the camera again.\nEvery camera has a reference.\n',
    );
    expect(code).toBe(0);
    await expectWhole(1, null);
  }, 120_000);

  it('while the camera is away leaves no process, and the camera is put back', async () => {
    await killedAt(['--active'], isAway);
    const { err } = await restart();
    expect(err).toMatch(
      /^info: pier\/mast: returned to where an earlier run had moved it from\.\nFrom an earlier run: ⚠️/,
    );
    await expectWhole(2, null);
  }, 120_000);

  it('while it is solved is measured after all, from the pictures it had taken', async () => {
    await killedAt(['--active'], isSolving);
    expect((await restart()).err).toMatch(/^From an earlier run: ✅ pier\/mast: yaw/);
    await expectWhole(3, 2);
  }, 120_000);

  it('between its result and its upload is uploaded', async () => {
    await killedAt(['--passive'], () => inSpool('result.json'));
    await restart();
    await expectWhole(4, 1);
  }, 120_000);

  it('during its upload is uploaded whole, with one row', async () => {
    const before = queries().length;
    await killedAt(['--passive'], () => queries().length > before);
    await restart();
    await expectWhole(5, 1);
  }, 120_000);

  it('between its row and the end has one row, whatever was left of its folder', async () => {
    const folder = path.join(trial.dir, 'spool/pier/mast');
    const kept = path.join(trial.dir, 'kept');
    const { child, ended } = trial.start(['check', 'mast', '--passive']);
    await until(() => inSpool('result.json'));
    await cp(folder, kept, { recursive: true });
    expect((await ended).code).toBe(0);
    expect(child.exitCode).toBe(0);
    // As if it had been killed then: all of the folder is there again …
    await cp(kept, folder, { recursive: true });
    await restart();
    await expectWhole(6, 1);
    // … or what a kill amid its removal leaves.
    const [name] = await readdir(kept);
    await cp(path.join(kept, name!, 'check.json'), path.join(folder, `${name}.done`, 'check.json'));
    expect((await restart()).err).toBe('Every camera has a reference.\n');
    await expectWhole(6, 1);
  }, 120_000);
});
