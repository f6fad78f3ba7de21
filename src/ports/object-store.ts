/** Keys use `/`; see the object layout in docs. Every store passes test/contracts/object-store.ts. */
export interface ObjectStore {
  /** The location of `key` for people: `s3://bucket/key` or a `file://` URL. */
  locationOf(key: string): string;
  /** Null when there is none. `etag` changes with every write. */
  get(key: string, signal?: AbortSignal): Promise<{ body: Buffer; etag: string } | null>;
  /** Writes whole or not at all; returns the new etag. If the condition is not met, writes nothing and returns null. */
  put(
    key: string,
    body: Buffer,
    condition?: { ifAbsent: true } | { ifMatch: string },
    signal?: AbortSignal,
  ): Promise<string | null>;
  /** All keys below the prefix, sorted. */
  list(prefix: string, signal?: AbortSignal): Promise<string[]>;
  /** Deleting a missing key is no fault. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
}
