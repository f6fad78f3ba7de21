import type { JsonObject } from '../workspace/json.js';
import { SlackError } from '../workspace/slack-error.js';

export type TokenKind = 'bot' | 'app';

/** The two tokens of the app and what each may do. */
export interface Tokens {
  readonly botToken: string;
  readonly botScopes: readonly string[];
  readonly appToken: string;
  readonly appScopes: readonly string[];
}

const bearerOf = (authorization: string | undefined, args: JsonObject): string => {
  const match = /^Bearer\s+(\S+)$/i.exec(authorization ?? '');
  const inBody = args['token'];
  return match?.[1] ?? (typeof inBody === 'string' ? inBody : '');
};

/**
 * The scopes of the caller. SlackErrors: `not_authed`, `invalid_auth`, `not_allowed_token_type`, and `missing_scope`
 * with `needed` and `provided` when none of `anyOf` is among them.
 */
export const checkAccess = (
  tokens: Tokens,
  authorization: string | undefined,
  args: JsonObject,
  kind: TokenKind,
  anyOf: readonly string[],
): readonly string[] => {
  const token = bearerOf(authorization, args);
  if (token === '') throw new SlackError('not_authed');
  const isBot = token === tokens.botToken;
  if (!isBot && token !== tokens.appToken) throw new SlackError('invalid_auth');
  if (isBot !== (kind === 'bot')) throw new SlackError('not_allowed_token_type');
  const provided = isBot ? tokens.botScopes : tokens.appScopes;
  if (anyOf.length > 0 && !anyOf.some((scope) => provided.includes(scope)))
    throw new SlackError('missing_scope', { needed: anyOf.join(','), provided: provided.join(',') });
  return provided;
};
