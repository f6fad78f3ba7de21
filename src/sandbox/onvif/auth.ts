import { createHash } from 'node:crypto';
import type { DigestGate, Login } from '../site/http-digest.js';
import { textOf } from './soap.js';

/** Difference between the token's time and the device's clock that is still believed. */
const MAX_AGE_MS = 5_000;

/** WS-UsernameToken with digest: base64(sha1(nonce + created + password)), made no longer than 5 s ago by the device's clock. */
const acceptsUsernameToken = (xml: string, login: Login, deviceNowMs: number): boolean => {
  const [username, sent, nonce, created] = ['Username', 'Password', 'Nonce', 'Created'].map((name) =>
    textOf(xml, name),
  );
  if (!username || !sent || !nonce || !created || username !== login.username) return false;
  if (!(Math.abs(Date.parse(created) - deviceNowMs) <= MAX_AGE_MS)) return false;
  const digest = createHash('sha1')
    .update(Buffer.from(nonce, 'base64'))
    .update(created + login.password)
    .digest('base64');
  return digest === sent;
};

export interface Credentials {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly xml: string;
}

/**
 * `allowed`, or how to refuse: `challenge` asks for HTTP digest with 401; `rejected` says that a WS-Security token did
 * not convince (ONVIF Core, 5.9.1).
 */
export const judgeCredentials = (
  sent: Credentials,
  rules: { login: Login; digest: DigestGate; deviceNowMs: number; httpDigestOnly: boolean },
): 'allowed' | 'challenge' | 'rejected' => {
  if (rules.digest.accepts(sent.authorization, sent.method)) return 'allowed';
  const hasToken = textOf(sent.xml, 'Username') !== null;
  if (sent.authorization !== undefined || rules.httpDigestOnly || !hasToken) return 'challenge';
  return acceptsUsernameToken(sent.xml, rules.login, rules.deviceNowMs) ? 'allowed' : 'rejected';
};
