import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { startSite, type Site } from '../../../src/sandbox/site/site.js';
import { colourBarsCamera } from '../colour-bars-camera.js';

const model = colourBarsCamera();
const TOPIC = 'telemetry/cam-1';
let site: Site;

beforeAll(async () => {
  const camera = { model, deviceId: 'cam-1', username: 'viewer', password: 'p@ss' };
  const broker = { username: 'reader', password: 'secret', rateHz: 50 };
  site = await startSite({ name: 'mqtt', cameras: [camera], mqtt: broker });
});
afterAll(() => site.close());
beforeEach(() => site.setFault(0, null));

interface Message {
  readonly text: string;
  readonly retained: boolean;
}

const connect = (password: string): Promise<mqtt.MqttClient> =>
  mqtt.connectAsync(
    `mqtt://127.0.0.1:${site.mqttPort}`,
    { username: 'reader', password, reconnectPeriod: 0, connectTimeout: 2_000 },
    false,
  );

/** What arrives in so many milliseconds. */
const listen = async (durationMs: number): Promise<Message[]> => {
  const client = await connect('secret');
  const heard: Message[] = [];
  client.on('message', (_topic, payload, packet) =>
    heard.push({ text: payload.toString(), retained: packet.retain }),
  );
  await client.subscribeAsync(TOPIC);
  await sleep(durationMs);
  await client.endAsync(true);
  return heard;
};

const fresh = (messages: readonly Message[]): Message[] => messages.filter(({ retained }) => !retained);

describe('the broker', () => {
  it('carries retained telemetry at its rate', async () => {
    const heard = await listen(300);
    expect(heard[0]?.retained).toBe(true);
    expect(fresh(heard).length).toBeGreaterThan(5);
    const last = JSON.parse(heard.at(-1)!.text) as { ts: string };
    expect(last).toEqual({ pan: 10, tilt: -5, zoom: 2, ts: last.ts });
    expect(Math.abs(Date.now() - Date.parse(last.ts))).toBeLessThan(2_000);
  });

  it('wants the password', async () => {
    await expect(connect('wrong')).rejects.toThrow();
  });

  it('falls silent, talks nonsense, repeats itself, or speaks only of movement', async () => {
    site.setFault(0, { protocol: 'mqtt', kind: 'silent' });
    expect(fresh(await listen(100))).toEqual([]);
    site.setFault(0, { protocol: 'mqtt', kind: 'garbage' });
    expect(new Set(fresh(await listen(300)).map(({ text }) => text)).size).toBeGreaterThan(4);
    site.setFault(0, { protocol: 'mqtt', kind: 'onChangeOnly' });
    await sleep(50);
    expect(fresh(await listen(100))).toEqual([]);
    const moving = listen(300);
    await sleep(50);
    model.moveTo({ panDeg: 20, tiltDeg: -5, zoom: 2 }, performance.now());
    expect(fresh(await moving).at(-1)?.text).toContain('"pan":20');
    site.setFault(0, { protocol: 'mqtt', kind: 'frozen' });
    model.moveTo({ panDeg: 10, tiltDeg: -5, zoom: 2 }, performance.now());
    const frozen = fresh(await listen(300));
    expect(frozen.length).toBeGreaterThan(5);
    expect(frozen.every(({ text }) => text.includes('"pan":20'))).toBe(true);
  });
});

describe('close', () => {
  const busyResources = (): string[] =>
    process.getActiveResourcesInfo().filter((name) => /Process|TCP|Pipe/.test(name));

  it('leaves no process and no socket, even while somebody watches', async () => {
    const before = busyResources().length;
    const camera = { model, deviceId: 'cam-9', username: 'viewer', password: 'p' };
    const other = await startSite({ name: 'close', cameras: [camera], mqtt: {} });
    const { rtspPort, rtspPath } = other.cameras[0]!;
    const url = `rtsp://viewer:p@127.0.0.1:${rtspPort}${rtspPath}`;
    const args = ['-nostdin', '-rtsp_transport', 'tcp', '-i', url, '-f', 'null', '-'];
    const watcher = spawn('ffmpeg', args, { stdio: 'ignore' });
    const gone = once(watcher, 'exit');
    const renders = model.renders;
    while (model.renders < renders + 5) await sleep(20);
    await other.close();
    await gone;
    await sleep(50);
    expect(busyResources().length).toBe(before);
    const seen = model.renders;
    await sleep(300);
    expect(model.renders).toBe(seen);
  }, 10_000);
});
