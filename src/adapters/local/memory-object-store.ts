import type { ObjectStore } from '../../ports/object-store.js';

/** Keeps objects in memory; passes the same contract as the real stores. */
export const createMemoryObjectStore = (): ObjectStore => {
  const objects = new Map<string, { body: Buffer; etag: string }>();
  let writes = 0;
  const holds = (key: string, condition?: { ifAbsent: true } | { ifMatch: string }): boolean => {
    if (condition === undefined) return true;
    const current = objects.get(key);
    return 'ifAbsent' in condition ? current === undefined : current?.etag === condition.ifMatch;
  };
  return {
    locationOf: (key) => `memory://store/${key}`,
    get: async (key, signal) => {
      signal?.throwIfAborted();
      const found = objects.get(key);
      return found === undefined ? null : { body: Buffer.from(found.body), etag: found.etag };
    },
    put: async (key, body, condition, signal) => {
      signal?.throwIfAborted();
      if (!holds(key, condition)) return null;
      const etag = `etag-${++writes}`;
      objects.set(key, { body: Buffer.from(body), etag });
      return etag;
    },
    list: async (prefix, signal) => {
      signal?.throwIfAborted();
      return [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
    delete: async (key, signal) => {
      signal?.throwIfAborted();
      objects.delete(key);
    },
  };
};
