/** The little of SOAP and XML that a virtual camera has to read and write. */

/** Refusal of a request, told as a SOAP fault. */
export class OnvifFaultError extends Error {
  constructor(
    readonly sender: boolean,
    /** ONVIF subcodes, outer first: `ter:InvalidArgVal`, `ter:NoProfile`. */
    readonly subcodes: readonly string[],
    reason: string,
  ) {
    super(reason);
  }
}

const NAMESPACES = [
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope"',
  'xmlns:tt="http://www.onvif.org/ver10/schema"',
  'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"',
  'xmlns:trt="http://www.onvif.org/ver10/media/wsdl"',
  'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"',
  'xmlns:ter="http://www.onvif.org/ver10/error"',
].join(' ');

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

export const escapeXml = (text: string): string =>
  text.replace(
    /[&<>"]/g,
    (letter) => `&${Object.keys(ENTITIES).find((name) => ENTITIES[name] === letter) ?? 'amp'};`,
  );

const unescapeXml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (_whole, name: string) => ENTITIES[name] ?? '');

/** Local name of the operation in the body, empty when there is none. */
export const operationOf = (xml: string): string =>
  /<(?:[\w-]+:)?Body\b[^>]*>\s*<(?:[\w-]+:)?(\w+)/.exec(xml)?.[1] ?? '';

/** Text of the first element of this local name, or null. */
export const textOf = (xml: string, name: string): string | null => {
  const found = new RegExp(`<(?:[\\w-]+:)?${name}\\b[^>]*>([^<]*)<`).exec(xml)?.[1];
  return found === undefined ? null : unescapeXml(found.trim());
};

/** Attributes of the first element of this local name, or null when there is no such element. */
export const attributesOf = (xml: string, name: string): ReadonlyMap<string, string> | null => {
  const tag = new RegExp(`<(?:[\\w-]+:)?${name}\\b([^>]*)>`).exec(xml)?.[1];
  if (tag === undefined) return null;
  const found = [...tag.matchAll(/([\w:-]+)\s*=\s*["']([^"']*)["']/g)];
  return new Map(found.map((match) => [match[1] ?? '', unescapeXml(match[2] ?? '')]));
};

export const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${NAMESPACES}><s:Body>${body}</s:Body></s:Envelope>`;

const subcode = (codes: readonly string[]): string =>
  codes.length === 0 ? '' : `<s:Subcode><s:Value>${codes[0]}</s:Value>${subcode(codes.slice(1))}</s:Subcode>`;

export const faultEnvelope = (fault: OnvifFaultError): string =>
  envelope(
    `<s:Fault><s:Code><s:Value>s:${fault.sender ? 'Sender' : 'Receiver'}</s:Value>${subcode(fault.subcodes)}</s:Code>` +
      `<s:Reason><s:Text xml:lang="en">${escapeXml(fault.message)}</s:Text></s:Reason></s:Fault>`,
  );
