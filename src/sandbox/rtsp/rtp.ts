/** RTP for H.264 (RFC 6184, packetization-mode 1), wrapped for interleaving into RTSP (RFC 2326, 10.12). */

const MAX_PAYLOAD_BYTES = 1400;
const RTP_HEADER_BYTES = 12;
const PAYLOAD_TYPE = 96;
const FU_A = 28;

/** A NAL unit as payloads: itself, or fragments with their two FU-A header bytes. */
const payloadsOf = (nal: Buffer): Buffer[] => {
  if (nal.length <= MAX_PAYLOAD_BYTES) return [nal];
  const indicator = (nal[0]! & 0xe0) | FU_A;
  const type = nal[0]! & 0x1f;
  const fragments: Buffer[] = [];
  for (let at = 1; at < nal.length; at += MAX_PAYLOAD_BYTES - 2) {
    const end = Math.min(nal.length, at + MAX_PAYLOAD_BYTES - 2);
    const flags = (at === 1 ? 0x80 : 0) | (end === nal.length ? 0x40 : 0);
    fragments.push(Buffer.concat([Buffer.from([indicator, flags | type]), nal.subarray(at, end)]));
  }
  return fragments;
};

/** Numbers and wraps the packets of one client's stream. */
export class RtpPacketiser {
  #sequence: number;

  constructor(
    private readonly channel: number,
    private readonly ssrc: number,
  ) {
    this.#sequence = ssrc & 0xffff;
  }

  /** Interleaved packets of one picture (one access unit), all with its time; the last one carries the marker. */
  packets(nals: readonly Buffer[], timeMs: number): Buffer[] {
    const payloads = nals.flatMap(payloadsOf);
    const timestamp = Math.round(timeMs * 90) % 2 ** 32;
    return payloads.map((payload, index) => this.#wrap(payload, timestamp, index === payloads.length - 1));
  }

  #wrap(payload: Buffer, timestamp: number, isLast: boolean): Buffer {
    const packet = Buffer.allocUnsafe(4 + RTP_HEADER_BYTES + payload.length);
    packet[0] = 0x24;
    packet[1] = this.channel;
    packet.writeUInt16BE(RTP_HEADER_BYTES + payload.length, 2);
    packet[4] = 0x80;
    packet[5] = PAYLOAD_TYPE | (isLast ? 0x80 : 0);
    packet.writeUInt16BE(this.#sequence, 6);
    packet.writeUInt32BE(timestamp, 8);
    packet.writeUInt32BE(this.ssrc, 12);
    payload.copy(packet, 4 + RTP_HEADER_BYTES);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return packet;
  }
}
