import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJournals, writeJournal } from '../../src/capture/spool/position-journal.js';
import type { PtzPosition } from '../../src/ports/telemetry.js';
import { fastClock, grabbersOf, HOME, never, type Setup, startSetup, until } from './site-setup.js';

const STOP: PtzPosition = { panDeg: -60, tiltDeg: 0, zoom: 1 };
const CHILD = fileURLToPath(new URL('./capture-child.js', import.meta.url));

let setup: Setup;

beforeAll(async () => {
  setup = await startSetup();
});
afterAll(() => setup.close());
beforeEach(() => setup.camera.moveTo(HOME, performance.now() - 1_000));

const isAt = ({ panDeg, tiltDeg, zoom }: PtzPosition): boolean => {
  const now = setup.positionNow();
  return [now.panDeg - panDeg, now.tiltDeg - tiltDeg, now.zoom - zoom].every((far) => Math.abs(far) < 0.01);
};
const restore = () =>
  setup.connections([setup.device()], fastClock(4)).restoreCameras((_camera, work) => work(never()), never());
const journal = { deploymentName: 'site-a', cameraName: 'north', home: HOME, sentTo: STOP, sentFrom: HOME };
const camera = { deploymentName: 'site-a', cameraName: 'north' };

/** The product in a process of its own, capturing actively; `limit` is a shell's limit on it. */
const startChild = async (dir: string, limit = ''): Promise<ChildProcess> => {
  await mkdir(dir, { recursive: true });
  const device = setup.device({ activeStops: [STOP] });
  const plan = { device, mqttPort: setup.site.mqttPort, spoolDir: setup.spoolDir, dir };
  const command = `${limit} exec "$0" --no-warnings "$1" "$2"`;
  return spawn('sh', ['-c', command, process.execPath, CHILD, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
};

describe('a capture that is killed', () => {
  it('leaves no process behind, and the next start puts the camera back', async () => {
    const child = await startChild(path.join(setup.dir, 'killed'));
    await until(() => isAt(STOP) && grabbersOf(setup.site.cameras[0]!.rtspPort).length > 0, 15_000);
    child.kill('SIGKILL');
    await once(child, 'close');
    await until(() => grabbersOf(setup.site.cameras[0]!.rtspPort).length === 0, 1_000);
    expect(isAt(STOP)).toBe(true);
    expect((await readJournals(setup.spoolDir)).positions).toEqual([journal]);
    expect(await restore()).toEqual([{ camera, outcome: 'restored' }]);
    expect(isAt(HOME)).toBe(true);
    expect(await restore()).toEqual([]);
  });

  it('is told from one whose camera stands at home already, or has been taken over', async () => {
    await writeJournal(setup.spoolDir, journal);
    expect(await restore()).toEqual([{ camera, outcome: 'already_there' }]);
    setup.camera.moveTo({ panDeg: 99, tiltDeg: 9, zoom: 9 }, performance.now());
    await writeJournal(setup.spoolDir, journal);
    expect(await restore()).toEqual([{ camera, outcome: 'taken_over' }]);
    expect(isAt({ panDeg: 99, tiltDeg: 9, zoom: 9 })).toBe(true);
  });

  it('is finished also when it died before the command, or while the head was on its way', async () => {
    const sentFrom = { panDeg: 50, tiltDeg: 5, zoom: 1 };
    for (const target of [sentFrom, STOP]) {
      setup.camera.moveTo(sentFrom, performance.now() - 1_000);
      setup.camera.moveTo(target, performance.now());
      await writeJournal(setup.spoolDir, { ...journal, sentFrom });
      expect(await restore()).toEqual([{ camera, outcome: 'restored' }]);
      expect(isAt(HOME)).toBe(true);
    }
  });

  it('is kept for the next start when the camera cannot be driven now, and told when nobody knows it', async () => {
    await writeJournal(setup.spoolDir, journal);
    await writeJournal(setup.spoolDir, { ...journal, cameraName: 'gone' });
    await writeFile(path.join(setup.spoolDir, 'restore/broken.json'), '{');
    setup.camera.moveTo(STOP, performance.now() - 1_000);
    setup.site.setFault(0, { protocol: 'onvif', kind: 'refuseMove' });
    const told = await restore();
    expect(
      told.map(({ camera: name, outcome }) => [name?.cameraName, (outcome as { code: string }).code]),
    ).toEqual(
      expect.arrayContaining([
        ['north', 'camera_not_restored'],
        ['gone', 'camera_not_restored'],
        [undefined, 'journal_damaged'],
      ]),
    );
    setup.site.setFault(0, null);
    expect(await restore()).toContainEqual({ camera, outcome: 'restored' });
    expect(isAt(HOME)).toBe(true);
  });
});

describe('a spool without room', () => {
  it('is told as such, and the camera is put back', async () => {
    const dir = path.join(setup.dir, 'full');
    // Files of at most two blocks of 512 bytes: the journal fits, a picture does not.
    const child = await startChild(dir, 'ulimit -f 2;');
    let said = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(child, 'close');
    expect(said.trim()).toBe('disk_full');
    expect(await readdir(dir)).toEqual([]);
    expect(isAt(HOME)).toBe(true);
  });
});
