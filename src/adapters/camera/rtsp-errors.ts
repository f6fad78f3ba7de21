import { AppError } from '../../ports/app-error.js';

const CHECK_STREAM = 'Check that the camera is streaming, and that the connection to it is good enough.';

const CAUSES: readonly { pattern: RegExp; code: string; message: string; remedy: string }[] = [
  {
    pattern: /\b401\b|authorization failed|unauthorized/i,
    code: 'rtsp_auth',
    message: 'rejected the user name and password',
    remedy: "Check the camera's RTSP credentials.",
  },
  {
    pattern: /\b404\b|stream not found/i,
    code: 'rtsp_not_found',
    message: 'has no stream at the configured path',
    remedy: 'Correct rtsp.path of the device in devices.yaml.',
  },
  {
    pattern:
      /connection refused|no route to host|network is unreachable|failed to resolve|name or service not known/i,
    code: 'rtsp_unreachable',
    message: 'cannot be reached',
    remedy: 'Check that the camera is on, and that its address and port are correct.',
  },
  {
    pattern: /timed out/i,
    code: 'rtsp_timeout',
    message: 'delivered no frame in time',
    remedy: CHECK_STREAM,
  },
  {
    // About the address, not its video: the answer never came, broke off, or was not RTSP.
    pattern: /^rtsp:\S+: invalid data found/im,
    code: 'rtsp_timeout',
    message: 'does not speak RTSP',
    remedy:
      "Check that the address and port are those of the camera's RTSP service, and that the camera is working.",
  },
  {
    pattern: /corrupt|error while decoding|invalid data found|concealing|missing picture|could not find ref/i,
    code: 'rtsp_corrupt',
    message: 'sent damaged video',
    remedy: CHECK_STREAM,
  },
];

/** The failure that ffmpeg's redacted output means. */
export const rtspFailure = (stream: string, stderr: string): AppError => {
  const found = CAUSES.find(({ pattern }) => pattern.test(stderr));
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const cause = new Error(last === '' ? 'ffmpeg printed nothing' : last);
  if (found !== undefined)
    return new AppError(found.code, `The video stream ${stream} ${found.message}.`, found.remedy, cause);
  return new AppError(
    'rtsp_unreachable',
    `The video stream ${stream} ended without a frame${last === '' ? '' : `: ${last}`}.`,
    CHECK_STREAM,
    cause,
  );
};

export const rtspTimeout = (stream: string, stderr: string): AppError =>
  new AppError(
    'rtsp_timeout',
    `The video stream ${stream} delivered no frame in time.`,
    CHECK_STREAM,
    new Error(stderr.trim().split('\n').at(-1) ?? ''),
  );

export const rtspCorrupt = (stream: string, why: string): AppError =>
  new AppError('rtsp_corrupt', `The video stream ${stream} sent damaged video: ${why}.`, CHECK_STREAM);
