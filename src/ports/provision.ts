/** One cloud resource that the product needs and can create. */
export interface Provision {
  /** `table monitoring.calibration_monitoring`, `queue camera-calibration`. */
  readonly name: string;
  /** What creating it sends: a statement, or an object as JSON. */
  readonly plan: string;
  /**
   * Creates it if missing and updates it if different; idempotent. AppErrors of the service, and `table_differs` for a
   * difference that cannot be fixed without losing data.
   */
  ensure(signal: AbortSignal): Promise<'there already' | 'created' | 'brought up to date'>;
}
