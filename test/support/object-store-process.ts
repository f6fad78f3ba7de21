/** A process that uses a file store: `ROOT race KEY NAME COUNT`, `ROOT fill KEY NAME BYTES` `ROOT hold` or `ROOT endless`. */
import process from 'node:process';
import path from 'node:path';
import { createFileObjectStore } from '../../src/adapters/local/file-object-store.js';
import { AppError } from '../../src/ports/app-error.js';
import { ProcessLock } from '../../src/adapters/local/process-lock.js';

const [root = '', task = '', key = '', name = '', count = '0'] = process.argv.slice(2);
const store = createFileObjectStore({ rootDir: root });

/** Creates COUNT objects if absent, then adds COUNT times to a counter by ifMatch; prints what it won. */
const race = async (): Promise<void> => {
  const won: number[] = [];
  for (let index = 0; index < Number(count); index++) {
    const etag = await store.put(`${key}/${index}`, Buffer.from(name), { ifAbsent: true });
    if (etag !== null) won.push(index);
  }
  for (let added = 0; added < Number(count);) {
    const { body, etag } = (await store.get(`${key}/counter`))!;
    const more = Buffer.from(String(Number(body.toString()) + 1));
    if ((await store.put(`${key}/counter`, more, { ifMatch: etag })) !== null) added++;
  }
  console.log(JSON.stringify(won));
};

/** Takes the store's lock and keeps it until killed. */
const hold = (): Promise<void> =>
  new ProcessLock(path.join(root, '.calib-lock'), 5000).run(async () => {
    console.log('holding');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });

/** Writes one object; prints the fault. */
const fill = async (): Promise<void> => {
  try {
    await store.put(key, Buffer.alloc(Number(count), name));
    console.log('written');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    console.log(error.code, error.message);
  }
};

/** Writes until killed. */
const endless = async (): Promise<void> => {
  console.log('writing');
  for (;;) await store.put('a', Buffer.alloc(50_000_000));
};

const tasks: Record<string, () => Promise<void>> = { race, fill, hold, endless };
await tasks[task]?.();
