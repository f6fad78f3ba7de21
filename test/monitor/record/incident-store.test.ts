import { describe, expect, it } from '@jest/globals';
import { acknowledge, addNote, CALM, observe } from '../../../src/monitor/record/incident.js';
import { IncidentStore } from '../../../src/monitor/record/incident-store.js';
import { confirmed } from '../../../src/monitor/check/drift-confirmation.js';
import { findingOf } from '../../../src/monitor/record/incident.js';
import { fakeOutcome } from '../../fakes/fake-product.js';
import { fakeDevice } from '../../fakes/fake-settings.js';
import { createMemoryObjectStore } from '../../../src/adapters/local/memory-object-store.js';

const north = fakeDevice('site-a', 'cam-1', 'north');
const drifted = fakeOutcome(north, 0.7);
const ok = fakeOutcome(north, 0.1);
const NOW_MS = Date.parse('2026-01-31T14:00:05.123Z');

const raise = (incidents: IncidentStore) =>
  incidents.update(north, (state) => observe(state, findingOf(drifted), NOW_MS, 0.8).state);

describe('the incident store', () => {
  it('outlives the program that wrote it', async () => {
    const store = createMemoryObjectStore();
    expect(await new IncidentStore(store).of(north)).toBe(CALM);
    await raise(new IncidentStore(store));
    const again = await new IncidentStore(store).of(north);
    expect(again.incident).toMatchObject({ repeats: 0, latest: { largestDeg: 0.7, verdict: 'drifted' } });
    expect(await store.list('_state/')).toEqual(['_state/incidents/site-a/north.json']);
    expect([...(await new IncidentStore(store).all()).keys()]).toEqual(['site-a/north']);
  });

  it('loses none of many concurrent changes', async () => {
    const store = createMemoryObjectStore();
    await raise(new IncidentStore(store));
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        new IncidentStore(store).update(north, (state) =>
          addNote(state, { by: `U${index}`, atMs: NOW_MS, text: 'seen' }),
        ),
      ),
    );
    expect((await new IncidentStore(store).of(north)).incident?.notes).toHaveLength(10);
  });

  it('names one of two who acknowledge at once, and both learn who', async () => {
    const store = createMemoryObjectStore();
    await raise(new IncidentStore(store));
    const both = await Promise.all(
      ['U1', 'U2'].map((by) =>
        new IncidentStore(store).update(north, (state) => acknowledge(state, { by, atMs: NOW_MS })),
      ),
    );
    const names = both.map(({ after }) => after.incident?.acknowledged?.by);
    expect(new Set(names).size).toBe(1);
  });

  it('names an unreadable state', async () => {
    const store = createMemoryObjectStore();
    await store.put('_state/incidents/site-a/north.json', Buffer.from('{"schema":"other"}'));
    await expect(new IncidentStore(store).of(north)).rejects.toMatchObject({
      code: 'state_unreadable',
      message: 'The state _state/incidents/site-a/north.json in the store cannot be read.',
    });
  });
});

describe('confirming drift before reporting it', () => {
  const checking = (...outcomes: (typeof ok)[]) => {
    const left = [...outcomes];
    return { left, check: async () => left.shift()! };
  };

  const twoOfThree = { found: 2, of: 3 };
  it.each([
    { name: 'a fine camera is checked once', outcomes: [ok], told: ok },
    { name: 'a drift that is found again is told', outcomes: [drifted, drifted], told: drifted },
    { name: 'a drift that is gone is not', outcomes: [drifted, ok], told: ok },
    {
      name: 'one is told at once when one is enough',
      of: { found: 1, of: 1 },
      outcomes: [drifted],
      told: drifted,
    },
    { name: 'two of three in a row', of: twoOfThree, outcomes: [drifted, drifted], told: drifted },
    {
      name: 'two of three with one between',
      of: twoOfThree,
      outcomes: [drifted, ok, drifted],
      told: drifted,
    },
    { name: 'only one of three', of: twoOfThree, outcomes: [drifted, ok, ok], told: ok },
    { name: 'three of three are given up early', of: { found: 3, of: 3 }, outcomes: [drifted, ok], told: ok },
  ])('$name', async ({ outcomes, told, of = { found: 2, of: 2 } }) => {
    const { left, check } = checking(...outcomes);
    expect(await confirmed(new IncidentStore(createMemoryObjectStore()), north, check, of)).toBe(told);
    expect(left).toEqual([]);
  });

  it('is not needed during an incident', async () => {
    const incidents = new IncidentStore(createMemoryObjectStore());
    await raise(incidents);
    const { left, check } = checking(drifted, ok);
    expect(await confirmed(incidents, north, check, twoOfThree)).toBe(drifted);
    expect(left).toEqual([ok]);
  });
});
