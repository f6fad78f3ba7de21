import type { JsonObject } from './json.js';
import { isObject, objectAt, objectsAt, textAt } from './json.js';

interface SlashCommand {
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
}

interface Shortcut {
  readonly name: string;
  readonly callbackId: string;
  readonly kind: 'message' | 'global';
}

/** What the app's manifest.json permits and declares. */
export interface AppManifest {
  readonly botName: string;
  readonly botScopes: readonly string[];
  readonly commands: readonly SlashCommand[];
  readonly shortcuts: readonly Shortcut[];
  readonly botEvents: readonly string[];
  readonly homeTab: boolean;
  readonly messagesTab: boolean;
}

const textsAt = (object: JsonObject, key: string): string[] => {
  const value = object[key];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
};

/** Reads the parts of a manifest that the workspace enforces. */
export const readManifest = (document: unknown): AppManifest => {
  if (!isObject(document)) throw new TypeError('The manifest is not a JSON object.');
  const features = objectAt(document, 'features');
  const settings = objectAt(document, 'settings');
  const home = objectAt(features, 'app_home');
  const name = textAt(objectAt(document, 'display_information'), 'name');
  return {
    botName: textAt(objectAt(features, 'bot_user'), 'display_name') || name,
    botScopes: textsAt(objectAt(objectAt(document, 'oauth_config'), 'scopes'), 'bot'),
    commands: objectsAt(features, 'slash_commands').map((entry) => ({
      command: textAt(entry, 'command'),
      description: textAt(entry, 'description'),
      usageHint: textAt(entry, 'usage_hint'),
    })),
    shortcuts: objectsAt(features, 'shortcuts').map((entry) => ({
      name: textAt(entry, 'name'),
      callbackId: textAt(entry, 'callback_id'),
      kind: entry['type'] === 'message' ? 'message' : 'global',
    })),
    botEvents: textsAt(objectAt(settings, 'event_subscriptions'), 'bot_events'),
    homeTab: home['home_tab_enabled'] === true,
    messagesTab: home['messages_tab_enabled'] === true,
  };
};
