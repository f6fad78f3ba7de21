import process from 'node:process';
import { drawScenery } from '../src/sandbox/scenery/draw-scenery.js';
import { createCamera } from '../src/sandbox/camera/camera.js';
import { startSite } from '../src/sandbox/site/site.js';

export interface RunningSite {
  readonly mqttPort: number;
  readonly rtspPort: number;
  readonly onvifPort: number;
  readonly rtspPath: string;
}

/** It protects nothing. */
const LOGIN = { username: 'bench', password: 'bench' };

/** A process of its own for one 1080p camera, until its parent lets it go. */
const model = createCamera({
  ...{ name: 'mast', seed: 3, widthPx: 1920, heightPx: 1080 },
  panorama: drawScenery({ seed: 5, widthPx: 8192 }),
});
const site = await startSite({
  name: 'site',
  cameras: [{ model, deviceId: 'cam-1', ...LOGIN }],
  mqtt: {},
});
process.once('disconnect', () => void site.close().then(() => process.exit(0)));
process.send?.({ mqttPort: site.mqttPort, ...site.cameras[0]! } satisfies RunningSite);
