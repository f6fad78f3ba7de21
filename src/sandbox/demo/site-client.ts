import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../ports/app-error.js';
import type { MountOffset } from '../camera/attitude.js';
import type { DemoSite } from './demo-sites.js';
import type { SiteOrder, SiteReady } from './site-messages.js';
import { timeoutSignal } from '../../async/timeout-signal.js';

/** A virtual site that runs in a process of its own. */
export interface RunningSite extends SiteReady {
  readonly site: DemoSite;
  /** Turns a camera's mount as a knock or a leaning pole would; its telemetry knows nothing of it. */
  turnMount(camera: number, offset: MountOffset): void;
  close(): Promise<void>;
}

const WALL_PX = 8192;
const START_MS = 60_000;
const CLOSE_MS = 5_000;

const order = (child: ChildProcess, message: SiteOrder): void => void child.send(message);

const isReady = (message: unknown): message is SiteReady =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'ready';

const notStarted = (name: string, cause: unknown): AppError =>
  new AppError(
    'site_not_started',
    `The virtual site ${name} did not start.`,
    'Check that ffmpeg is installed with libx264, and that enough memory is free.',
    cause,
  );

const untilReady = async (child: ChildProcess, signal: AbortSignal): Promise<SiteReady> => {
  const ended = once(child, 'exit', { signal }).then((how: unknown[]) => {
    throw new Error(`its process ended with ${String(how[0])}`);
  });
  const said: unknown[] = await Promise.race([once(child, 'message', { signal }), ended]);
  const [message] = said;
  if (!isReady(message)) throw new Error('it sent an unexpected message');
  return message;
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const killing = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
  if (child.connected) child.disconnect();
  await ended;
  clearTimeout(killing);
};

export const launchSite = async (site: DemoSite, signal: AbortSignal): Promise<RunningSite> => {
  const child = fork(fileURLToPath(new URL('./site-process.js', import.meta.url)), [], { stdio: 'inherit' });
  const starting = new AbortController();
  try {
    order(child, { kind: 'start', site, wallPx: WALL_PX });
    const patience = AbortSignal.any([signal, starting.signal, timeoutSignal(START_MS)]);
    const ready = await untilReady(child, patience);
    return {
      ...ready,
      site,
      turnMount: (camera, offset) => order(child, { kind: 'turn_mount', camera, offset }),
      close: () => end(child),
    };
  } catch (cause) {
    await end(child);
    signal.throwIfAborted();
    throw notStarted(site.name, cause);
  } finally {
    starting.abort();
  }
};
