import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { createCamera, type Camera } from '../camera/camera.js';
import { drawScenery } from '../scenery/draw-scenery.js';
import { startSite, type Site } from '../site/site.js';
import { startKubeApiServer, type KubeApiServer } from '../kubernetes/api-server.js';
import { DEMO_NAMESPACE, type DemoSite } from './demo-sites.js';
import type { SiteOrder, SiteReady } from './site-messages.js';

/** A process of its own for one virtual site: what the product learns of it comes over RTSP, ONVIF and MQTT alone. */
const cameras: Camera[] = [];

/** A cluster with a service for the broker and one for each camera, named like it. */
const startCluster = (
  site: DemoSite,
  token: string,
  { mqttPort, cameras: ports }: Site,
): Promise<KubeApiServer> => {
  const cameraServices = site.cameras.map(({ cameraName }, index) => ({
    name: cameraName,
    ports: [
      { name: 'rtsp', port: 554, loopbackPort: ports[index]!.rtspPort },
      { name: 'onvif', port: 80, loopbackPort: ports[index]!.onvifPort },
    ],
  }));
  const broker = { name: 'mqtt', ports: [{ port: 1883, loopbackPort: mqttPort }] };
  return startKubeApiServer({
    token,
    namespaces: [{ name: DEMO_NAMESPACE, services: [broker, ...cameraServices] }],
  });
};

const start = async ({ site, wallPx }: Extract<SiteOrder, { kind: 'start' }>): Promise<SiteReady> => {
  const panorama = drawScenery({ seed: site.scenerySeed, widthPx: wallPx });
  for (const { cameraName, seed, home } of site.cameras) {
    const camera = createCamera({ name: cameraName, panorama, seed });
    camera.moveTo(home, performance.now());
    cameras.push(camera);
  }
  const running = await startSite({
    name: site.name,
    mqtt: site.mqtt,
    cameras: site.cameras.map(({ deviceId, username, password, rtspAuth }, index) => ({
      model: cameras[index]!,
      ...{ deviceId, username, password, rtspAuth },
    })),
  });
  const token = randomUUID();
  const api = site.behindCluster ? await startCluster(site, token, running) : null;
  process.once('disconnect', () => {
    void Promise.all([api?.close(), running.close()]).finally(() => process.exit(0));
  });
  const cluster = api === null ? null : { url: api.url, caPem: api.caPem, token };
  return { kind: 'ready', mqttPort: running.mqttPort, cameras: running.cameras, cluster };
};

process.on('message', (order: SiteOrder) => {
  if (order.kind === 'turn_mount') cameras[order.camera]?.setMountOffset(order.offset);
  else void start(order).then((ready) => process.send?.(ready));
});
// Ctrl-C reaches the whole group; the demo closes its sites when the cameras are back where they were.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => undefined);
