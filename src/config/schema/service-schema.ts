import { z } from 'zod';
import { envName, flag, section, text, whole, withOneOf, withRule } from './fields.js';
import { must } from './wording.js';

/** `{device_id}` and `{camera_name}` may stand for the device's own in texts that devices share. */
export const BLANKS = String.raw`\{device_id\}|\{camera_name\}`;
const blanks = (characters: string): RegExp => new RegExp(`^(?:${characters}|${BLANKS})+$`);

const portNumber = whole('a port number from 1 to 65535', 1, 65_535);
const portName = text(
  'a port number from 1 to 65535, or the name of a Kubernetes port',
  /^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/,
);
const kubernetesName = text(
  'the name of a Kubernetes object: lower-case letters, digits, "-" and "."',
  blanks('[a-z0-9.-]'),
);

const credentials = section({
  username_env: envName.describe('Environment variable that holds the user name'),
  password_env: envName.describe('Environment variable that holds the password'),
});

/** The keys that say how a service is reached; devices may override one way by another. */
export const WAYS = ['host', 'service', 'pod'] as const;

const hasNumberForHost = (value: unknown): boolean => {
  const { host, port } = value as { host?: unknown; port?: unknown };
  return host === undefined || typeof port !== 'string';
};

/** A service reached by host, Kubernetes service or pod, and what else is to be said of it. */
export const reached = <Shape extends z.ZodRawShape>(shape: Shape) => {
  const schema = section({
    host: text('a host name or address, without scheme, port or credentials', blanks('[A-Za-z0-9._:-]'))
      .optional()
      .describe('Host name or address, reached directly'),
    service: kubernetesName.optional().describe("Kubernetes service in the deployment's namespace"),
    pod: kubernetesName.optional().describe("Kubernetes pod in the deployment's namespace"),
    port: z
      .union([portNumber, portName], must('a port number from 1 to 65535, or the name of a Kubernetes port'))
      .describe('Port number; the name of a port is allowed with service and pod'),
    credentials: credentials.nullish().describe('Names of the environment variables; null: none'),
    ...shape,
  });
  return withRule(withOneOf(schema, WAYS), {
    holds: hasNumberForHost,
    message: 'must be a number from 1 to 65535 when the service is reached by host',
    at: 'port',
  });
};

export const urlPath = text(
  'a path starting with "/", without spaces; {device_id} and {camera_name} may stand in it',
  new RegExp(`^/(?:[^\\s{}]|${BLANKS})*$`),
);

export const mqtt = withRule(
  reached({
    tls: flag.default(false).describe('Encrypt the connection'),
    ca_file: z
      .string(must('a file name'))
      .min(1, must('a file name'))
      .nullish()
      .describe(
        'PEM file of the authority that signed the certificate of the broker; null: that of the system',
      ),
  }),
  {
    holds: ({ ca_file: caFile, tls }) => caFile === undefined || caFile === null || tls !== false,
    message: 'is of use only with tls: true',
    at: 'ca_file',
  },
);
