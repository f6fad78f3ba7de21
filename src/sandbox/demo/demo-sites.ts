/** One camera of the demo. Its secrets are the demo's own and protect nothing. */
export interface DemoCamera {
  readonly deviceId: string;
  readonly cameraName: string;
  readonly username: string;
  readonly password: string;
  /** Draws its head and lens, which are no more ideal than those of a real camera, and its encoders' noise. */
  readonly seed: number;
  readonly rtspAuth: 'digest' | 'basic';
  /** Where it looks when nobody drives it, degrees. */
  readonly home: { readonly panDeg: number; readonly tiltDeg: number; readonly zoom: number };
  /** Pans and tilts of its reference scan. */
  readonly scan: {
    readonly pan: { readonly from: number; readonly to: number; readonly step: number };
    readonly tilt: readonly number[];
  };
  /** Stops of an active check; none: passive. */
  readonly activeStops: readonly (readonly [pan: number, tilt: number, zoom: number])[];
}

/** One site of the demo: a place, a broker, cameras. */
export interface DemoSite {
  readonly name: string;
  readonly scenerySeed: number;
  /** Its services are reached through a Kubernetes cluster of its own. */
  readonly behindCluster: boolean;
  readonly mqtt: { readonly username: string; readonly password: string };
  readonly cameras: readonly DemoCamera[];
}

/** Where the services of a demo site behind a cluster live. */
export const DEMO_NAMESPACE = 'video';

const RING = { from: -180, to: 150, step: 30 };

export const DEMO_SITES: readonly DemoSite[] = [
  {
    name: 'harbour',
    scenerySeed: 20_260_131,
    behindCluster: true,
    mqtt: { username: 'monitor', password: 'tide table 7' },
    cameras: [
      {
        deviceId: 'cam-1',
        cameraName: 'north-mast',
        username: 'operator',
        password: 'p@ss/w:rd 1',
        seed: 11,
        rtspAuth: 'digest',
        home: { panDeg: 24, tiltDeg: -4, zoom: 1 },
        scan: { pan: RING, tilt: [-10, 8] },
        activeStops: [],
      },
      {
        deviceId: 'cam-2',
        cameraName: 'quay-crane',
        username: 'operator',
        password: 'anchor-5',
        seed: 12,
        rtspAuth: 'basic',
        home: { panDeg: -140, tiltDeg: 2, zoom: 1 },
        scan: { pan: RING, tilt: [-10, 8] },
        activeStops: [
          [-150, -6, 1],
          [-30, 2, 1],
          [90, -6, 1],
        ],
      },
    ],
  },
  {
    name: 'ridge',
    scenerySeed: 7,
    behindCluster: false,
    mqtt: { username: 'monitor', password: 'summit-81' },
    cameras: [
      {
        deviceId: 'cam-1',
        cameraName: 'fire-tower',
        username: 'watch',
        password: 'smoke & mirrors',
        seed: 13,
        rtspAuth: 'digest',
        home: { panDeg: 75, tiltDeg: -6, zoom: 1 },
        scan: { pan: RING, tilt: [-10, 8] },
        activeStops: [],
      },
    ],
  },
];
