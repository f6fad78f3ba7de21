import process from 'node:process';

/** What every client of an AWS service is made with. */
export interface AwsPlace {
  readonly region: string;
  /** Another address of the service; null: that of AWS. */
  readonly endpoint: string | null;
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 60_000;
/** About ten seconds with the SDK's backoff; a longer outage is reported, and the caller retries. */
const MAX_ATTEMPTS = 5;

/**
 * The SDK's own switch, and it has no other: each client warns on standard error that releases of 2027 will want Node 22. That
 * is for whoever renews this product's packages to know, not for the people who run it.
 */
const NODE_WARNING_SWITCH = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/** Every call has its deadline; overloads and broken connections are tried again by the SDK itself. */
export const awsClientOptions = ({ region, endpoint }: AwsPlace) => {
  process.env[NODE_WARNING_SWITCH] ??= 'true';
  return {
    region,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      socketTimeout: ANSWER_MS,
    },
    ...(endpoint === null ? {} : { endpoint }),
  };
};
