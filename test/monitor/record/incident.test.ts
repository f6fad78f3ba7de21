import { describe, expect, it } from '@jest/globals';
import * as life from '../../../src/monitor/record/incident.js';
import { CALM, phaseOf, type CameraState, type Finding } from '../../../src/monitor/record/incident.js';

const NOW_MS = Date.parse('2026-01-31T14:00:00Z');
const HOUR_MS = 3_600_000;
const observe = (state: CameraState, finding: Finding, nowMs: number) =>
  life.observe(state, finding, nowMs, 0.8);

/** The finding of a check some hours after the first one; null means not measured. */
const found = (largestDeg: number | null, hour = 0): Finding => ({
  at: new Date(NOW_MS + hour * HOUR_MS).toISOString(),
  verdict: largestDeg === null ? 'unmeasured' : largestDeg > 0.5 ? 'drifted' : 'ok',
  largestDeg,
  thresholdDeg: 0.5,
  told: 'yaw',
  advice: '',
  pictureLocation: null,
});

/** Observes findings an hour apart; returns the state and every change. */
const after = (...degs: (number | null)[]): { state: CameraState; changes: life.Change[] } => {
  let state = CALM;
  const changes = degs.map((deg, hour) => {
    const seen = observe(state, found(deg, hour), NOW_MS + hour * HOUR_MS);
    state = seen.state;
    return seen.change;
  });
  return { state, changes };
};

const phase = (state: CameraState, nowMs = NOW_MS): life.Phase => phaseOf(state, state.incident!, nowMs);
const job: life.Job = {
  kind: 'check',
  by: 'U1',
  owner: 'host:1',
  startedAtMs: NOW_MS,
  untilMs: NOW_MS + 60_000,
};

describe("one camera's incident", () => {
  it.each([
    { name: 'is raised by a drift', degs: [0.1, 0.7], changes: ['none', 'raised'] },
    { name: 'counts repeats', degs: [0.7, 0.8, 0.9], changes: ['raised', 'repeated', 'repeated'] },
    { name: 'stays open just below the threshold', degs: [0.7, 0.45], changes: ['raised', 'repeated'] },
    { name: 'resolves clearly below it', degs: [0.7, 0.4], changes: ['raised', 'resolved'] },
    { name: 'is never resolved by the unmeasured', degs: [0.7, null], changes: ['raised', 'unmeasured'] },
    {
      name: 'tells once that it cannot be measured',
      degs: [0.7, null, null],
      changes: ['raised', 'unmeasured', 'none'],
    },
    { name: 'is not raised by the unmeasured', degs: [null], changes: ['none'] },
    { name: 'is raised anew', degs: [0.7, 0.1, 0.7], changes: ['raised', 'resolved', 'raised'] },
  ])('$name', ({ degs, changes }) => {
    expect(after(...degs).changes).toEqual(changes);
  });

  it('does not take a check twice, nor an older one', () => {
    const { state } = after(0.7, 0.8);
    expect(observe(state, found(0.8, 1), NOW_MS)).toEqual({ state, change: 'none' });
    expect(observe(state, found(0.1, 0), NOW_MS)).toEqual({ state, change: 'none' });
    const resolved = after(0.7, 0.1).state;
    expect(observe(resolved, found(0.7, 0), NOW_MS).change).toBe('none');
  });

  it('starts over when it is raised again', () => {
    const acknowledged = life.acknowledge(after(0.7).state, { by: 'U1', atMs: NOW_MS });
    const resolved = observe(acknowledged, found(0.1, 1), NOW_MS).state;
    const again = observe(resolved, found(0.7, 2), NOW_MS).state;
    expect(phase(resolved)).toBe('resolved');
    expect(again.incident).toMatchObject({ acknowledged: null, repeats: 0, message: null });
  });

  it('keeps the name of the first who acknowledged it, and can be taken back', () => {
    const first = life.acknowledge(after(0.7).state, { by: 'U1', atMs: NOW_MS });
    const second = life.acknowledge(first, { by: 'U2', atMs: NOW_MS + 1 });
    expect(second.incident?.acknowledged).toEqual({ by: 'U1', atMs: NOW_MS });
    expect([phase(after(0.7).state), phase(second), phase(life.unacknowledge(second))]).toEqual([
      'alerting',
      'acknowledged',
      'alerting',
    ]);
    expect(life.acknowledge(CALM, { by: 'U1', atMs: 0 })).toBe(CALM);
  });

  it('has one job at a time, which expires with its owner', () => {
    const begun = life.beginJob(after(0.7).state, job);
    const other = { ...job, by: 'U2', owner: 'host:2' };
    expect(life.beginJob(begun, other)).toBe(begun);
    expect(phase(begun)).toBe('rescanning');
    expect(phase(begun, job.untilMs)).toBe('alerting');
    expect(life.endJob(begun, other)).toBe(begun);
    expect(phase(life.endJob(begun, job))).toBe('alerting');
    expect(life.prolongJob(begun, job, NOW_MS + HOUR_MS).job?.untilMs).toBe(NOW_MS + HOUR_MS);
    const late = { ...other, startedAtMs: job.untilMs };
    expect(life.beginJob(begun, late).job?.by).toBe('U2');
  });

  it('is silenced until a time', () => {
    const quiet = life.silence(after(0.7).state, { by: 'U1', atMs: NOW_MS }, NOW_MS + HOUR_MS);
    expect(life.isSilenced(quiet, NOW_MS)).toBe(true);
    expect(life.isSilenced(quiet, NOW_MS + HOUR_MS)).toBe(false);
    expect(life.silence(quiet, { by: 'U1', atMs: NOW_MS }, NOW_MS).silence).toBeNull();
  });

  it('is resolved by a new reference', () => {
    expect(phase(life.resolveByReference(after(0.7).state, NOW_MS))).toBe('resolved');
  });
});
