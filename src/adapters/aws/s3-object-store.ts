import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { awsNameOf, awsStatusOf, callAws } from './aws-errors.js';
import { checkKey } from '../local/object-key.js';
import { s3Client, type S3Settings } from './s3-client.js';

interface S3StoreOptions {
  readonly settings: S3Settings;
  readonly clock: Clock;
}

interface CallOptions {
  readonly abortSignal?: AbortSignal;
}

type Condition = { ifAbsent: true } | { ifMatch: string } | undefined;

/** An object's version: the service's own mark of its content, and who wrote it. */
interface Version {
  readonly content: string;
  readonly writer: string;
}

/** Metadata under which each write leaves its own mark: S3 gives the same bytes the same ETag. */
const WRITER = 'calib-write';
/** Two conditional writes at once: S3 answers 409, and the later one must be repeated. */
const CONFLICT_TRIES = 8;
const CONFLICT_PAUSE_MS = 100;

const etagOf = ({ content, writer }: Version): string => `${content} ${writer}`;

const versionOf = (found: {
  ETag?: string | undefined;
  Metadata?: Record<string, string> | undefined;
}): Version => ({ content: found.ETag ?? '', writer: found.Metadata?.[WRITER] ?? '' });

const isAbsent = (fault: unknown): boolean => ['NoSuchKey', 'NotFound'].includes(awsNameOf(fault));

const contended = (place: string, cause: unknown): AppError =>
  new AppError(
    'store_contended',
    `${place}: ${CONFLICT_TRIES} writes in a row conflicted with others.`,
    'Try again; if this repeats, look for a program that writes it in a loop.',
    cause,
  );

/** One bucket, or a folder of it. */
class S3ObjectStore implements ObjectStore {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(private readonly options: S3StoreOptions) {
    const { settings } = options;
    this.bucket = settings.bucket;
    this.client = s3Client(settings);
  }

  locationOf(key: string): string {
    return `s3://${this.bucket}/${this.keyOf(key)}`;
  }

  async get(key: string, signal?: AbortSignal): Promise<{ body: Buffer; etag: string } | null> {
    checkKey(key);
    return this.guarded('s3:GetObject', key, signal, async (options) => {
      const command = new GetObjectCommand({ Bucket: this.bucket, Key: this.keyOf(key) });
      const found = await this.client.send(command, options).catch(nullIfAbsent);
      if (found === null) return null;
      const body = Buffer.from((await found.Body?.transformToByteArray()) ?? []);
      return { body, etag: etagOf(versionOf(found)) };
    });
  }

  async put(key: string, body: Buffer, condition?: Condition, signal?: AbortSignal): Promise<string | null> {
    checkKey(key);
    return this.guarded('s3:PutObject', key, signal, async (options) => {
      const writer = randomUUID();
      for (let tries = 1; ; tries += 1) {
        try {
          return await this.tryPut(key, body, writer, condition, options);
        } catch (fault) {
          if (awsStatusOf(fault) !== 409) throw fault;
          if (tries === CONFLICT_TRIES) throw contended(this.locationOf(key), fault);
        }
        const pauseMs = CONFLICT_PAUSE_MS * 2 ** tries * Math.random();
        await this.options.clock.sleep(pauseMs, signal ?? new AbortController().signal);
      }
    });
  }

  async list(prefix: string, signal?: AbortSignal): Promise<string[]> {
    return this.guarded('s3:ListBucket', prefix, signal, async (options) => {
      const { settings } = this.options;
      const keys: string[] = [];
      let next: string | undefined;
      do {
        const page = await this.client.send(
          new ListObjectsV2Command({
            Bucket: this.bucket,
            Prefix: this.keyOf(prefix),
            ...(next === undefined ? {} : { ContinuationToken: next }),
          }),
          options,
        );
        keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key.slice(settings.prefix.length)));
        next = page.NextContinuationToken;
      } while (next !== undefined);
      return keys.sort();
    });
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    checkKey(key);
    await this.guarded('s3:DeleteObject', key, signal, (options) =>
      this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: this.keyOf(key) }), options),
    );
  }

  /** By it the bucket's lifecycle finds the captures of checks, which no prefix has in common; not every service has tags. */
  private tagOf(key: string): { Tagging?: string } {
    const isCapture = key.includes('/query_scan/') && this.options.settings.endpoint === null;
    return isCapture ? { Tagging: 'kind=query' } : {};
  }

  private keyOf(key: string): string {
    return `${this.options.settings.prefix}${key}`;
  }

  /** Null when the condition does not hold; a write whose answer was lost is recognized by its mark. */
  private async tryPut(
    key: string,
    body: Buffer,
    writer: string,
    condition: Condition,
    options: CallOptions,
  ): Promise<string | null> {
    const conditions = await this.conditionsOf(key, condition, options);
    if (conditions === null) return this.ownTry(key, writer, options);
    const place = { Bucket: this.bucket, Key: this.keyOf(key) };
    const command = new PutObjectCommand({
      ...{ ...place, ...conditions, ...this.tagOf(key), Body: body, Metadata: { [WRITER]: writer } },
    });
    try {
      const { ETag: content = '' } = await this.client.send(command, options);
      return etagOf({ content, writer });
    } catch (fault) {
      if (condition === undefined || (awsStatusOf(fault) !== 412 && !isAbsent(fault))) throw fault;
      return this.ownTry(key, writer, options);
    }
  }

  /** The etag if the write with this mark succeeded; null if another one did. */
  private async ownTry(key: string, writer: string, options: CallOptions): Promise<string | null> {
    const current = await this.current(key, options);
    return current?.writer === writer ? etagOf(current) : null;
  }

  /**
   * The condition in the service's terms. It only compares contents, so who wrote them is looked at first: a write of the
   * very same bytes in between would pass, and changes nothing for whoever relied on what it read.
   */
  private async conditionsOf(
    key: string,
    condition: Condition,
    options: CallOptions,
  ): Promise<{ IfNoneMatch?: string; IfMatch?: string } | null> {
    if (condition === undefined) return {};
    if ('ifAbsent' in condition) return { IfNoneMatch: '*' };
    const current = await this.current(key, options);
    return current !== null && etagOf(current) === condition.ifMatch ? { IfMatch: current.content } : null;
  }

  private async current(key: string, options: CallOptions): Promise<Version | null> {
    const command = new HeadObjectCommand({ Bucket: this.bucket, Key: this.keyOf(key) });
    const found = await this.client.send(command, options).catch(nullIfAbsent);
    return found === null ? null : versionOf(found);
  }

  private guarded<T>(
    action: string,
    key: string,
    signal: AbortSignal | undefined,
    step: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const { region } = this.options.settings;
    const of = { action, place: this.locationOf(key), whole: `s3://${this.bucket}`, region };
    return callAws(of, signal, step);
  }
}

const nullIfAbsent = (fault: unknown): null => {
  if (isAbsent(fault)) return null;
  throw fault;
};

/** Objects in S3, or in a service that speaks its protocol and keeps its conditional writes. */
export const createS3ObjectStore = (options: S3StoreOptions): ObjectStore => new S3ObjectStore(options);
