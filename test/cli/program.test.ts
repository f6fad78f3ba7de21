import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { interruptionOf } from '../../src/cli/support/interruption.js';
import type { Shell } from '../../src/cli/support/shell.js';
import { AppError } from '../../src/ports/app-error.js';
import { fakeSettings } from '../fakes/fake-product.js';
import { interruption, runCli } from './run-cli.js';

const COMMANDS = ['validate', 'reference', 'check', 'sweep', 'history', 'serve', 'solve', 'demo'];

describe('calib', () => {
  it('alone prints the help, with exit codes and all commands', async () => {
    const said = await runCli([]);
    expect(said).toMatchObject({ code: 0, err: '' });
    for (const command of COMMANDS) expect(said.out).toContain(`\n  ${command} `);
    expect(said.out).toContain('130  interrupted');
  });

  it.each(COMMANDS)('%s --help shows an example', async (command) => {
    const said = await runCli([command, '--help']);
    expect(said.code).toBe(0);
    expect(said.out).toMatch(new RegExp(`Examples?:\n {2}calib ${command}`));
  });

  it('tells its version', async () => {
    expect(await runCli(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
  });

  it.each([
    [['chek', 'north'], 'Did you mean check?'],
    [['sweep', '--jsn'], 'Did you mean --json?'],
    [['sweep', 'north'], 'too many arguments'],
    [['history'], "missing required argument 'device'"],
  ])('refuses %j with exit code 2', async (args, told) => {
    const said = await runCli(args);
    expect(said).toMatchObject({ code: 2, out: '', opened: 0 });
    expect(said.err).toContain(told);
  });

  it('reads the file of --config, else the default', async () => {
    const read: string[] = [];
    const loadSettings = async (file: string): Promise<ReturnType<typeof fakeSettings>> => {
      read.push(file);
      return fakeSettings();
    };
    await runCli(['validate', '--config', 'other.yaml'], {}, { loadSettings });
    await runCli(['validate'], {}, { loadSettings, defaultConfig: 'usual.yaml' });
    expect(read).toEqual(['other.yaml', 'usual.yaml']);
  });

  it.each(['validate', 'sweep', 'serve', 'check north', 'reference --all', 'history north'])(
    '%s prints every fault of the settings on its line and nothing else',
    async (command) => {
      const faults = 'devices.yaml:3:5 slack.channel: missing\ndevices.yaml:9:1 deployments: empty';
      const loadSettings = async (): Promise<never> => {
        throw new AppError('config_invalid', faults, 'Mend the file.');
      };
      const said = await runCli(command.split(' '), {}, { loadSettings });
      expect(said).toMatchObject({ code: 2, out: '', opened: 0, err: `${faults}\nMend the file.\n` });
    },
  );

  it.each([
    ['validate', ['slack', 'cameras']],
    ['serve', ['slack', 'cameras']],
    ['sweep', ['cameras']],
    ['check north', ['cameras']],
    ['reference north', ['cameras']],
    ['history north', []],
    ['layers north', []],
    ['setup --print', []],
  ])('%s needs the secrets of %j', async (command, secrets) => {
    const needed: (readonly string[])[] = [];
    const loadSettings: Shell['loadSettings'] = async (_file, needs) => {
      needed.push(needs);
      throw new AppError('config_invalid', 'Enough.', 'None.');
    };
    await runCli(command.split(' '), {}, { loadSettings });
    expect(needed).toEqual([secrets]);
  });

  it('exits with 3 when the product cannot be opened', async () => {
    const openProduct = async (): Promise<never> => {
      throw new AppError('results_locked', 'The table is in use.', 'Stop the other program.');
    };
    const said = await runCli(['sweep'], {}, { openProduct });
    expect(said).toMatchObject({ code: 3, err: 'The table is in use. Stop the other program.\n' });
  });

  it('exits with 2 when a wrong argument is found late', async () => {
    const writeFile = async (): Promise<never> => {
      throw new AppError('bad_argument', 'x/y.png cannot be written.', 'Give another file.');
    };
    const said = await runCli(['history', 'north', '--plot', 'x/y.png'], {}, { writeFile });
    expect(said).toMatchObject({ code: 2, closed: 1 });
  });

  it('shows the stack of a fault of its own, even while it is being stopped', async () => {
    const stopping = new AbortController();
    const sweep = async (): Promise<never> => {
      stopping.abort(interruption());
      throw new TypeError('undefined is not a camera');
    };
    const said = await runCli(['sweep'], { sweep }, { signal: stopping.signal });
    expect(said).toMatchObject({ code: 70, closed: 1 });
    expect(said.err).toMatch(/TypeError: undefined is not a camera\n {4}at /);
  });
});

describe('calib serve', () => {
  it('prints a line with its time for each camera, and ends well when told to stop', async () => {
    const stopping = new AbortController();
    const serve = async (tell: (line: string) => void): Promise<never> => {
      tell('✅ north');
      stopping.abort(interruption());
      throw stopping.signal.reason;
    };
    const said = await runCli(['serve'], { serve }, { signal: stopping.signal });
    expect(said).toMatchObject({ code: 0, out: '2026-02-01T00:00:00.000Z ✅ north\n', closed: 1 });
    const again = new AbortController();
    const json = await runCli(
      ['serve', '--json'],
      { serve: async (tell) => tell('✅ north') },
      { signal: again.signal },
    );
    expect(JSON.parse(json.out)).toEqual({ time: '2026-02-01T00:00:00.000Z', message: '✅ north' });
  });

  it('exits with 3 when it cannot go on', async () => {
    const serve = async (): Promise<never> => {
      throw new AppError('store_down', 'The store is down.', 'Wait.');
    };
    expect(await runCli(['serve'], { serve })).toMatchObject({ code: 3, err: 'The store is down. Wait.\n' });
  });
});

describe('calib demo', () => {
  it.each([
    [['demo'], false],
    [['demo', '--once'], true],
  ])('%j runs the demo and takes over its exit code', async (args, once) => {
    let asked: object | null = null;
    const runDemo = async (options: object): Promise<number> => {
      asked = options;
      return 7;
    };
    expect(await runCli(args, {}, { runDemo })).toMatchObject({ code: 7, opened: 0 });
    expect(asked).toEqual({ once });
  });
});

describe('an interruption', () => {
  it.each(['SIGINT', 'SIGTERM'])('asks to stop at the first %s and ends at the second', (name) => {
    const exits: number[] = [];
    let told = '';
    const stoppable = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) });
    const signal = interruptionOf(stoppable, (text) => void (told += text));
    expect(signal.aborted).toBe(false);
    stoppable.emit(name);
    expect(signal.reason).toMatchObject({ code: 'interrupted' });
    expect(told).toContain('Press again to end now.');
    expect(exits).toEqual([]);
    stoppable.emit(name);
    expect(exits).toEqual([130]);
  });
});
