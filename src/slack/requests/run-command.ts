import type { DeviceSettings } from '../../config/settings.js';
import { isSilenced } from '../../monitor/record/incident.js';
import { devicesMessage, statusMessage } from '../blocks/fleet.js';
import { helpMessage } from '../blocks/help.js';
import { replaceQuestion, restoreQuestion } from '../blocks/reference.js';
import { when } from '../blocks/text.js';
import { requireStops, type Command } from './parse-command.js';
import type { SlackContext } from './context.js';
import { postHistory } from './history-request.js';
import { Reply, type Whisper } from './reply.js';
import { applySilence } from './silence-request.js';

/** Who typed the command, and where the answer goes. */
interface Requester {
  readonly by: string;
  readonly channel: string;
  readonly whisper: Whisper;
}

/** Moving cameras needs permission for each of them; a passive check needs none. */
export const checkFor = async (
  context: SlackContext,
  devices: readonly DeviceSettings[],
  mode: 'passive' | 'active',
  { by, channel, whisper }: Requester,
): Promise<void> => {
  if (mode === 'active') {
    requireStops(devices);
    for (const device of devices) await context.permissions.requireMove(device, by);
  }
  await context.checks.all({ devices, mode, by }, new Reply(context, channel, whisper));
};

const referenceFor = async (
  context: SlackContext,
  { device, restores }: Extract<Command, { kind: 'reference' }>,
  { by, channel, whisper }: Requester,
): Promise<void> => {
  await context.permissions.requireReplaceReference(device, by);
  if (restores) return whisper(restoreQuestion(device));
  if (await context.product.hasReference(device)) return whisper(replaceQuestion(device));
  await context.references.scan(device, by, new Reply(context, channel, whisper));
};

/** The last sweep, and which sites are unreachable or silenced. */
const statusLines = async ({ sweeps, sites, settings, clock }: SlackContext): Promise<string[]> => {
  const { finishedAtMs } = await sweeps.read();
  const nowMs = clock.nowMs();
  const states = await Promise.all(
    settings.deployments.map(async ({ name }) => ({ name, state: await sites.of(name) })),
  );
  return [
    finishedAtMs === null ? 'No sweep has ended yet' : `The last sweep ended ${when(finishedAtMs)}`,
    `one every ${settings.schedule.everyMinutes} min`,
    ...states.flatMap(({ name, state }) => [
      ...(state.outage === null ? [] : [`🔌 ${name} unreachable since ${when(state.outage.sinceMs)}`]),
      ...(state.silence !== null && isSilenced(state, nowMs)
        ? [`🔕 ${name} silenced until ${when(state.silence.untilMs)}`]
        : []),
    ]),
  ];
};

/** Runs a parsed command. */
export const runCommand = async (
  context: SlackContext,
  command: Exclude<Command, { kind: 'modal' }>,
  requester: Requester,
): Promise<void> => {
  const { by, channel, whisper } = requester;
  switch (command.kind) {
    case 'help':
      return whisper(helpMessage());
    case 'status':
      return whisper(statusMessage(await context.fleet.cameras(), await statusLines(context)));
    case 'devices':
      return whisper(devicesMessage(command.devices));
    case 'check':
      return checkFor(context, command.devices, command.mode, requester);
    case 'reference':
      return referenceFor(context, command, requester);
    case 'history':
      return postHistory(context, { ...command, by }, new Reply(context, channel, whisper), whisper);
    case 'silence':
      return applySilence(context, command.target, by, command.untilMs, whisper);
  }
};
