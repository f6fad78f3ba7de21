import { envName } from './fields.js';
import type { Finding } from './findings.js';
import { isTree } from './overlay.js';
import type { Credentials } from './settings.js';
import type { Path } from './yaml-source.js';

export type Env = Readonly<Record<string, string | undefined>>;

export interface CredentialNames {
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
export const envFindings = (section: unknown, keys: readonly string[], env: Env, path: Path): Finding[] =>
  keys
    .map((key) => {
      const name = envName.safeParse(isTree(section) ? section[key] : undefined).data;
      return name === undefined ? null : envFinding(name, env, [...path, key]);
    })
    .filter((finding) => finding !== null);

/** The same for the credentials of a service. */
export const credentialFindings = (service: unknown, env: Env, path: Path): Finding[] =>
  isTree(service)
    ? envFindings(service['credentials'], ['username_env', 'password_env'], env, [...path, 'credentials'])
    : [];

/** The value of a variable that was checked before. */
export const envValue = (name: string, env: Env): string => {
  const value = env[name];
  if (value === undefined) throw new Error(`environment variable ${name} was not checked`);
  return value;
};

export const credentialsOf = (names: CredentialNames | null | undefined, env: Env): Credentials | null =>
  names ? { username: envValue(names.username_env, env), password: envValue(names.password_env, env) } : null;
