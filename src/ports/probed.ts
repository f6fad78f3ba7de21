/** The result of probing one item of the settings. */
export interface Probed {
  readonly what: 'store' | 'results' | 'queue' | 'cluster' | 'broker' | 'telemetry' | 'onvif' | 'rtsp';
  /** `site-a`, `site-a/north-mast`, or the location of the store. */
  readonly name: string;
  readonly ok: boolean;
  /** The finding (`H.264 1920x1080`, `pan −180…180`), or the failure and its remedy; without credentials. */
  readonly found: string;
}

/** Probes items one by one; `onProbed` gets each result as it arrives. */
export type Probe = (onProbed: (probed: Probed) => void, signal: AbortSignal) => Promise<Probed[]>;
