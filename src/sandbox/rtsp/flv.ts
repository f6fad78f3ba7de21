/** H.264 out of an FLV pipe: unlike a bare Annex-B stream its tags tell where a picture ends, so none has to wait for the next. */

export interface ParameterSets {
  readonly sps: Buffer;
  readonly pps: Buffer;
}

/** One coded picture: its NAL units without start codes. */
export interface CodedPicture {
  readonly nals: readonly Buffer[];
  readonly isKey: boolean;
}

export interface FlvHandlers {
  onParameterSets(sets: ParameterSets): void;
  onPicture(picture: CodedPicture): void;
}

const FILE_HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;
const TAG_TRAILER_BYTES = 4;
const VIDEO_TAG = 9;
const VIDEO_HEADER_BYTES = 5;

const parseParameterSets = (avcC: Buffer): ParameterSets => {
  const spsLength = avcC.readUInt16BE(6);
  const ppsAt = 8 + spsLength + 3;
  const ppsLength = avcC.readUInt16BE(ppsAt - 2);
  return {
    sps: Buffer.from(avcC.subarray(8, 8 + spsLength)),
    pps: Buffer.from(avcC.subarray(ppsAt, ppsAt + ppsLength)),
  };
};

const splitNals = (data: Buffer): Buffer[] => {
  const nals: Buffer[] = [];
  for (let at = 0; at + 4 <= data.length;) {
    const length = data.readUInt32BE(at);
    nals.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return nals;
};

const readVideoTag = (data: Buffer, handlers: FlvHandlers): void => {
  const body = data.subarray(VIDEO_HEADER_BYTES);
  if (data[1] === 0) handlers.onParameterSets(parseParameterSets(body));
  else if (data[1] === 1) handlers.onPicture({ nals: splitNals(body), isKey: data[0]! >> 4 === 1 });
};

/** Answers a function that takes the pipe's chunks in order. */
export const createFlvReader = (handlers: FlvHandlers): ((chunk: Buffer) => void) => {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let neededBytes = FILE_HEADER_BYTES + TAG_HEADER_BYTES;
  let headerSeen = false;

  const takeTags = (data: Buffer): Buffer => {
    let at = headerSeen ? 0 : FILE_HEADER_BYTES;
    headerSeen = true;
    for (;;) {
      neededBytes = TAG_HEADER_BYTES;
      if (data.length - at < neededBytes) break;
      const size = data.readUIntBE(at + 1, 3);
      neededBytes = TAG_HEADER_BYTES + size + TAG_TRAILER_BYTES;
      if (data.length - at < neededBytes) break;
      const from = at + TAG_HEADER_BYTES;
      if (data[at] === VIDEO_TAG) readVideoTag(data.subarray(from, from + size), handlers);
      at += neededBytes;
    }
    return data.subarray(at);
  };

  return (chunk) => {
    kept.push(chunk);
    keptBytes += chunk.length;
    if (keptBytes < neededBytes) return;
    const rest = takeTags(Buffer.concat(kept));
    kept = [rest];
    keptBytes = rest.length;
  };
};
