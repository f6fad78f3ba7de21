import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SocketModeClient } from '@slack/socket-mode';
import type { Opened } from './open-sandbox.js';
import { ANNA, CHANNEL, openSandbox, socketClientOf } from './open-sandbox.js';

let opened: Opened;
let clients: SocketModeClient[];

beforeEach(async () => {
  clients = [];
  opened = await openSandbox();
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.disconnect()));
  await opened.sandbox.close();
});

interface Envelope {
  readonly body: { readonly command?: string; readonly text?: string };
  readonly ack: (response?: object) => Promise<void>;
  readonly retry_num?: number;
  readonly retry_reason?: string;
}

/** A connected real client that handles one kind of envelope. */
const connect = async (
  type: string,
  handle: (envelope: Envelope) => void,
  reconnectAfterMs?: number,
): Promise<SocketModeClient> => {
  const client = socketClientOf(opened.sandbox, reconnectAfterMs);
  clients.push(client);
  client.on(type, handle);
  await client.start();
  return client;
};

const slash = (text: string): Promise<{ outcome: string }> =>
  opened.sandbox.user(ANNA).slash(`/calib ${text}`, CHANNEL);

describe('Socket Mode', () => {
  it('hands each command to one of several sockets', async () => {
    const seen: string[][] = [[], []];
    for (const list of seen)
      await connect('slash_commands', (envelope) => {
        list.push(envelope.body.text ?? '');
        void envelope.ack();
      });
    expect(opened.sandbox.sockets.connections).toBe(2);
    for (const text of ['1', '2', '3', '4']) expect(await slash(text)).toMatchObject({ outcome: 'acked' });
    expect(seen.map((list) => list.length)).toEqual([2, 2]);
    expect(seen.flat().sort()).toEqual(['1', '2', '3', '4']);
  });

  it('shows what the acknowledgement says', async () => {
    await connect('slash_commands', (envelope) => void envelope.ack({ text: 'on it' }));
    await slash('check');
    await connect('slash_commands', () => undefined);
    expect(opened.sandbox.user(ANNA).ephemerals.map((message) => message.text)).toEqual(['on it']);
  });

  it('tells the person when nobody answers in time, and never sends a command again', async () => {
    let count = 0;
    let late: (() => Promise<void>) | null = null;
    await connect('slash_commands', (envelope) => {
      count += 1;
      late = envelope.ack;
    });
    const done = slash('check');
    await opened.sandbox.waitFor(() => count === 1);
    await opened.clock.advance(3_000);
    expect(await done).toMatchObject({ outcome: 'timeout' });
    const [told] = opened.sandbox.user(ANNA).ephemerals;
    expect(told?.text).toContain('did not respond in time');
    await late!();
    await opened.sandbox.waitFor(() => opened.sandbox.sockets.lateAcks.length === 1);
    await opened.clock.advance(600_000);
    expect(count).toBe(1);
  });

  it('tells the person when no app is connected or the command does not exist', async () => {
    expect(await slash('check')).toEqual({ outcome: 'no_socket' });
    await opened.sandbox.user(ANNA).slash('/nonsense');
    const [first, second] = opened.sandbox.user(ANNA).ephemerals;
    expect(first?.text).toContain('dispatch_failed');
    expect(second?.text).toContain('is not a valid command');
  });

  it('delivers an event again until it is acknowledged', async () => {
    const attempts: (number | undefined)[] = [];
    await connect('app_home_opened', (envelope) => {
      attempts.push(envelope.retry_num);
      if (envelope.retry_num === 2) void envelope.ack();
    });
    const done = opened.sandbox.user(ANNA).openHome();
    await opened.sandbox.waitFor(() => attempts.length === 1);
    await opened.clock.advance(3_000);
    await opened.sandbox.waitFor(() => attempts.length === 2);
    await opened.clock.advance(3_000);
    await opened.clock.advance(60_000);
    expect(await done).toMatchObject({ outcome: 'acked' });
    expect(attempts).toEqual([0, 1, 2]);
  });

  it('lets the app reconnect when it is asked to and when the line is cut', async () => {
    const client = await connect('slash_commands', (envelope) => void envelope.ack(), 300);
    for (const disturb of ['refresh', 'drop'] as const) {
      const again = new Promise((resolve) => client.once('connected', resolve));
      opened.sandbox.sockets[disturb]();
      await again;
      expect(await slash('check')).toMatchObject({ outcome: 'acked' });
    }
  });

  it('takes ten sockets and sends the eleventh away', async () => {
    const open = async (): Promise<string> => {
      const response = await fetch(`${opened.sandbox.apiUrl}apps.connections.open`, {
        method: 'POST',
        headers: { authorization: `Bearer ${opened.sandbox.appToken}` },
      });
      return ((await response.json()) as { url: string }).url;
    };
    const { WebSocket } = await import('ws');
    const sockets = [];
    const first = (socket: InstanceType<typeof WebSocket>): Promise<{ type: string; reason?: string }> =>
      new Promise((resolve) =>
        socket.once('message', (data: Buffer) =>
          resolve(JSON.parse(data.toString()) as { type: string; reason?: string }),
        ),
      );
    for (let count = 1; count <= 10; count += 1) {
      const socket = new WebSocket(await open());
      sockets.push(socket);
      expect(await first(socket)).toMatchObject({ type: 'hello', num_connections: count });
    }
    const eleventh = new WebSocket(await open());
    expect(await first(eleventh)).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
    for (const socket of [...sockets, eleventh]) socket.terminate();
  });
});
