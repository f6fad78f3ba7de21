/** What trying one thing of the settings came to. */
export interface Probed {
  readonly what: 'store' | 'results' | 'queue' | 'cluster' | 'broker' | 'telemetry' | 'onvif' | 'rtsp';
  /** `site-a`, `site-a/north-mast`, or where the store lies. */
  readonly name: string;
  readonly ok: boolean;
  /** What was found (`H.264 1920x1080`, `pan −180…180`), or the failure and its remedy; without credentials. */
  readonly found: string;
}

/** Tries things one by one; `onProbed` gets each result as it comes. */
export type Probe = (onProbed: (probed: Probed) => void, signal: AbortSignal) => Promise<Probed[]>;
