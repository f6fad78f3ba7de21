import type { Outgoing } from '../api/slack-client.js';
import { escaped, section } from './text.js';

/** One paragraph of Slack's markup. */
export const said = (text: string): Outgoing => ({ text, blocks: [section(text)] });

const MENTION = /&lt;(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+)&gt;/g;

/** What went wrong, in plain text from anywhere: of Slack's markup only mentions of people and groups are kept. */
export const trouble = (text: string): Outgoing => said(escaped(text).replace(MENTION, '<$1>'));
