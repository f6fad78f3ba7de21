import { describe, expect, it } from '@jest/globals';
import { monthlyCost } from '../../../src/cli/commands/monthly-cost.js';
import { AppError } from '../../../src/ports/app-error.js';
import type { Provision } from '../../../src/ports/provision.js';
import { fakeSettings } from '../../fakes/fake-product.js';
import { runCli } from '../run-cli.js';

const provision = (name: string, ensure: Provision['ensure']): Provision => ({
  name,
  plan: `MAKE ${name}`,
  ensure,
});
const both = [
  provision('table a.b', async () => 'created'),
  provision('queue q', async () => 'there already'),
];
const openSetup = async (): Promise<Provision[]> => both;

describe('calib setup', () => {
  it('makes what is missing, says what it did, and what it costs', async () => {
    const said = await runCli(['setup', '--cameras', '3000'], {}, { openSetup });
    expect(said).toMatchObject({ code: 0, err: '', opened: 0 });
    expect(said.lines.slice(0, 2)).toEqual(['table a.b: created', 'queue q: there already']);
    expect(said.lines[2]).toMatch(
      /^About \$\d+ a month for 3000 cameras \(list prices of us-east-1, \w+ 20\d\d\):$/,
    );
  });

  it.each(['many', '0', '-3', '2.5', '3e9'])('makes nothing of a fleet of %s cameras', async (count) => {
    const said = await runCli(['setup', '--cameras', count], {}, { openSetup });
    expect(said).toMatchObject({ code: 2, out: '' });
    expect(said.err).toMatch(/--cameras <n>.*whole number from 1 to/);
  });

  it('prints and makes nothing with --print', async () => {
    const openTouchy = async (): Promise<Provision[]> => [
      provision('table a.b', () => Promise.reject(new Error('made'))),
    ];
    const said = await runCli(['setup', '--print'], {}, { openSetup: openTouchy });
    expect(said.out).toMatch(/^-- table a\.b\nMAKE table a\.b\n/);
    const json = await runCli(['setup', '--print', '--json'], {}, { openSetup: openTouchy });
    expect(JSON.parse(json.out)).toEqual({ name: 'table a.b', plan: 'MAKE table a.b' });
  });

  it('stops at what cannot be made, and says why', async () => {
    const fault = new AppError('aws_forbidden', 'The action glue:GetTable is not allowed.', 'Allow it.');
    const said = await runCli(
      ['setup'],
      {},
      { openSetup: async () => [provision('t', () => Promise.reject(fault)), ...both] },
    );
    expect(said).toMatchObject({ code: 2, out: '', err: `${fault.message} ${fault.remedy}\n` });
  });

  it('says so when the settings name nothing of the cloud', async () => {
    const said = await runCli(['setup']);
    expect(said).toMatchObject({ code: 0, opened: 0 });
    expect(said.out).toMatch(/Nothing is to be made/);
  });

  it('counts the cost by checks: twice the cameras are less than twice the price, but not by much', () => {
    const total = (cameras: number): number =>
      monthlyCost(fakeSettings(), cameras).reduce((sum, { dollars }) => sum + dollars, 0);
    expect(total(3_000)).toBeGreaterThan(100);
    expect(total(6_000) / total(3_000)).toBeGreaterThan(1.8);
    expect(total(6_000) / total(3_000)).toBeLessThanOrEqual(2);
  });
});
