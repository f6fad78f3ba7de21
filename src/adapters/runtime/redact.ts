import { types } from 'node:util';
import type { Credentials } from '../../config/settings.js';

const URL_USERINFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*(?:@[^\s/@]*)*@/gi;

/** The text without user info in URLs and without the given secret, plain or percent-encoded. */
export const redact = (text: string, credentials: Credentials | null = null): string => {
  const bare = text.replace(URL_USERINFO, '$1***@');
  if (credentials === null || credentials.password === '') return bare;
  const { password } = credentials;
  return bare.replaceAll(password, '***').replaceAll(encodeURIComponent(password), '***');
};

/** The fault's message, redacted. */
export const redactedMessage = (fault: unknown, credentials: Credentials | null = null): string =>
  redact(types.isNativeError(fault) ? fault.message : String(fault), credentials);
