/** One thing of the cloud that the product needs and can make itself. */
export interface Provision {
  /** `table monitoring.calibration_monitoring`, `queue camera-calibration`. */
  readonly name: string;
  /** What making it sends: a statement, or an object as JSON. */
  readonly plan: string;
  /**
   * Makes it when it is missing and mends it when it differs; doing it again changes nothing. AppErrors of the service, and
   * `table_differs` for what cannot be mended without losing something.
   */
  ensure(signal: AbortSignal): Promise<'there already' | 'created' | 'brought up to date'>;
}
