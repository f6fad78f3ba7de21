import { fork } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { createMqttBroker } from '../src/adapters/camera/mqtt-broker.js';
import { createSystemClock } from '../src/adapters/runtime/system-clock.js';
import { TimeLimit } from '../src/async/time-limit.js';
import { DeviceWatch } from '../src/capture/head/device-watch.js';
import { deviceOf, never } from '../test/capture/site-setup.js';
import { MQTT_LOGIN, startMosquitto } from '../test/servers/mosquitto.js';

// Watches many devices of one broker for a while, and prints what that costs this process.
const DEVICES = 200;
const RATE_HZ = 5;
const MEASURED_MS = 20_000;

const publish = async (port: number): Promise<void> => {
  const client = await mqtt.connectAsync({ host: '127.0.0.1', port, ...MQTT_LOGIN });
  setInterval(() => {
    for (let device = 0; device < DEVICES; device += 1)
      client.publish(`telemetry/${device}`, JSON.stringify({ pan: device / 10, tilt: 1, zoom: 2 }));
  }, 1000 / RATE_HZ);
};

const watchAll = async (port: number): Promise<void> => {
  const clock = createSystemClock();
  const broker = createMqttBroker({
    ...{ host: '127.0.0.1', port, tls: false, caFile: null, credentials: MQTT_LOGIN },
    ...{ clientIdPrefix: 'bench', clock },
  });
  const device = deviceOf({ rtspPort: 1, onvifPort: 1 });
  const frames = { grab: () => Promise.reject(new Error('no pictures here')) };
  const ending = new AbortController();
  setMaxListeners(3 * DEVICES, ending.signal);
  const watches = Array.from({ length: DEVICES }, (_, index) => {
    const telemetry = broker.telemetryFor({ ...device.telemetry, topic: `telemetry/${index}` });
    return new DeviceWatch(device, { clock, telemetry, frames, ptz: null }, new TimeLimit(clock, null));
  });
  await Promise.all(watches.map((watch) => watch.start(ending.signal)));
  await Promise.all(watches.map((watch) => watch.untilStill(1_000, never())));
  const waiting = watches.map((watch) => watch.untilStill(24 * 3600_000, ending.signal));
  const before = process.cpuUsage();
  const beganMs = performance.now();
  await sleep(MEASURED_MS);
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1000 / (performance.now() - beganMs);
  const rssMb = process.memoryUsage().rss / 2 ** 20;
  console.log('devices  rate Hz  CPU of one core  memory MB');
  console.log(
    `${DEVICES}      ${RATE_HZ}        ${(100 * share).toFixed(1)} %            ${rssMb.toFixed(0)}`,
  );
  ending.abort(new Error('over'));
  await Promise.allSettled(waiting);
  await broker.close();
};

const [, file, role, port] = process.argv;
if (role === 'publisher') await publish(Number(port));
else {
  const mosquitto = await startMosquitto();
  const publisher = fork(file!, ['publisher', String(mosquitto.port)]);
  await watchAll(mosquitto.port);
  publisher.kill('SIGKILL');
  await once(publisher, 'close');
  await mosquitto.close();
}
