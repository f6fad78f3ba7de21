import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import mqtt, { type MqttClient } from 'mqtt';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMqttBroker, type MqttBroker } from '../../../src/adapters/camera/mqtt-broker.js';
import { createSystemClock } from '../../../src/adapters/runtime/system-clock.js';
import { TimeLimit } from '../../../src/async/time-limit.js';
import { DeviceWatch } from '../../../src/capture/head/device-watch.js';
import type { DeviceSettings } from '../../../src/config/settings.js';
import type { AppError } from '../../../src/ports/app-error.js';
import type { PtzController } from '../../../src/ports/ptz-controller.js';
import type { TelemetrySample } from '../../../src/ports/telemetry.js';
import { deviceOf, never, until } from '../../capture/site-setup.js';
import { MQTT_LOGIN, startMosquitto, type Mosquitto } from '../../servers/mosquitto.js';

const clock = createSystemClock();
const BASE = deviceOf({ rtspPort: 1, onvifPort: 1 });

let mosquitto: Mosquitto;
let publisher: MqttClient;
const closers: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  mosquitto = await startMosquitto();
  publisher = await mqtt.connectAsync({
    ...{ host: '127.0.0.1', port: mosquitto.port, protocol: 'mqtt', reconnectPeriod: 100 },
    ...MQTT_LOGIN,
  });
});
afterAll(async () => {
  await publisher.endAsync(true);
  await mosquitto.close();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const brokerOf = (more: Partial<Parameters<typeof createMqttBroker>[0]> = {}): MqttBroker => {
  const broker = createMqttBroker({
    ...{ host: '127.0.0.1', port: mosquitto.port, tls: false, caFile: null },
    ...{ credentials: MQTT_LOGIN, clientIdPrefix: 'calib', clock, ...more },
  });
  closers.push(() => broker.close());
  return broker;
};

const payload = (pan: number, more: object = {}): string =>
  JSON.stringify({ pan, tilt: 1, zoom: 2, ...more });
const say = (topic: string, pan: number, options: { retain?: boolean; qos?: 0 | 1 } = {}): Promise<unknown> =>
  publisher.publishAsync(topic, payload(pan), { qos: 1, ...options });

/** A device that publishes at 20 Hz until the test ends; answers how to turn it. */
const publishing = (topic: string, qos: 0 | 1 = 0): ((pan: number) => void) => {
  let pan = 10;
  const timer = setInterval(() => publisher.publish(topic, payload(pan), { qos }), 50);
  closers.push(() => clearInterval(timer));
  return (next) => (pan = next);
};

/** What a follower hears. */
const hearing = async (broker: MqttBroker, telemetry: DeviceSettings['telemetry']) => {
  const heard: TelemetrySample[] = [];
  const faults: Error[] = [];
  const ending = new AbortController();
  closers.push(() => ending.abort(new Error('over')));
  await broker
    .telemetryFor(telemetry)
    .follow(
      { onSample: (sample) => heard.push(sample), onFault: (fault) => faults.push(fault) },
      ending.signal,
    );
  return { heard, faults, pans: () => heard.map(({ panDeg }) => panDeg) };
};
const telemetryOn = (topic: string, match: DeviceSettings['telemetry']['match'] = null) => ({
  ...BASE.telemetry,
  ...{ topic, match },
});

const watching = async (topic: string, timeoutMs: number, ptz: PtzController | null = null) => {
  const frames = { grab: () => Promise.reject(new Error('no pictures here')) };
  const telemetry = brokerOf().telemetryFor(telemetryOn(topic));
  const limit = new TimeLimit(clock, timeoutMs / 1000);
  const watch = new DeviceWatch(BASE, { clock, telemetry, frames, ptz }, limit);
  const ending = new AbortController();
  closers.push(() => ending.abort(new Error('over')));
  await watch.start(ending.signal);
  const untilStill = (stillForMs: number): Promise<TelemetrySample> =>
    limit.run(
      never(),
      () => watch.late(),
      (inTime) => watch.untilStill(stillForMs, inTime),
    );
  return { untilStill };
};
const fault = (work: Promise<unknown>): Promise<AppError> =>
  work.then(
    () => Promise.reject(new Error('It succeeded.')),
    (reason: unknown) => reason as AppError,
  );

describe('the way to Mosquitto', () => {
  it('is open to the right password, plain and by TLS, and stays awake under idle limits', async () => {
    await brokerOf().ready();
    await brokerOf({ port: mosquitto.tlsPort, tls: true, caFile: mosquitto.caFile }).ready();
    const keptAliveS = [...mosquitto.log().matchAll(/as calib-\w+ \(p\d, c\d, k(\d+)/g)].map(([, found]) =>
      Number(found),
    );
    expect(keptAliveS).toEqual([30, 30]);
  });

  it('is closed to the wrong password and the unknown', async () => {
    const wrong = { ...MQTT_LOGIN, password: 'wr0ng' };
    for (const credentials of [wrong, null]) {
      const told = await fault(brokerOf({ credentials }).ready());
      expect(told.code).toBe('broker_refused');
      expect(told.message + told.remedy).not.toContain('wr0ng');
    }
  });

  it('says what is wrong with TLS', async () => {
    const tls = { port: mosquitto.tlsPort, tls: true };
    const untrusted = {
      code: 'broker_certificate',
      message: expect.stringContaining('self-signed') as unknown,
    };
    expect(await fault(brokerOf({ ...tls, caFile: mosquitto.otherCaFile }).ready())).toMatchObject(untrusted);
    expect(await fault(brokerOf(tls).ready())).toMatchObject(untrusted);
    for (const wrong of [
      { port: mosquitto.tlsPort },
      { ...tls, port: mosquitto.port, caFile: mosquitto.caFile },
      { ...tls, caFile: '/nowhere/ca.pem' },
    ])
      expect(await fault(brokerOf(wrong).ready())).toMatchObject({ code: 'broker_unreachable' });
  });
});

describe('telemetry by Mosquitto', () => {
  it.each([0, 1] as const)('comes from devices that publish with QoS %d', async (qos) => {
    const topic = `telemetry/qos${qos}`;
    const { pans, faults } = await hearing(brokerOf(), telemetryOn(topic));
    for (const pan of [1, 2, 2, 3]) await say(topic, pan, { qos });
    await until(() => pans().length === 4);
    expect(pans()).toEqual([1, 2, 2, 3]);
    expect(faults).toEqual([]);
  });

  it('is told apart where several devices share a topic, each hearing what was kept once', async () => {
    const broker = brokerOf();
    await publisher.publishAsync('fleet/ptz', payload(5, { id: 'b' }), { retain: true, qos: 1 });
    const [a, b, all] = [
      await hearing(broker, telemetryOn('fleet/ptz', { path: 'id', value: 'a' })),
      await hearing(broker, telemetryOn('fleet/ptz', { path: 'id', value: 'b' })),
      await hearing(broker, telemetryOn('fleet/+')),
    ];
    for (const [id, pan] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ])
      await publisher.publishAsync('fleet/ptz', payload(Number(pan), { id }), { qos: 1 });
    await until(() => a.pans().includes(3) && all.pans().includes(3));
    expect(a.pans().filter((pan) => pan !== 1)).toEqual([3]);
    expect(b.pans().filter((pan) => pan === 5)).toEqual([5]);
    expect(b.heard.find(({ panDeg }) => panDeg === 2)?.retained).toBe(false);
  });

  it('does not prove stillness by a kept message alone, nor by silence', async () => {
    await say('telemetry/kept', 10, { retain: true });
    const told = await fault((await watching('telemetry/kept', 600)).untilStill(300));
    expect(told).toMatchObject({ code: 'no_telemetry' });
    expect(told.message).toContain('a sign of life after the message kept by the broker');
    await say('telemetry/kept', 10);
    const silent = await fault((await watching('telemetry/never', 500)).untilStill(300));
    expect(silent.message).toContain('a first telemetry message');
  });

  it('that comes on changes only counts while the camera itself says that it stands there', async () => {
    await say('telemetry/changes', 10, { retain: true });
    const head = (panDeg: number): PtzController => ({
      position: async () => ({ panDeg, tiltDeg: 1, zoom: 2 }),
      moveTo: () => Promise.reject(new Error('not asked to move')),
      close: () => Promise.resolve(),
    });
    const still = await (await watching('telemetry/changes', 6_000, head(10.2))).untilStill(1_000);
    expect(still).toMatchObject({ panDeg: 10 });
    const told = await fault((await watching('telemetry/changes', 500, head(40))).untilStill(100));
    expect(told.message).toContain('the camera itself says pan 40.00°');
  });

  it('takes a late message for a movement: better a longer wait than a wrong pair', async () => {
    publishing('telemetry/late');
    const watch = await watching('telemetry/late', 8_000);
    await watch.untilStill(300);
    await say('telemetry/late', 4);
    const lateMs = clock.nowMs();
    await watch.untilStill(600);
    expect(clock.nowMs() - lateMs).toBeGreaterThan(550);
  });

  it('goes on after the broker restarts, and stillness starts anew', async () => {
    await say('telemetry/restart', 99, { retain: true });
    const turn = publishing('telemetry/restart');
    const watch = await watching('telemetry/restart', 15_000);
    await watch.untilStill(300);
    const still = watch.untilStill(1_000);
    await sleep(300);
    await mosquitto.restart();
    turn(20);
    const backMs = clock.nowMs();
    // What the broker had kept, and tells again, is neither news nor a sign of life.
    expect(await still).toMatchObject({ panDeg: 20, retained: false });
    expect(clock.nowMs() - backMs).toBeGreaterThan(950);
  });

  it('is no sign of stillness any more when the broker freezes', async () => {
    publishing('telemetry/frozen');
    const watch = await watching('telemetry/frozen', 2_500);
    await watch.untilStill(300);
    mosquitto.freeze(true);
    closers.push(() => mosquitto.freeze(false));
    const beganMs = clock.nowMs();
    expect(await fault(watch.untilStill(5_000))).toMatchObject({ code: 'capture_timeout' });
    expect(clock.nowMs() - beganMs).toBeLessThan(2_700);
  });
});
