import { describe, expect, it } from '@jest/globals';
import { sweptOf } from '../../src/slack/state/sweep-summary-state.js';
import * as life from '../../src/monitor/record/incident.js';
import type { DeviceSettings, Settings } from '../../src/config/settings.js';
import type { CheckOutcome } from '../../src/monitor/product.js';
import { checkMessageBlocks, checkView } from '../../src/sandbox/slack/block-kit/validate-blocks.js';
import { checkMessage } from '../../src/slack/blocks/check.js';
import { devicesMessage, digest, reminder, statusMessage } from '../../src/slack/blocks/fleet.js';
import { historyMessage } from '../../src/slack/blocks/history.js';
import { homeView } from '../../src/slack/blocks/home.js';
import { incidentMessage } from '../../src/slack/blocks/incident.js';
import { checkModal, noteModal, silenceModal } from '../../src/slack/blocks/modals.js';
import { sweepFinished, sweepRunning } from '../../src/slack/blocks/sweep.js';
import {
  replaceQuestion,
  restored,
  restoreQuestion,
  scanDone,
  scanRunning,
} from '../../src/slack/blocks/reference.js';
import { packed } from '../../src/slack/blocks/text.js';
import type { Outgoing } from '../../src/slack/api/slack-client.js';
import type { FleetCamera } from '../../src/slack/state/fleet-view.js';
import { fakeOutcome, fakeReport, fakeSettings } from '../fakes/fake-product.js';
import { fakeDeployment, fakeDevice } from '../fakes/fake-settings.js';

const NOW_MS = Date.parse('2026-01-31T14:00:00Z');
const LONG = 'x'.repeat(99);

/** Ten sites with the longest names and the ugliest reasons. */
const fleet = (size: number): DeviceSettings[] =>
  Array.from({ length: size }, (_, index) => {
    const site = `${index % 10}${LONG}`;
    return fakeDevice(site, `cam-${index}`, `${String(index).padStart(4, '0')}${LONG}`.slice(0, 100));
  });

const outcomeOf = (device: DeviceSettings, index: number): CheckOutcome => {
  const outcome = fakeOutcome(device, [0.1, 0.9, null][index % 3]!);
  const line = `${outcome.line} ${'<&> no telemetry '.repeat(60)}`;
  const failureCode = outcome.verdict === 'unmeasured' ? 'no_reference' : null;
  return { ...outcome, line, failureCode, row: { ...outcome.row, failure_log: line } };
};

const cameraOf = (device: DeviceSettings, index: number): FleetCamera => ({
  device,
  row: outcomeOf(device, index).row,
  verdict: (['ok', 'drifted', 'unmeasured'] as const)[index % 3]!,
  ...{ state: null, isOpen: false, isSilenced: true },
});

const accepted = (message: Outgoing): void => {
  expect(() => checkMessageBlocks(message.blocks, () => null)).not.toThrow();
  expect(message.text.length).toBeLessThanOrEqual(4_000);
};

const settingsOf = (devices: readonly DeviceSettings[]): Settings => ({
  ...fakeSettings(),
  deployments: [...new Set(devices.map(({ deploymentName }) => deploymentName))].map((name) =>
    fakeDeployment(
      name,
      devices.filter(({ deploymentName }) => deploymentName === name),
    ),
  ),
});

describe('a fault that all cameras of a site share', () => {
  it('takes one line of the summary, however many programs found it', () => {
    const swept = fleet(9).map((each) => {
      const of = { ...each, deploymentName: 'site-a' };
      const outcome = { ...fakeOutcome(of, null), failureCode: 'cluster_unreachable', repeated: false };
      return { ...sweptOf({ ...outcome, line: '⚠️ The cluster does not answer.' }), device: of };
    });
    const sweep = { startedAtMs: NOW_MS, total: 9, outcomes: swept, tookMs: null };
    for (const message of [sweepRunning(sweep), sweepFinished({ ...sweep, tookMs: 1_000 }).message])
      expect(JSON.stringify(message.blocks).match(/does not answer/g)).toHaveLength(1);
    const finished = JSON.stringify(sweepFinished({ ...sweep, tookMs: 1_000 }).message);
    expect(finished).toMatch(/the same for 8 more cameras/);
  });
});

describe.each([1, 200, 1_000])('with %d cameras', (size) => {
  const devices = fleet(size);
  const outcomes = devices.map(outcomeOf);
  const swept = outcomes.map((outcome) => ({ ...sweptOf(outcome), device: outcome.device }));
  const sweep = { startedAtMs: NOW_MS, total: size, outcomes: swept, tookMs: 600_000 };

  it('a sweep stays within the limits and names every camera', () => {
    accepted(sweepRunning({ ...sweep, tookMs: null }));
    const { message, thread } = sweepFinished(sweep);
    for (const part of [message, ...thread]) accepted(part);
    const text = JSON.stringify([message, ...thread]);
    for (const { cameraName } of devices) expect(text).toContain(cameraName);
    expect(JSON.stringify(message.blocks).length).toBeLessThan(16_000);
  });

  it('checks, status and lists stay within them', () => {
    const progress = {
      by: 'U1',
      mode: 'active',
      devices,
      outcomes,
      busy: [],
      isDone: true,
      pictureId: 'F1',
    } as const;
    for (const isDone of [true, false]) accepted(checkMessage({ ...progress, isDone }));
    accepted(statusMessage(devices.map(cameraOf), ['No sweep has ended yet']));
    accepted(devicesMessage(devices));
    accepted(
      historyMessage(
        devices[0]!,
        outcomes.map(({ row }) => row),
        'U1',
        NOW_MS,
        'F1',
      ),
    );
  });

  it('Home and the form stay within them, and Home is built within a second', () => {
    const cameras = devices.map(cameraOf);
    const startedMs = performance.now();
    const views = (['all', 'trouble', 'ok'] as const).flatMap((filter) =>
      [0, 1, 99].map((page) => homeView(cameras, { filter, deployment: null, page }, NOW_MS)),
    );
    expect((performance.now() - startedMs) / views.length).toBeLessThan(1_000);
    for (const view of views) {
      expect(() => checkView(view, 'home', () => null)).not.toThrow();
      expect(JSON.stringify(view).length).toBeLessThan(250_000);
    }
    const modal = checkModal(settingsOf(devices), { channel: 'C1', camera: null });
    expect(() => checkView(modal, 'modal', () => null)).not.toThrow();
    expect(JSON.stringify(modal).length).toBeLessThan(250_000);
  });

  it('a digest and a reminder stay within them', () => {
    const incident = life.observe(
      life.CALM,
      life.findingOf(outcomes[1] ?? fakeOutcome(devices[0]!, 0.9)),
      NOW_MS,
      0.8,
    ).state.incident!;
    const open = devices.map((device) => ({ device, incident }));
    accepted(digest(open));
    accepted(reminder(open));
  });
});

describe('one camera', () => {
  const [device] = fleet(1);
  const raised = life.observe(life.CALM, life.findingOf(fakeOutcome(device!, 0.9)), NOW_MS, 0.8).state;
  const who = { by: 'U1', atMs: NOW_MS };
  const job = { kind: 'check', by: 'U2', owner: 'x', startedAtMs: NOW_MS, untilMs: NOW_MS + 1 } as const;
  const noted = Array.from({ length: 20 }).reduce<life.CameraState>(
    (state) => life.addNote(state, { ...who, text: '<b>'.repeat(100) }),
    raised,
  );

  it.each([
    ['alerting', raised],
    ['acknowledged', life.acknowledge(raised, who)],
    ['rescanning', life.beginJob(raised, job)],
    ['full of notes', noted],
    ['resolved', life.resolveByReference(raised, NOW_MS)],
  ])('%s stays within the limits', (_name, state) => {
    accepted(
      incidentMessage(device!, state, { ...state.incident!, picture: { fileId: 'F1', of: '' } }, NOW_MS),
    );
  });

  it('its scans and forms do too', () => {
    accepted(scanRunning(device!, 'U1', { done: 1, total: 24, etaMs: 90_000 }));
    for (const usable of [true, false]) {
      const scan = { by: 'U1', report: fakeReport(usable), hadReference: true, atMs: NOW_MS };
      for (const mapId of [null, 'F1']) accepted(scanDone(device!, scan, mapId));
    }
    accepted(restoreQuestion(device!));
    accepted(restored(device!, 'U1', '2026-01-31T14:00:05.123Z', NOW_MS));
    accepted(replaceQuestion(device!));
    for (const modal of [silenceModal, noteModal])
      expect(() =>
        checkView(modal(device!, { channel: null, camera: 'x' }), 'modal', () => null),
      ).not.toThrow();
  });

  it('an automatic scan shows no number of stops before its plan', () => {
    const auto = { ...fakeDevice('site-a', 'cam-1', 'north'), referenceStops: null };
    const looking = { done: 3, total: 6, etaMs: null, plan: null };
    for (const progress of [null, looking])
      expect(scanRunning(auto, 'U1', progress).text).toMatch(/: looking around to plan its stops$/);
    expect(scanRunning(auto, 'U1', { done: 1, total: 38, etaMs: null }).text).toMatch(/: 1 of 38 stops$/);
    expect(JSON.stringify(replaceQuestion(auto))).toContain('moves through all stops of its scan');
    expect(JSON.stringify(devicesMessage([auto]))).toContain('reference scan auto');
  });

  it('lines are packed in order, none lost, none too long', () => {
    const texts = packed(['a'.repeat(5), 'b'.repeat(5), 'c'.repeat(50)], 11);
    expect(texts).toEqual(['aaaaa\nbbbbb', `${'c'.repeat(10)}…`]);
  });
});
