import { AppError } from '../../ports/app-error.js';

const CHECK_STREAM = 'Check that the camera streams, and that the connection to it is good enough.';

const CAUSES: readonly { pattern: RegExp; code: string; message: string; remedy: string }[] = [
  {
    pattern: /\b401\b|authorization failed|unauthorized/i,
    code: 'rtsp_auth',
    message: 'does not accept the user name and password',
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
    remedy: 'Check that the camera is on and the address and port are right.',
  },
  {
    pattern: /timed out/i,
    code: 'rtsp_timeout',
    message: 'gave no frame in time',
    remedy: CHECK_STREAM,
  },
  {
    // Said of the address, not of its video: the answer never came, broke off, or was not RTSP.
    pattern: /^rtsp:\S+: invalid data found/im,
    code: 'rtsp_timeout',
    message: 'did not answer as RTSP does',
    remedy: "Check that address and port are those of the camera's RTSP service, and that it is well.",
  },
  {
    pattern: /corrupt|error while decoding|invalid data found|concealing|missing picture|could not find ref/i,
    code: 'rtsp_corrupt',
    message: 'sent damaged video',
    remedy: CHECK_STREAM,
  },
];

/** What ffmpeg's redacted words mean. */
export const rtspFailure = (stream: string, stderr: string): AppError => {
  const found = CAUSES.find(({ pattern }) => pattern.test(stderr));
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const cause = new Error(last === '' ? 'ffmpeg said nothing' : last);
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
    `The video stream ${stream} gave no frame in time.`,
    CHECK_STREAM,
    new Error(stderr.trim().split('\n').at(-1) ?? ''),
  );

export const rtspCorrupt = (stream: string, why: string): AppError =>
  new AppError('rtsp_corrupt', `The video stream ${stream} sent damaged video: ${why}.`, CHECK_STREAM);
