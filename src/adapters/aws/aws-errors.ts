import { AppError, errorCodeOf } from '../../ports/app-error.js';
import { redact } from '../runtime/redact.js';

/** The action that failed, in an administrator's terms. */
export interface AwsAction {
  /** As in policies: `s3:PutObject`. */
  readonly action: string;
  /** `s3://bucket/key`, a queue's name, a table. */
  readonly place: string;
  /** What the place lies in, where a failure concerns all of it: `s3://bucket`. */
  readonly whole?: string;
  readonly region: string;
}

interface Sign {
  readonly code: string;
  readonly names: readonly string[];
  /** Of the message, where one name stands for several things. */
  readonly text?: RegExp;
  readonly says: (of: Told) => string;
  readonly remedy: (of: Told) => string;
}

interface Told extends AwsAction {
  /** The bucket's region according to AWS; null when it does not say. */
  readonly rightRegion: string | null;
}

const inSentence = (place: string): string => place.replace(/^The /, 'the ');

/** Recognized by the service's own error names; the first match counts. */
const SIGNS: readonly Sign[] = [
  {
    code: 'aws_clock_wrong',
    names: ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'],
    text: /^Signature (expired|not yet current)/,
    says: () => 'the clock of this machine is wrong',
    remedy: () => 'Set the clock, preferably with NTP.',
  },
  {
    code: 'workgroup_missing',
    names: [],
    text: /WorkGroup\b.* (is not found|does not exist)/i,
    says: () => 'there is no such workgroup',
    remedy: () =>
      'Create it (deploy/cloudformation.yaml does), or correct the name and region in devices.yaml.',
  },
  {
    code: 'output_location_wrong',
    names: [],
    text: /output bucket|output location/i,
    says: () => 'it cannot write query results to output_location',
    remedy: () =>
      'Correct output_location in devices.yaml: a bucket in the same region that the role can write to.',
  },
  {
    code: 'aws_credentials_missing',
    names: ['CredentialsProviderError', 'TokenProviderError'],
    says: () => 'no AWS credentials were found',
    remedy: () =>
      'Give the program a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment.',
  },
  {
    code: 'aws_credentials_refused',
    names: [
      'InvalidAccessKeyId',
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      'ExpiredToken',
      'ExpiredTokenException',
    ],
    says: () => 'AWS rejected the credentials',
    remedy: () => 'Renew them, and check that they belong to the right account and have not expired.',
  },
  {
    code: 'aws_forbidden',
    names: ['AccessDenied', 'AccessDeniedException', 'Forbidden', 'AccessDeniedFault', '403'],
    says: ({ action }) => `the action ${action} is not allowed`,
    remedy: ({ action, place, whole }) =>
      `Allow ${action} on ${inSentence(whole ?? place)} for the program's role.`,
  },
  {
    code: 'bucket_missing',
    names: ['NoSuchBucket'],
    says: () => 'there is no such bucket',
    remedy: () => 'Create it (deploy/cloudformation.yaml does), or correct the name in devices.yaml.',
  },
  {
    code: 'aws_region_wrong',
    names: ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException', '301'],
    says: ({ region }) => `it is not in the region ${region}`,
    remedy: ({ rightRegion }) =>
      `Correct the region in devices.yaml${rightRegion === null ? '' : `: it is in ${rightRegion}`}.`,
  },
  {
    code: 'queue_missing',
    names: ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
    says: () => 'there is no such queue',
    remedy: () => 'Run calib setup, or correct the name and region in devices.yaml.',
  },
  {
    code: 'aws_throttled',
    names: [
      'SlowDown',
      'TooManyRequestsException',
      'ThrottlingException',
      'Throttling',
      'RequestLimitExceeded',
      'ServiceUnavailable',
      'InternalError',
      'InternalServerException',
      '503',
      '500',
    ],
    says: () => 'the service is overloaded or failing',
    remedy: () => 'Try again in a minute; `calib serve` retries by itself.',
  },
];

/** Of the network, as Node and the SDK name it in code, name or message. */
const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|TimeoutError|socket hang up/;

interface SdkFault {
  readonly message?: unknown;
  readonly Region?: unknown;
  readonly $response?: { readonly headers?: Readonly<Record<string, unknown>> };
  readonly $metadata?: { readonly httpStatusCode?: unknown };
}

/** The error's name as AWS gives it; empty for what is none. */
export const awsNameOf = (fault: unknown): string =>
  typeof fault === 'object' && fault !== null && 'name' in fault && typeof fault.name === 'string'
    ? fault.name
    : '';

/** The HTTP status of the answer that an SDK's error carries; null without. */
export const awsStatusOf = (fault: unknown): number | null => {
  const status = typeof fault === 'object' && fault !== null ? (fault as SdkFault).$metadata : undefined;
  return typeof status?.httpStatusCode === 'number' ? status.httpStatusCode : null;
};

const messageOf = (fault: unknown): string => {
  const { message } = (fault ?? {}) as SdkFault;
  return redact(typeof message === 'string' && message !== '' ? message : String(fault)).replace(/\.$/, '');
};

/** AWS itself names the action that was refused, which need not be the one that was called. */
const actionIn = (message: string, { action }: AwsAction): string => {
  const named = /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1] ?? action;
  return named.toLowerCase() === action.toLowerCase() ? action : named;
};

const regionIn = (fault: unknown): string | null => {
  const { Region, $response } = (fault ?? {}) as SdkFault;
  const region = Region ?? $response?.headers?.['x-amz-bucket-region'];
  return typeof region === 'string' ? region : null;
};

const signOf = (names: readonly string[], message: string): Sign | undefined =>
  SIGNS.find(({ text }) => text?.test(message)) ??
  names.flatMap((name) => SIGNS.find((each) => each.names.includes(name)) ?? [])[0];

/** The SDK's fault as an AppError that names the action and the place. */
export const awsFailure = (fault: unknown, of: AwsAction): AppError => {
  if (fault instanceof AppError) return fault;
  const names = [awsNameOf(fault), String(awsStatusOf(fault))];
  const sign = signOf(names, messageOf(fault));
  if (sign !== undefined) {
    const told = { ...of, action: actionIn(messageOf(fault), of), rightRegion: regionIn(fault) };
    const message = `${of.whole ?? of.place}: ${sign.says(told)}.`;
    return new AppError(sign.code, message, sign.remedy(told), fault);
  }
  if (UNREACHABLE.test(`${names[0]} ${String(errorCodeOf(fault))} ${messageOf(fault)}`))
    return new AppError(
      'aws_unreachable',
      `${of.whole ?? of.place}: the service cannot be reached (${messageOf(fault)}).`,
      'Check the network, the region and the endpoint in devices.yaml; `calib serve` retries by itself.',
      fault,
    );
  const text = `${of.place}: ${of.action} failed (${names[0]}: ${messageOf(fault)}).`;
  return new AppError('aws_failed', text, 'Check the reason; `calib serve` retries by itself.', fault);
};

/** Calls a service; failures become {@link awsFailure}s, and an aborted signal rejects with its reason. */
export const callAws = async <T>(
  of: AwsAction,
  signal: AbortSignal | undefined,
  step: (options: { abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> => {
  signal?.throwIfAborted();
  try {
    // The SDK listens to what it is given, and a program's one signal serves many calls at once: Node warns of so many listeners.
    return await step(signal === undefined ? {} : { abortSignal: AbortSignal.any([signal]) });
  } catch (fault) {
    signal?.throwIfAborted();
    throw awsFailure(fault, of);
  }
};
