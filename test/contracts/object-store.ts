import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectStore } from '../../src/ports/object-store.js';

/** The contract of every object store; `create` returns an empty one. */
export const objectStoreContract = (name: string, create: () => Promise<ObjectStore>): void => {
  describe(`object store: ${name}`, () => {
    const key = 'site-a/north-mast/query_scan/2026-01-31T14-00-05.123Z/result.json';
    let store: ObjectStore;
    const text = async (of: string): Promise<string | undefined> => (await store.get(of))?.body.toString();
    beforeEach(async () => {
      store = await create();
    });

    it('returns the bytes that were put, with the etag that put returned', async () => {
      const body = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      const etag = await store.put(key, body);
      expect(await store.get(key)).toEqual({ body, etag });
    });

    it('keeps an empty object', async () => {
      await store.put(key, Buffer.alloc(0));
      expect((await store.get(key))?.body).toHaveLength(0);
    });

    it('returns null for a missing key, also above and below an object', async () => {
      await store.put(key, Buffer.from('x'));
      expect(await store.get('site-b/none')).toBeNull();
      expect(await store.get('site-a/north-mast')).toBeNull();
      expect(await store.get(`${key}/below`)).toBeNull();
    });

    it('changes the etag with every write, even of the same bytes', async () => {
      const etags = [];
      for (let write = 0; write < 5; write++) etags.push(await store.put(key, Buffer.from('same')));
      expect(new Set(etags).size).toBe(5);
      expect(etags).not.toContain(null);
    });

    it('writes with ifAbsent only to a missing key', async () => {
      expect(await store.put(key, Buffer.from('first'), { ifAbsent: true })).not.toBeNull();
      expect(await store.put(key, Buffer.from('second'), { ifAbsent: true })).toBeNull();
      expect(await text(key)).toBe('first');
      await store.delete(key);
      expect(await store.put(key, Buffer.from('third'), { ifAbsent: true })).not.toBeNull();
    });

    it('writes with ifMatch only over that version', async () => {
      const first = (await store.put(key, Buffer.from('1')))!;
      const second = await store.put(key, Buffer.from('2'), { ifMatch: first });
      expect(second).not.toBeNull();
      expect(await store.put(key, Buffer.from('3'), { ifMatch: first })).toBeNull();
      expect(await store.get(key)).toEqual({ body: Buffer.from('2'), etag: second });
    });

    it('does not write with ifMatch to a missing key', async () => {
      const etag = (await store.put(key, Buffer.from('1')))!;
      await store.delete(key);
      expect(await store.put(key, Buffer.from('2'), { ifMatch: etag })).toBeNull();
      expect(await store.get(key)).toBeNull();
    });

    it('lets exactly one of many concurrent writers create an object', async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.put(key, Buffer.from(`${index}`), { ifAbsent: true })),
      );
      const winners = answers.flatMap((etag, index) => (etag === null ? [] : [`${index}`]));
      expect(winners).toEqual([await text(key)]);
    });

    it('lists the keys below a prefix, sorted', async () => {
      const keys = ['a/b/2.jpg', 'a/b/10.jpg', 'a/c', 'ab/d', 'b'];
      for (const each of keys) await store.put(each, Buffer.from(each));
      expect(await store.list('')).toEqual(['a/b/10.jpg', 'a/b/2.jpg', 'a/c', 'ab/d', 'b']);
      expect(await store.list('a/')).toEqual(['a/b/10.jpg', 'a/b/2.jpg', 'a/c']);
      expect(await store.list('a/b/1')).toEqual(['a/b/10.jpg']);
      expect(await store.list('none/')).toEqual([]);
    });

    it('deletes, also a missing key', async () => {
      await store.put(key, Buffer.from('x'));
      await store.delete(key);
      await store.delete(key);
      await store.delete('never/was');
      expect(await store.get(key)).toBeNull();
      expect(await store.list('')).toEqual([]);
    });

    it('names the place of an object as a URL that ends with its key', () => {
      expect(store.locationOf(key)).toMatch(new RegExp(`^[a-z0-9]+://.*/${key.replaceAll('.', '\\.')}$`));
    });

    it('does nothing once the signal is aborted', async () => {
      const signal = AbortSignal.abort(new Error('stop'));
      await expect(store.put(key, Buffer.from('x'), undefined, signal)).rejects.toThrow('stop');
      await expect(store.get(key, signal)).rejects.toThrow('stop');
      await expect(store.list('', signal)).rejects.toThrow('stop');
      await expect(store.delete(key, signal)).rejects.toThrow('stop');
      expect(await store.get(key)).toBeNull();
    });
  });
};
