import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A certificate that is its own authority, for 127.0.0.1 and localhost. */
interface SelfSigned {
  readonly certificatePem: string;
  readonly keyPem: string;
}

const TAG = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, time: 0x17 };
const SEQUENCE = 0x30;
const SET = 0x31;
const DAY_MS = 86_400_000;

/** Object identifiers as DER holds them. */
const OID = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
};

const lengthOf = (bytes: number): Buffer => {
  if (bytes < 0x80) return Buffer.from([bytes]);
  return bytes < 0x100 ? Buffer.from([0x81, bytes]) : Buffer.from([0x82, bytes >> 8, bytes & 0xff]);
};

const der = (tag: number, ...content: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
};

const oid = (hex: string): Buffer => der(TAG.oid, Buffer.from(hex, 'hex'));
const bits = (content: Buffer, unused = 0): Buffer => der(TAG.bits, Buffer.from([unused]), content);

const utcTime = (atMs: number): Buffer => {
  const digits = new Date(atMs).toISOString().replace(/\D/g, '');
  return der(TAG.time, Buffer.from(`${digits.slice(2, 14)}Z`, 'ascii'));
};

const critical = (id: string, value: Buffer): Buffer =>
  der(SEQUENCE, oid(id), der(TAG.boolean, Buffer.from([0xff])), der(TAG.octets, value));

/** An authority that signs (bit 5) and a server (bit 0) in one, known by loopback's names. */
const extensions = (): Buffer => {
  const isAuthority = der(SEQUENCE, der(TAG.boolean, Buffer.from([0xff])));
  const usage = bits(Buffer.from([0b1000_0100]), 2);
  const names = der(SEQUENCE, der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const list = der(
    SEQUENCE,
    critical(OID.basicConstraints, isAuthority),
    critical(OID.keyUsage, usage),
    der(SEQUENCE, oid(OID.subjectAltName), der(TAG.octets, names)),
  );
  return der(0xa3, list);
};

const pemOf = (certificate: Buffer): string => {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
};

/** Makes a key and its certificate (X.509 v3, ECDSA on P-256), valid from yesterday for thirty days. */
export const createSelfSigned = (commonName: string): SelfSigned => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = der(SEQUENCE, oid(OID.ecdsaWithSha256));
  const attribute = der(SEQUENCE, oid(OID.commonName), der(TAG.utf8, Buffer.from(commonName)));
  const name = der(SEQUENCE, der(SET, attribute));
  const nowMs = Date.now();
  const unsigned = der(
    SEQUENCE,
    der(0xa0, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    der(SEQUENCE, utcTime(nowMs - DAY_MS), utcTime(nowMs + 30 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(),
  );
  const certificate = der(SEQUENCE, unsigned, algorithm, bits(sign('sha256', unsigned, privateKey)));
  return {
    certificatePem: pemOf(certificate),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};
