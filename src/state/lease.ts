import { AppError } from '../ports/app-error.js';
import type { Clock } from '../ports/clock.js';
import type { ObjectStore } from '../ports/object-store.js';
import type { ProcessIdentity } from '../ports/process-identity.js';
import type { CameraName } from '../ports/camera-name.js';
import { leaseKey } from './object-layout.js';

interface LeaseDeps {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly identity: ProcessIdentity;
}

interface LeaseNote {
  readonly owner: string;
  /** Unique per lease: one process may request the same camera twice. */
  readonly nonce: string;
  readonly expiresAtMs: number;
}

const TTL_MS = 90_000;
/** Renewals per lifetime of a lease. */
const RENEWALS = 3;
/** Retries per lifetime while the store does not respond. */
const RETRIES = 9;
const POLL_MS = 500;

const parseNote = (body: Buffer): LeaseNote | null => {
  try {
    const value = JSON.parse(body.toString('utf8')) as Partial<LeaseNote> | null;
    if (typeof value?.owner !== 'string' || typeof value.nonce !== 'string') return null;
    return typeof value.expiresAtMs === 'number' ? (value as LeaseNote) : null;
  } catch {
    return null; // not a lease: treat as missing
  }
};

/** Something that one owner can hold at a time. */
export interface LeaseTarget {
  /** Key of the lease's document in the store. */
  readonly key: string;
  /** Its name for people. */
  readonly name: string;
  /** Code of the AppError when someone else holds it. */
  readonly busyCode: string;
  /** How long it outlasts its owner; 90 s by default. */
  readonly ttlMs?: number;
}

const busy = ({ name, busyCode }: LeaseTarget): AppError =>
  new AppError(
    busyCode,
    `Another check or scan is using ${name}.`,
    'Wait until it has finished, then try again.',
  );

const lost = ({ name }: LeaseTarget): AppError =>
  new AppError(
    'lease_lost',
    `Another program took over the lease on ${name}.`,
    'Try again. If this repeats, look for a second program with a wrong clock.',
  );

let leases = 0;

/** One lease, exclusive among all programs that share the store. */
class Lease {
  private readonly nonce: string;
  private readonly ttlMs: number;
  private etag: string | null = null;
  private isUncertain = false;
  private expiresAtMs = 0;

  constructor(
    private readonly claimed: LeaseTarget,
    private readonly deps: LeaseDeps,
  ) {
    this.nonce = `${deps.identity.self}#${(leases += 1)}`;
    this.ttlMs = claimed.ttlMs ?? TTL_MS;
  }

  async take(waitMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.deps;
    const untilMs = clock.nowMs() + waitMs;
    for (;;) {
      if (await this.tryTake(signal)) return;
      if (clock.nowMs() >= untilMs) throw busy(this.claimed);
      await clock.sleep(POLL_MS, signal);
    }
  }

  /**
   * Keeps the lease until the signal aborts; rejects with `lease_lost` when someone else holds it, and with the store's
   * AppError when the store has not responded before it expires.
   */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock } = this.deps;
    for (let restMs = this.ttlMs / RENEWALS; !signal.aborted;) {
      const rest = await clock.sleep(restMs, signal).then(
        () => 'over',
        () => 'ended',
      );
      if (rest === 'ended') return;
      restMs = this.ttlMs / ((await this.renew()) ? RENEWALS : RETRIES);
    }
  }

  /** False when the store does not respond and there is time to retry. */
  private async renew(): Promise<boolean> {
    const { clock, store } = this.deps;
    try {
      // The previous write may have succeeded without its response.
      const known = this.isUncertain ? await this.ownEtag() : this.etag;
      this.etag = await store.put(this.claimed.key, this.note(), { ifMatch: known ?? '' });
      this.isUncertain = false;
    } catch (fault) {
      if (!(fault instanceof AppError) || clock.nowMs() + this.ttlMs / RETRIES >= this.expiresAtMs)
        throw fault;
      this.isUncertain = true;
      return false;
    }
    if (this.etag === null) throw lost(this.claimed);
    this.expiresAtMs = clock.nowMs() + this.ttlMs;
    return true;
  }

  private async ownEtag(): Promise<string | null> {
    const found = await this.deps.store.get(this.claimed.key);
    return found !== null && parseNote(found.body)?.nonce === this.nonce ? found.etag : null;
  }

  /** If the store does not respond, the lease expires by itself: the work is done. */
  async release(): Promise<void> {
    try {
      if ((await this.ownEtag()) !== null) await this.deps.store.delete(this.claimed.key);
    } catch (fault) {
      if (!(fault instanceof AppError)) throw fault;
    }
  }

  private async tryTake(signal: AbortSignal): Promise<boolean> {
    const { store, clock } = this.deps;
    this.etag = await store.put(this.claimed.key, this.note(), { ifAbsent: true }, signal);
    if (this.etag === null) {
      const found = await store.get(this.claimed.key, signal);
      if (found !== null && !(await this.isFree(found.body))) return false;
      const condition = found === null ? ({ ifAbsent: true } as const) : { ifMatch: found.etag };
      this.etag = await store.put(this.claimed.key, this.note(), condition, signal);
    }
    this.expiresAtMs = clock.nowMs() + this.ttlMs;
    return this.etag !== null;
  }

  private async isFree(body: Buffer): Promise<boolean> {
    const note = parseNote(body);
    if (note === null || note.expiresAtMs <= this.deps.clock.nowMs()) return true;
    return (await this.deps.identity.isAlive(note.owner)) === false;
  }

  private note(): Buffer {
    const { clock, identity } = this.deps;
    const note: LeaseNote = {
      owner: identity.self,
      nonce: this.nonce,
      expiresAtMs: clock.nowMs() + this.ttlMs,
    };
    return Buffer.from(JSON.stringify(note));
  }
}

/** Runs `work` while holding the lease; its signal also aborts when the lease is lost. */
export const withLease = async <T>(
  claimed: LeaseTarget,
  deps: LeaseDeps,
  waitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const lease = new Lease(claimed, deps);
  await lease.take(waitMs, signal);
  const ending = new AbortController();
  const losing = new AbortController();
  const keeping = lease.keep(ending.signal).catch((fault: unknown) => losing.abort(fault));
  try {
    return await work(AbortSignal.any([signal, losing.signal]));
  } finally {
    ending.abort();
    await keeping;
    await lease.release();
  }
};

/** The same for a camera, so that no two programs ever drive it. */
export const withCameraLease = <T>(
  camera: CameraName,
  deps: LeaseDeps,
  waitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const name = `${camera.deploymentName}/${camera.cameraName}`;
  return withLease({ key: leaseKey(camera), name, busyCode: 'camera_busy' }, deps, waitMs, signal, work);
};
