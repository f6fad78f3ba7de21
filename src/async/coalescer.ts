interface Entry {
  next: (() => Promise<void>) | null;
  done: Promise<void>;
}

/**
 * Runs one task per key at a time. However many calls come while it runs, one more run follows, of the latest call's task;
 * all of them resolve after that run.
 */
export class Coalescer<Key> {
  private readonly running = new Map<Key, Entry>();

  run(key: Key, task: () => Promise<void>): Promise<void> {
    const running = this.running.get(key);
    if (running !== undefined) {
      running.next = task;
      return running.done;
    }
    const entry: Entry = { next: task, done: Promise.resolve() };
    this.running.set(key, entry);
    entry.done = this.work(key, entry);
    return entry.done;
  }

  /** Resolves when nothing runs any more, for one key or for all. */
  async settled(key?: Key): Promise<void> {
    if (key !== undefined) await this.running.get(key)?.done;
    else while (this.running.size > 0) await Promise.all([...this.running.values()].map(({ done }) => done));
  }

  private async work(key: Key, entry: Entry): Promise<void> {
    try {
      for (let task = entry.next; task !== null; task = entry.next) {
        entry.next = null;
        await task();
      }
    } finally {
      this.running.delete(key);
    }
  }
}
