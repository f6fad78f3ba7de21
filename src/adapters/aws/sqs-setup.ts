import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Settings } from '../../config/settings.js';
import type { Provision } from '../../ports/provision.js';
import { awsClientOptions } from './aws-client.js';
import { awsFailure, awsNameOf } from './aws-errors.js';

export type SqsSettings = Extract<Settings['queue'], { kind: 'sqs' }>;

const RETENTION_S = 345_600;
const DEAD_RETENTION_S = 1_209_600;

type Attributes = Record<string, string>;

/** The ARN of the queue; null when there is none. */
export const queueArn = async (client: SQSClient, name: string): Promise<string | null> => {
  try {
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
    return (await client.send(command)).Attributes?.QueueArn ?? null;
  } catch (fault) {
    if (['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'].includes(awsNameOf(fault)))
      return null;
    throw fault;
  }
};

/** JSON is compared by what it says: services write it anew. */
const isSame = (wanted: string, present: string | undefined): boolean => {
  if (present === undefined || !wanted.startsWith('{')) return wanted === present;
  const sorted = (text: string): string =>
    JSON.stringify(
      Object.entries(JSON.parse(text) as Record<string, unknown>)
        .map(([key, value]) => [key, String(value)])
        .sort(),
    );
  return sorted(wanted) === sorted(present);
};

const ensureQueue = async (
  client: SQSClient,
  name: string,
  wanted: Attributes,
): Promise<'there already' | 'created' | 'brought up to date'> => {
  if ((await queueArn(client, name)) === null) {
    await client.send(new CreateQueueCommand({ QueueName: name, Attributes: wanted }));
    return 'created';
  }
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  const present = ((await client.send(asked)).Attributes ?? {}) as Partial<Attributes>;
  if (Object.entries(wanted).every(([key, value]) => isSame(value, present[key]))) return 'there already';
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: wanted }));
  return 'brought up to date';
};

/** The queue of sweeps and checks, and the one of messages that were given up. */
export const createSqsSetup = (settings: SqsSettings): Provision[] => {
  const { name, region, visibilityS, maxAttempts } = settings;
  const deadName = `${name}-dead`;
  const dead: Attributes = { MessageRetentionPeriod: String(DEAD_RETENTION_S) };
  const work = (deadArn: string): Attributes => ({
    VisibilityTimeout: String(visibilityS),
    MessageRetentionPeriod: String(RETENTION_S),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: maxAttempts }),
  });
  const ensuring =
    (queue: string, attributes: (client: SQSClient) => Promise<Attributes>): Provision['ensure'] =>
    async (signal) => {
      signal.throwIfAborted();
      const client = new SQSClient(awsClientOptions(settings));
      try {
        return await ensureQueue(client, queue, await attributes(client));
      } catch (fault) {
        throw awsFailure(fault, { action: 'sqs:CreateQueue', place: `The queue ${queue}`, region });
      } finally {
        client.destroy();
      }
    };
  return [
    {
      name: `queue ${deadName}`,
      plan: JSON.stringify({ QueueName: deadName, Attributes: dead }, null, 2),
      ensure: ensuring(deadName, async () => dead),
    },
    {
      name: `queue ${name}`,
      plan: JSON.stringify({ QueueName: name, Attributes: work(`arn of ${deadName}`) }, null, 2),
      ensure: ensuring(name, async (client) => work((await queueArn(client, deadName)) ?? '')),
    },
  ];
};
