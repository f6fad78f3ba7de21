/** One row of the table `calibration_monitoring`; the columns are a contract with analysts. */
export interface ResultRow {
  readonly deployment_name: string;
  readonly device_id: string;
  /** UTC ISO-8601 with milliseconds. */
  readonly timestamp: string;
  readonly pitch_offset: number | null;
  readonly yaw_offset: number | null;
  readonly roll_offset: number | null;
  readonly mode: 'passive' | 'active';
  readonly capture_positions: readonly { pan: number; tilt: number; zoom: number }[];
  readonly files_location: string;
  readonly success: boolean;
  readonly failure_log: string | null;
}

export interface ResultsTable {
  /** What is merged is safe, and known to `history`. Idempotent by (deployment_name, device_id, timestamp): writing a row twice leaves one. */
  merge(rows: readonly ResultRow[]): Promise<void>;
  /** Rows of one device (or all when omitted) since a time, oldest first. */
  history(query: { deploymentName?: string; deviceId?: string; sinceMs: number }): Promise<ResultRow[]>;
  /**
   * Brings what `merge` made safe into the table, where that takes a step of its own; answers how many rows. Rows that are too
   * few for a step wait up to `patienceMs` for others; none: they do not wait. One program at a time.
   */
  settle?(signal: AbortSignal, patienceMs?: number): Promise<number>;
  /**
   * Keeps the table fast and small, where that takes a step of its own; wanted once a day, may take an hour, and rows may be
   * settled meanwhile. One program at a time.
   */
  tend?(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
