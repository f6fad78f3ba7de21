/** Keys use `/`; see the object layout in docs. Every store passes test/contracts/object-store.ts. */
export interface ObjectStore {
  /** Where `key` lies, as people name it: `s3://bucket/key` or a `file://` URL. */
  locationOf(key: string): string;
  /** Null when there is none. `etag` changes with every write. */
  get(key: string, signal?: AbortSignal): Promise<{ body: Buffer; etag: string } | null>;
  /** Writes whole or not at all. With a condition not met it writes nothing and answers null, else the new etag. */
  put(
    key: string,
    body: Buffer,
    condition?: { ifAbsent: true } | { ifMatch: string },
    signal?: AbortSignal,
  ): Promise<string | null>;
  /** All keys below the prefix, sorted. */
  list(prefix: string, signal?: AbortSignal): Promise<string[]>;
  /** Deleting what is not there is no fault. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
}
