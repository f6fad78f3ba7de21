import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

const run = (
  args: readonly string[],
  closeOutput = false,
): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    if (closeOutput) child.stdout.destroy();
    child.on('error', reject).on('close', (code) => resolve({ ...said, code }));
  });

describe('the program', () => {
  it('prints its help and its version', async () => {
    const { code, out, err } = await run(['--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Usage: calib');
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('tells where a broken YAML file is broken, in lines without a stack', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'calib-main-'));
    try {
      const file = path.join(dir, 'devices.yaml');
      await writeFile(file, 'deployments:\n  - name: "site-a\n');
      const { code, out, err } = await run(['validate', '--config', file]);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(`${file}:`);
      expect(err).toMatch(/devices\.yaml:\d+:\d+/);
      expect(err).not.toMatch(/\n {4}at /);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('is silent when nobody reads its output any more', async () => {
    expect(await run(['--help'], true)).toEqual({ code: 0, out: '', err: '' });
  });
});
