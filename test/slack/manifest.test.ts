import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { App } from '@slack/bolt';
import { registerListeners } from '../../src/slack/listeners/register.js';
import type { SlackContext } from '../../src/slack/requests/context.js';
import { BOT_SCOPES, COMMAND, EVENTS, SHORTCUT } from '../../src/slack/api/ids.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const manifest = JSON.parse(read('manifest.json')) as {
  display_information: Record<string, string>;
  features: {
    slash_commands: { command: string; usage_hint: string; description: string }[];
    shortcuts: { type: string; callback_id: string; name: string }[];
    app_home: Record<string, boolean>;
  };
  oauth_config: { scopes: { bot: string[] } };
  settings: {
    socket_mode_enabled: boolean;
    interactivity: { is_enabled: boolean };
    event_subscriptions: { bot_events: string[] };
  };
};

const slackSources = readdirSync(path.join(root, 'src/slack'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(path.join('src/slack', file)))
  .join('\n');

/** The Web API methods that need a scope of their own. */
const NEEDED: Readonly<Record<string, RegExp>> = {
  'chat:write': /chat\.postMessage/,
  commands: /app\.command\(/,
  'files:write': /filesUploadV2/,
  'usergroups:read': /usergroups\.users\.list/,
};

describe('manifest.json', () => {
  it('is valid', () => {
    const schemaFile = path.join(root, '../shared/data/slack-manifest.schema.json');
    const { display_information: about, features } = manifest;
    expect(about['name']!.length).toBeLessThanOrEqual(35);
    expect(about['description']!.length).toBeLessThanOrEqual(140);
    expect(about['long_description']!.length).toBeGreaterThanOrEqual(175);
    for (const { command, usage_hint: hint, description } of features.slash_commands)
      expect([command.length <= 32, hint.length <= 1000, description.length <= 140]).toEqual([
        true,
        true,
        true,
      ]);
    for (const { name } of features.shortcuts) expect(name.length).toBeLessThanOrEqual(24);
    if (!existsSync(schemaFile)) return;
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const isValid = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')) as object);
    isValid(manifest);
    expect(isValid.errors ?? []).toEqual([]);
  });

  it('declares exactly what the listeners handle', async () => {
    const registered = { command: [] as unknown[], shortcut: [] as unknown[], event: [] as unknown[] };
    const app = new App({ token: 'xoxb-none', signingSecret: 'none', deferInitialization: true });
    for (const kind of ['command', 'shortcut', 'event'] as const)
      Object.defineProperty(app, kind, { value: (id: unknown) => registered[kind].push(id) });
    registerListeners(app, {} as SlackContext);
    const { features, settings } = manifest;
    expect(features.slash_commands.map(({ command }) => command)).toEqual(registered.command);
    expect(settings.event_subscriptions.bot_events).toEqual(registered.event);
    expect(
      features.shortcuts.map(({ type, callback_id: id }) => ({
        callback_id: id,
        type: type === 'global' ? 'shortcut' : 'message_action',
      })),
    ).toEqual(registered.shortcut);
    expect([registered.command, registered.event]).toEqual([[COMMAND], [...EVENTS]]);
    expect(registered.shortcut).toHaveLength(Object.keys(SHORTCUT).length);
  });

  it('requests exactly the scopes that are used', () => {
    expect(manifest.oauth_config.scopes.bot).toEqual([...BOT_SCOPES]);
    for (const scope of manifest.oauth_config.scopes.bot) expect(slackSources).toMatch(NEEDED[scope]!);
    expect(manifest.settings).toMatchObject({
      socket_mode_enabled: true,
      interactivity: { is_enabled: true },
    });
    expect(manifest.features.app_home['home_tab_enabled']).toBe(true);
  });
});
