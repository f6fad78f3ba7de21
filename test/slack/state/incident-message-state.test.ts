import { describe, expect, it } from '@jest/globals';
import { acknowledge, CALM, observe } from '../../../src/monitor/record/incident.js';
import * as message from '../../../src/slack/state/incident-message-state.js';

const NOW_MS = Date.parse('2026-01-31T14:00:00Z');
const finding = {
  at: new Date(NOW_MS).toISOString(),
  ...{ verdict: 'drifted' as const, largestDeg: 0.7, thresholdDeg: 0.5 },
  ...{ told: 'yaw', advice: '', pictureLocation: null },
};
const { state } = observe(CALM, finding, NOW_MS, 0.8);
const { openedAtMs } = state.incident!;
const id = { channel: 'C1', ts: '1.1' };
const posted = message.posted(state, openedAtMs, {
  message: id,
  shown: message.shownOf(state, NOW_MS),
  sent: [],
});

describe('the message of an incident', () => {
  it('is to be posted once, and again only when that very message was deleted', () => {
    expect(message.claimOf(state)).toBeNull();
    expect(message.claimOf(posted)).toBeUndefined();
    const other = { channel: 'C1', ts: '0.9' };
    expect(message.messageGone(posted, openedAtMs, other).incident?.message).toEqual(id);
    expect(message.claimOf(message.messageGone(posted, openedAtMs, id))).toBeNull();
  });

  it('is not to be posted once the incident is resolved', () => {
    const later = { ...finding, at: new Date(NOW_MS + 1).toISOString(), largestDeg: 0.1 };
    expect(message.claimOf(observe(state, later, NOW_MS + 1, 0.8).state)).toBeUndefined();
  });

  it('is behind until it shows the kept state, and its thread every later check', () => {
    expect(message.isBehind(state, NOW_MS)).toBe(true);
    expect(message.isBehind(posted, NOW_MS)).toBe(false);
    const acknowledged = acknowledge(posted, { by: 'U1', atMs: NOW_MS });
    expect(message.isBehind(acknowledged, NOW_MS)).toBe(true);
    const shown = message.shownAs(acknowledged, openedAtMs, message.shownOf(acknowledged, NOW_MS));
    expect(message.isBehind(shown, NOW_MS)).toBe(false);
    const replies = [{ change: 'repeated' as const, finding }];
    const repeated = { ...shown, incident: { ...shown.incident!, replies } };
    expect(message.isBehind(repeated, NOW_MS)).toBe(true);
    expect(message.isBehind(message.replied(repeated, openedAtMs, replies), NOW_MS)).toBe(false);
  });
});
