import { describe, expect, it } from '@jest/globals';
import { exponential, toEuler } from '../../../src/geometry/rotation.js';
import { degFromRad, radFromDeg } from '../../../src/geometry/angles.js';
import { verdictLine, verdictOf } from '../../../src/monitor/text/verdict.js';
import { causeInWords, leanOf, signedDeg } from '../../../src/monitor/text/wording.js';
import { unanswered } from '../../../src/solve/model/answer.js';
import { measured } from '../monitor-rig.js';

/** The offsets of a pole whose top leans towards an azimuth. */
const leaning = (leanDeg: number, azimuthDeg: number) => {
  const [lean, azimuth] = [radFromDeg(leanDeg), radFromDeg(azimuthDeg)];
  const { yawRad, pitchRad, rollRad } = toEuler(
    exponential([Math.sin(azimuth) * lean, -Math.cos(azimuth) * lean, 0]),
  );
  return { yawDeg: degFromRad(yawRad), pitchDeg: degFromRad(pitchRad), rollDeg: degFromRad(rollRad) };
};

describe('the verdict', () => {
  it.each([
    [0.5, 'ok'],
    [0.501, 'drifted'],
    [-0.501, 'drifted'],
  ])('takes %d° of yaw at a threshold of 0.5° as %s', (yaw, expected) => {
    expect(verdictOf(measured(yaw), 0.5)).toBe(expected);
    expect(verdictOf(measured(0, yaw), 0.5)).toBe(expected);
    expect(verdictOf(measured(0, 0, yaw), 0.5)).toBe(expected);
  });

  it('never takes a refusal or NaN for an answer', () => {
    expect(verdictOf(unanswered('q', 'too dark'), 0.5)).toBe('unmeasured');
    expect(verdictOf(measured(Number.NaN), 0.5)).toBe('unmeasured');
  });

  it('writes one line that starts with its icon', () => {
    const drifted = { ...measured(0.7, 0, 0), cause: 'pan_slip' as const };
    expect(verdictLine('a/b', 'drifted', drifted)).toBe(
      '🚨 a/b: yaw +0.70° ± 0.010°, pitch 0.00° ± 0.010°, roll 0.00° ± 0.020°. ' +
        'The pan encoder slipped or the mount turned: home the camera, or turn the mount 0.7° to the left.',
    );
    expect(verdictLine('a/b', 'unmeasured', unanswered('q', 'too dark'))).toBe(
      '⚠️ a/b: not measured: too dark',
    );
  });
});

describe('the wording', () => {
  it.each([0, 74, 180, 254.5, 359])('finds the lean towards azimuth %d°', (azimuthDeg) => {
    const { leanDeg, azimuthDeg: found } = leanOf(leaning(0.9, azimuthDeg));
    expect(leanDeg).toBeCloseTo(0.9, 6);
    expect(Math.cos(radFromDeg(found - azimuthDeg))).toBeCloseTo(1, 9);
  });

  it('describes a lean in plain words', () => {
    const { yawDeg, pitchDeg, rollDeg } = leaning(0.9, 74);
    const answer = { ...measured(yawDeg, pitchDeg, rollDeg), cause: 'mount_rotation' as const };
    expect(causeInWords(answer)).toBe(
      'The mount leans 0.9° towards azimuth 74°: straighten it towards azimuth 254°.',
    );
  });

  it('names the causes that cannot be told apart', () => {
    const { yawDeg, pitchDeg, rollDeg } = leaning(0.9, 74);
    const inWords = (yaw: number, pitch: number, roll: number) =>
      causeInWords({ ...measured(yaw, pitch, roll), cause: 'unclear' });
    expect(inWords(0.7, 0, 0)).toBe('Cause unclear: home the camera, or turn the mount 0.7° to the left.');
    expect(inWords(yawDeg, pitchDeg, rollDeg)).toBe(
      'Cause unclear: home the camera, or straighten the mount, which may lean 0.9° towards azimuth 74°.',
    );
    expect(inWords(0, 0.01, 0)).toBe('');
  });

  it('says how the body has shifted on its arm, and that it takes a new scan', () => {
    const inWords = (yaw: number, pitch: number, roll: number) =>
      causeInWords({ ...measured(yaw, pitch, roll), cause: 'body_reseated' });
    expect(inWords(0.7, 0, -1.2)).toBe(
      'The camera body has shifted on its arm: 0.7° right, 1.2° rolled counter-clockwise. ' +
        'Tighten the body, then scan a new reference.',
    );
    expect(inWords(-0.6, 0.9, 0.4)).toBe(
      'The camera body has shifted on its arm: 0.6° left, 0.9° up, 0.4° rolled clockwise. ' +
        'Tighten the body, then scan a new reference.',
    );
  });

  it('says what to do about a slipped encoder', () => {
    expect(causeInWords({ ...measured(0, -0.9), cause: 'tilt_slip' })).toBe(
      'The tilt encoder slipped: home the camera.',
    );
  });

  it('reports a replaced lens even if the camera points where it did', () => {
    const changed = { ...measured(0), cause: 'camera_changed' as const };
    expect(verdictLine('a/b', 'ok', changed)).toContain('the camera was replaced. Scan a new reference.');
    expect(verdictLine('a/b', 'ok', { ...measured(0), cause: 'unclear' })).not.toContain('unclear');
  });

  it.each([
    [0.004, '0.00°'],
    [-0.7, '−0.70°'],
    [12.345, '+12.35°'],
  ])('writes %d° as %s', (value, text) => {
    expect(signedDeg(value)).toBe(text);
  });
});
