import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

/** Changes whenever the solver would read the file differently. */
const VERSION = 13;
const FOLDER = 'features';
/** One file a signature, so that a scan's features stay right while a newer scan is being written beside it. */
const fileFor = (signature: string): string => `${signature.slice(0, 16)}.bin`;

/** What the features depend on. */
export const signatureOf = (manifestText: string, masks: unknown): string =>
  createHash('sha256')
    .update(`${VERSION}\n${JSON.stringify(masks)}\n${manifestText}`)
    .digest('hex');

type TypedArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;
const KINDS = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint16Array, Uint8Array };
type Kind = keyof typeof KINDS;

interface Stored {
  readonly $array: Kind;
  readonly at: number;
  readonly bytes: number;
}

const kindOf = (value: unknown): Kind | null => {
  const name = (Object.keys(KINDS) as Kind[]).find((kind) => value instanceof KINDS[kind]);
  return name ?? null;
};

/** One file: length of the head, JSON head in which typed arrays are places, then their bytes, each on an 8-byte boundary. */
const encode = (signature: string, content: object): Buffer => {
  const parts: Buffer[] = [];
  let at = 0;
  const head = JSON.stringify({ signature, content }, (_, value: unknown) => {
    const kind = kindOf(value);
    if (kind === null) return value;
    const array = value as TypedArray;
    const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    const stored: Stored = { $array: kind, at, bytes: bytes.length };
    const padding = Buffer.alloc((8 - (bytes.length % 8)) % 8);
    parts.push(bytes, padding);
    at += bytes.length + padding.length;
    return stored;
  });
  const text = Buffer.from(head);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, ...parts]);
};

const isStored = (value: unknown): value is Stored =>
  typeof value === 'object' && value !== null && '$array' in value;

const decode = <T>(data: Buffer): { signature: string; content: T } => {
  const headEnd = 4 + data.readUInt32LE(0);
  return JSON.parse(data.subarray(4, headEnd).toString('utf8'), (_, value: unknown) => {
    if (!isStored(value)) return value;
    const copy = Uint8Array.from(data.subarray(headEnd + value.at, headEnd + value.at + value.bytes));
    return new KINDS[value.$array](copy.buffer);
  }) as { signature: string; content: T };
};

/** Where features are kept, below the folder of their scan. */
export const featuresFile = (manifestText: string, masks: unknown): string =>
  `${FOLDER}/${fileFor(signatureOf(manifestText, masks))}`;

/** Writes atomically: other processes may read meanwhile. */
export async function writeFeatures(referenceDir: string, signature: string, content: object): Promise<void> {
  const dir = path.join(referenceDir, FOLDER);
  await mkdir(dir, { recursive: true });
  const temporary = path.join(dir, `.${fileFor(signature)}.${process.pid}`);
  await writeFile(temporary, encode(signature, content));
  await rename(temporary, path.join(dir, fileFor(signature)));
}

/** The features stored with this signature (the caller knows their type), else null: they are computed again. */
export async function readFeatures<T>(referenceDir: string, signature: string): Promise<T | null> {
  let data: Buffer;
  try {
    data = await readFile(path.join(referenceDir, FOLDER, fileFor(signature)));
  } catch {
    return null; // none yet
  }
  try {
    const stored = decode<T>(data);
    return stored.signature === signature ? stored.content : null;
  } catch {
    return null; // a damaged file counts as none
  }
}
