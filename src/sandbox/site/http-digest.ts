import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Login {
  readonly username: string;
  readonly password: string;
}

const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

const sameText = (a: string, b: string): boolean => {
  const [first, second] = [Buffer.from(a), Buffer.from(b)];
  return first.length === second.length && timingSafeEqual(first, second);
};

const parseParameters = (text: string): Map<string, string> => {
  const found = new Map<string, string>();
  for (const match of text.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g))
    found.set(match[1]!.toLowerCase(), match[2] ?? match[3] ?? '');
  return found;
};

/** Checks Digest answers (RFC 2617, MD5, with or without qop=auth) as RTSP and HTTP servers of cameras do. */
export class DigestGate {
  readonly #nonce = randomBytes(16).toString('hex');

  constructor(
    private readonly realm: string,
    private readonly login: Login,
    private readonly qop: boolean,
  ) {}

  challenge(): string {
    const qop = this.qop ? ', qop="auth", algorithm=MD5' : '';
    return `Digest realm="${this.realm}", nonce="${this.#nonce}"${qop}`;
  }

  /** True when the Authorization header proves the password for this very request. */
  accepts(authorization: string | undefined, method: string): boolean {
    if (authorization === undefined || !/^digest /i.test(authorization)) return false;
    const sent = parseParameters(authorization.slice('Digest '.length));
    const of = (name: string): string => sent.get(name) ?? '';
    if (of('username') !== this.login.username || of('nonce') !== this.#nonce) return false;
    const ha1 = md5(`${this.login.username}:${this.realm}:${this.login.password}`);
    const ha2 = md5(`${method}:${of('uri')}`);
    const counted = of('qop') === 'auth' ? `:${of('nc')}:${of('cnonce')}:auth` : '';
    return sameText(md5(`${ha1}:${this.#nonce}${counted}:${ha2}`), of('response'));
  }
}

/** Checks a Basic header. */
export const acceptsBasic = (authorization: string | undefined, login: Login): boolean => {
  const sent = /^basic (\S+)$/i.exec(authorization ?? '')?.[1];
  if (sent === undefined) return false;
  return sameText(Buffer.from(sent, 'base64').toString('utf8'), `${login.username}:${login.password}`);
};
