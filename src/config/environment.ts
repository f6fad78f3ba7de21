import { AppError } from '../ports/app-error.js';
import { envName } from './schema/fields.js';
import type { Finding } from './findings.js';
import { isTree } from './schema/merge-defaults.js';
import type { Credentials } from './settings.js';
import type { Path } from './yaml-source.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** Who uses secrets: the Slack app, and whatever reaches cameras and brokers. */
export type SecretUser = 'slack' | 'cameras';

/** The environment, and whose secrets must be in it; the others are missed only when they are used after all. */
export interface Secrets {
  readonly env: Env;
  readonly needed: readonly SecretUser[];
}

interface CredentialNames {
  readonly username_env: string;
  readonly password_env: string;
}

/** Why the variable cannot be used, null when it can. Its value is never told. */
const envFinding = (name: string, env: Env, path: Path): Finding | null => {
  const value = env[name];
  if (value === undefined || value === '')
    return { path, message: `names the environment variable ${name}, which is not set` };
  if (/[\r\n]/.test(value))
    return { path, message: `names the environment variable ${name}, whose value has a line break in it` };
  return null;
};

/** The unusable ones of the variables that keys of a section name; what is no name of one is told elsewhere. */
const envFindings = (section: unknown, keys: readonly string[], env: Env, path: Path): Finding[] =>
  keys
    .map((key) => {
      const name = envName.safeParse(isTree(section) ? section[key] : undefined).data;
      return name === undefined ? null : envFinding(name, env, [...path, key]);
    })
    .filter((finding) => finding !== null);

const SLACK_KEYS = ['bot_token_env', 'app_token_env'];
const CREDENTIAL_KEYS = ['username_env', 'password_env'];

/** What is wrong with the variables of the Slack app, where they are needed. */
export const slackFindings = (slack: unknown, { env, needed }: Secrets): Finding[] =>
  needed.includes('slack') ? envFindings(slack, SLACK_KEYS, env, ['slack']) : [];

/** The same for the credentials of a camera's or a broker's service. */
export const credentialFindings = (service: unknown, { env, needed }: Secrets, path: Path): Finding[] =>
  isTree(service) && needed.includes('cameras')
    ? envFindings(service['credentials'], CREDENTIAL_KEYS, env, [...path, 'credentials'])
    : [];

/** AppError `secret_missing` when it is not set: it was not needed as far as anybody knew. */
export const envValue = (name: string, env: Env): string => {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new AppError(
    'secret_missing',
    `The environment variable ${name}, which devices.yaml names, is not set.`,
    'Set it, and try again.',
  );
};

/** Read when they are used, and only then. */
export const credentialsOf = (names: CredentialNames | null | undefined, env: Env): Credentials | null =>
  names
    ? Object.freeze({
        get username() {
          return envValue(names.username_env, env);
        },
        get password() {
          return envValue(names.password_env, env);
        },
      })
    : null;
