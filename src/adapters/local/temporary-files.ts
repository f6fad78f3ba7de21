import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { describeSelf, isAlive, nullIfAbsent, type Holder } from './process-holder.js';

/** A file whose writer cannot be looked up was left by one that died when it is this old. */
const ABANDONED_MS = 3_600_000;
const NAME = /^(\w+)-(\d+)-(\d*)-[\w-]+$/;

const holderIn = (name: string): Holder | null => {
  const [, world = '', pid = '', startedAt = ''] = NAME.exec(name) ?? [];
  return world === '' ? null : { world, pid: Number(pid), startedAt };
};

/** Files on their way into the store, in a folder of their own and named for who writes them, so that none is left behind. */
export class TemporaryFiles {
  private self: Holder | null = null;

  constructor(private readonly dir: string) {}

  /** Writes the content durably and returns the file; leftovers of dead writers are removed first. */
  async write(body: Buffer): Promise<string> {
    this.self ??= await describeSelf();
    await mkdir(this.dir, { recursive: true });
    await this.clear(this.self);
    const { world, pid, startedAt } = this.self;
    const file = path.join(this.dir, `${world}-${pid}-${startedAt}-${randomUUID()}`);
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(body);
      await handle.sync();
    } catch (error) {
      await unlink(file);
      throw error;
    } finally {
      await handle.close();
    }
    return file;
  }

  private async clear(self: Holder): Promise<void> {
    for (const name of await readdir(this.dir)) {
      const file = path.join(this.dir, name);
      if (await this.isAbandoned(name, file, self)) await unlink(file).catch(nullIfAbsent);
    }
  }

  private async isAbandoned(name: string, file: string, self: Holder): Promise<boolean> {
    const writer = holderIn(name);
    const lives = writer === null ? null : await isAlive(writer, self);
    if (lives !== null) return !lives;
    const found = await stat(file).catch(nullIfAbsent);
    return found !== null && Date.now() - found.mtimeMs > ABANDONED_MS;
  }
}
