import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createFileObjectStore } from '../../../src/adapters/local/file-object-store.js';
import { describeSelf } from '../../../src/adapters/local/process-holder.js';
import { ProcessLock } from '../../../src/adapters/local/process-lock.js';
import { objectStoreContract } from '../../contracts/object-store.js';
import { createMemoryObjectStore } from '../../../src/adapters/local/memory-object-store.js';
import { startOwnProcess } from '../../support/own-process.js';

const made: string[] = [];
const newRoot = async (): Promise<string> => {
  const dir = await mkdtemp(path.join(tmpdir(), 'object-store-'));
  made.push(dir);
  return dir;
};
afterAll(() => Promise.all(made.map((dir) => rm(dir, { recursive: true, force: true }))));

objectStoreContract('memory', async () => createMemoryObjectStore());
objectStoreContract('files', async () => createFileObjectStore({ rootDir: await newRoot() }));

const OTHER = new URL('../../support/object-store-process.js', import.meta.url);

describe('file object store', () => {
  it.each([
    ['..', '../out', 'a/../../out', '/etc/passwd', 'a//b', 'a/', '.', ''],
    ['a\0b', 'a\nb', 'a\\b', 'a:b', 'who?', 'a\ud800b', 'x'.repeat(256), 'ab/'.repeat(400) + 'a'],
    ['.calib-lock/turn-1', 'a/.calib-tmp-1'],
  ])('refuses keys like %j', async (...keys) => {
    const root = await newRoot();
    const store = createFileObjectStore({ rootDir: path.join(root, 'inner') });
    for (const key of keys) {
      const refusal = { name: 'AppError', code: 'store_key_invalid' };
      await expect(store.put(key, Buffer.from('x'))).rejects.toMatchObject(refusal);
      await expect(store.get(key)).rejects.toMatchObject(refusal);
      await expect(store.delete(key)).rejects.toMatchObject(refusal);
    }
    await expect(store.list('../')).rejects.toMatchObject({ code: 'store_key_invalid' });
    expect(await readdir(root)).toEqual([]);
  });

  it('keeps names with blanks, accents and per cent signs, and names their place as a file URL', async () => {
    const root = await newRoot();
    const store = createFileObjectStore({ rootDir: root });
    const key = 'Zürich Süd/mast 100%/#1.json';
    await store.put(key, Buffer.from('x'));
    expect(await store.list('Zürich')).toEqual([key]);
    expect(fileURLToPath(store.locationOf(key))).toBe(path.join(root, key));
  });

  it('clears at its next write what killed writers have left, and nothing of those that live', async () => {
    const root = await newRoot();
    const dir = path.join(root, '.calib-tmp');
    const { world, pid, startedAt } = await describeSelf();
    const left = {
      mine: `${world}-${pid}-${startedAt}-a`,
      killed: `${world}-${pid}-1-b`,
      elsewhere: `0123456789abcdef-${pid}-1-c`,
      elsewhereLongAgo: `0123456789abcdef-${pid}-1-d`,
    };
    await mkdir(dir, { recursive: true });
    for (const name of Object.values(left)) await writeFile(path.join(dir, name), 'half');
    await utimes(path.join(dir, left.elsewhereLongAgo), 1, 1);
    const store = createFileObjectStore({ rootDir: root });
    await store.put('a/one', Buffer.from('1'));
    expect(await store.list('')).toEqual(['a/one']);
    expect((await readdir(dir)).sort()).toEqual([left.mine, left.elsewhere].sort());
    expect(await readdir(path.join(root, 'a'))).toEqual(['one']);
  });

  it('keeps no half of an object whose writer was killed', async () => {
    const root = await newRoot();
    const writer = startOwnProcess(OTHER, [root, 'endless']);
    await writer.line(/writing/);
    const dir = path.join(root, '.calib-tmp');
    while ((await readdir(dir).catch(() => [])).length === 0) await sleep(1);
    writer.child.kill('SIGKILL');
    await writer.ended;
    const store = createFileObjectStore({ rootDir: root });
    await store.put('b', Buffer.from('x'));
    expect(await readdir(dir)).toEqual([]);
  });

  it('lets exactly one of two processes win each write and loses none', async () => {
    const root = await newRoot();
    await createFileObjectStore({ rootDir: root }).put('k/counter', Buffer.from('0'));
    const both = ['a', 'b'].map((name) => startOwnProcess(OTHER, [root, 'race', 'k', name, '25']));
    const ended = await Promise.all(both.map(({ ended }) => ended));
    expect(ended.map(({ stderr }) => stderr)).toEqual(['', '']);
    const won = ended.map(({ stdout }) => JSON.parse(stdout) as number[]);
    expect(won.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index));
    const counter = await createFileObjectStore({ rootDir: root }).get('k/counter');
    expect(counter?.body.toString()).toBe('50');
  });

  it('waits for a process that holds the store, and passes over it once it was killed', async () => {
    const root = await newRoot();
    const holder = startOwnProcess(OTHER, [root, 'hold']);
    await holder.line(/holding/);
    const waiting = createFileObjectStore({ rootDir: root }).put('a', Buffer.from('x'));
    const early = await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))]);
    expect(early).toBe('waits');
    holder.child.kill('SIGKILL');
    await holder.ended;
    expect(await waiting).not.toBeNull();
  });

  it('gives up after its wait, or when told to, while another holds the store', async () => {
    const root = await newRoot();
    const dir = path.join(root, 'lock');
    let release = (): void => undefined;
    let begun: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const held = new ProcessLock(dir, 1000).run(() => {
      begun();
      return new Promise<void>((resolve) => (release = resolve));
    });
    await hasBegun;
    const other = new ProcessLock(dir, 100);
    await expect(other.run(async () => 1)).rejects.toMatchObject({ code: 'store_busy' });
    await expect(other.run(async () => 1, AbortSignal.timeout(20))).rejects.toThrow(/abort/i);
    release();
    await held;
    expect(await other.run(async () => 2)).toBe(2);
  });

  it('passes over a holder whose pid another process has now, and one of another host after a while', async () => {
    const dir = await newRoot();
    const lock = new ProcessLock(dir, 100);
    const self = await lock.run(() => readFile(path.join(dir, 'turn-1'), 'utf8'));
    const holder = JSON.parse(self) as { world: string; pid: number; startedAt: string };
    await writeFile(path.join(dir, 'turn-2'), JSON.stringify({ ...holder, startedAt: '1' }));
    expect(await lock.run(async () => 'free')).toBe('free');
    await writeFile(path.join(dir, 'turn-4'), JSON.stringify({ ...holder, world: 'elsewhere' }));
    await expect(lock.run(async () => 1)).rejects.toMatchObject({ code: 'store_busy' });
    await utimes(path.join(dir, 'turn-4'), 1, 1);
    expect(await lock.run(async () => 'free')).toBe('free');
  });

  it('says that there is no room, and leaves nothing of the object behind', async () => {
    const root = await newRoot();
    const limited = startOwnProcess(OTHER, [root, 'fill', 'a/b', 'x', '5000000'], { fileLimitKb: 1000 });
    expect((await limited.ended).stdout).toMatch(/^store_full .*a\/b: the file exceeds the size limit/);
    expect(await readdir(path.join(root, 'a'))).toEqual([]);
  });

  it('says when it may not write', async () => {
    const store = createFileObjectStore({ rootDir: '/sys/calibration' });
    const refused = { name: 'AppError', code: 'store_forbidden' };
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject(refused);
  });
});
