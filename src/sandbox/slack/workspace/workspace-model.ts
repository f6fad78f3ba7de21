import type { JsonObject } from './json.js';

export interface Person {
  readonly id: string;
  /** The handle, as in `@anna`. */
  readonly name: string;
  readonly realName: string;
  readonly isBot: boolean;
}

export interface UserGroup {
  readonly id: string;
  readonly handle: string;
  readonly users: readonly string[];
}

export interface Message {
  readonly ts: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly text: string;
  readonly blocks: readonly JsonObject[];
  readonly threadTs: string | null;
  readonly editedTs: string | null;
  readonly metadata: JsonObject | null;
  /** The person who alone sees an ephemeral message; null: everyone sees it. */
  readonly onlyFor: string | null;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly isPrivate: boolean;
  /** For a direct conversation with the app, the person in it. */
  readonly personId: string | null;
  readonly isArchived: boolean;
  readonly members: ReadonlySet<string>;
}

export interface View {
  readonly id: string;
  readonly userId: string;
  readonly hash: string;
  readonly content: JsonObject;
}

export interface SharedFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly altText: string;
  readonly bytes: Buffer;
  readonly mimeType: string;
  /** When Slack has processed the file, so that blocks can show it. */
  readonly readyAtMs: number;
}

/** A change in the workspace, for those who watch it. */
export type Change =
  | { readonly kind: 'message'; readonly message: Message }
  | {
      readonly kind: 'message_gone';
      readonly channelId: string;
      readonly ts: string;
      readonly onlyFor: string | null;
    }
  | { readonly kind: 'channel'; readonly channel: Channel }
  | { readonly kind: 'modals'; readonly userId: string; readonly views: readonly View[] }
  | { readonly kind: 'home'; readonly userId: string; readonly view: View }
  | { readonly kind: 'notice'; readonly userId: string; readonly text: string }
  /** The number of the app's connected sockets. */
  | { readonly kind: 'presence'; readonly connections: number };
