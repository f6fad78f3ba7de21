import type { MountOffset } from '../camera/attitude.js';
import type { DemoSite } from './demo-sites.js';

/** What the demo tells the process in which a virtual site lives. Pictures and positions never come this way. */
export type SiteOrder =
  | { readonly kind: 'start'; readonly site: DemoSite; readonly wallPx: number }
  | { readonly kind: 'turn_mount'; readonly camera: number; readonly offset: MountOffset };

export interface SiteReady {
  readonly kind: 'ready';
  readonly mqttPort: number;
  /** The API server of the site's cluster, where it has one. */
  readonly cluster: { readonly url: string; readonly caPem: string; readonly token: string } | null;
  readonly cameras: readonly {
    readonly rtspPort: number;
    readonly onvifPort: number;
    readonly rtspPath: string;
  }[];
}
