/**
 * An operating failure: something outside the program went wrong and a person can do something about it.
 * Raised by adapters (wrapping the vendor's error as `cause`), turned into prose by the shells alone.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  constructor(
    /** Stable, machine readable: `camera_unreachable`, `no_telemetry`, `config_invalid` … */
    readonly code: string,
    /** What happened, in one sentence, without credentials. */
    message: string,
    /** What the reader can do about it, in one sentence. */
    readonly remedy: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** The code that Node's and many packages' errors carry; null for what has none. */
export const errorCodeOf = (fault: unknown): unknown =>
  typeof fault === 'object' && fault !== null && 'code' in fault ? fault.code : null;
