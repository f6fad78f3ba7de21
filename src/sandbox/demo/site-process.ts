import process from 'node:process';
import { createVirtualCamera, type VirtualCamera } from '../virtual-camera.js';
import { drawScenery } from '../scenery/draw-scenery.js';
import { startVirtualSite } from '../virtual-site.js';
import type { SiteOrder, SiteReady } from './site-messages.js';

/** A process of its own for one virtual site: what the product learns of it comes over RTSP, ONVIF and MQTT alone. */
const cameras: VirtualCamera[] = [];

const start = async ({ site, wallPx }: Extract<SiteOrder, { kind: 'start' }>): Promise<SiteReady> => {
  const panorama = drawScenery({ seed: site.scenerySeed, widthPx: wallPx });
  for (const { cameraName, seed, home } of site.cameras) {
    const camera = createVirtualCamera({ name: cameraName, panorama, seed });
    camera.moveTo(home, performance.now());
    cameras.push(camera);
  }
  const running = await startVirtualSite({
    name: site.name,
    mqtt: site.mqtt,
    cameras: site.cameras.map(({ deviceId, username, password, rtspAuth }, index) => ({
      model: cameras[index]!,
      ...{ deviceId, username, password, rtspAuth },
    })),
  });
  process.once('disconnect', () => {
    void running.close().finally(() => process.exit(0));
  });
  return { kind: 'ready', mqttPort: running.mqttPort, cameras: running.cameras };
};

process.on('message', (order: SiteOrder) => {
  if (order.kind === 'turn_mount') cameras[order.camera]?.setMountOffset(order.offset);
  else void start(order).then((ready) => process.send?.(ready));
});
// Ctrl-C reaches the whole group; the demo closes its sites when the cameras are back where they were.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => undefined);
