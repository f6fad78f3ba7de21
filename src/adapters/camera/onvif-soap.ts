import { createRequire } from 'node:module';
import type { Agent } from 'node:http';

/** XML as the `onvif` package reads it: every element a list, attributes in `$`, names without prefix. */
export type XmlElement = Readonly<Record<string, unknown>>;

/** The elements of this name within another; none where there are none. */
export const elementsIn = (element: unknown, name: string): XmlElement[] => {
  if (typeof element !== 'object' || element === null) return [];
  const found: unknown = (element as XmlElement)[name];
  const list: unknown[] = Array.isArray(found) ? found : [];
  return list.map((entry) =>
    typeof entry === 'object' && entry !== null ? (entry as XmlElement) : { _: entry },
  );
};

/** The text of the first element of this name, null where it is absent or empty. */
export const textIn = (element: unknown, name: string): string | null => {
  const text = elementsIn(element, name)[0]?.['_'];
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : null;
};

export const attributeOf = (element: XmlElement | undefined, name: string): string | null => {
  const value = (element?.['$'] as XmlElement | undefined)?.[name];
  return typeof value === 'string' ? value : null;
};

/** A number, null for what is absent or none: never zero for want of a value. */
export const numberFrom = (text: string | null): number | null => {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
};

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export type SoapCallback = (fault: Error | null, body: unknown, xml?: string | null, status?: number) => void;

/** What is used of the package's client. Its typings leave out what is needed here. */
export interface SoapClient {
  timeShift: number | undefined;
  useWSSecurity: boolean;
  username: string;
  password: string;
  readonly uri?: Readonly<Record<string, { readonly path: string } | undefined>>;
  getSystemDateAndTime(callback: SoapCallback): void;
  getServices(includeCapability: boolean, callback: SoapCallback): void;
  getCapabilities(callback: SoapCallback): void;
  getProfiles(callback: SoapCallback): void;
  absoluteMove(move: object, callback: SoapCallback): void;
  _request(request: { service: string; body: string }, callback: SoapCallback): void;
  _envelopeHeader(openHeader?: boolean): string;
  _envelopeFooter(): string;
  _passwordDigest(): { passdigest: string; nonce: string; timestamp: string };
}

interface SoapClientOptions {
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  readonly username: string;
  readonly password: string;
  readonly timeout: number;
  readonly agent: Agent;
}

type ClientClass = new (
  options: SoapClientOptions & { autoconnect: boolean; preserveAddress: boolean },
) => SoapClient;

const { Cam } = createRequire(import.meta.url)('onvif') as { Cam: ClientClass };

/** The package's client, with names and passwords of any characters. It stays silent until asked. */
class Client extends Cam {
  constructor(options: SoapClientOptions) {
    super({ ...options, autoconnect: false, preserveAddress: true });
  }

  override _envelopeHeader(openHeader?: boolean): string {
    const named = (name: string): string => `<Username>${name}</Username>`;
    return super
      ._envelopeHeader(openHeader)
      .replace(named(this.username), () => named(escapeXml(this.username)));
  }

  /** The package hashes the low bytes of the password's characters; cameras hash its UTF-8. */
  override _passwordDigest(): ReturnType<SoapClient['_passwordDigest']> {
    const { password } = this;
    this.password = Buffer.from(password, 'utf8').toString('latin1');
    try {
      return super._passwordDigest();
    } finally {
      this.password = password;
    }
  }
}

export const createSoapClient = (options: SoapClientOptions): SoapClient => new Client(options);
