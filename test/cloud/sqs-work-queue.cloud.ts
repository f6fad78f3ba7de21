import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSqsWorkQueue } from '../../src/adapters/aws/sqs-work-queue.js';
import type { WorkQueue } from '../../src/ports/work-queue.js';
import { workQueueContract } from '../contracts/work-queue.js';
import { startMoto, type Moto } from '../servers/moto.js';

const REGION = 'eu-central-1';

let moto: Moto;
let queues = 0;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto.close());

const queueNamed = (name: string): WorkQueue =>
  createSqsWorkQueue({
    ...{ name, deadLetterName: `${name}-dead`, region: REGION, endpoint: moto.url, visibilityMs: 3_000 },
  });

/** Work of the queue is dead after two attempts. */
const makeQueue = async (): Promise<string> => {
  const name = `queue-${++queues}`;
  const client = new SQSClient({ region: REGION, endpoint: moto.url });
  const dead = await client.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: dead.QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const policy = { deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 2 };
  await client.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy: JSON.stringify(policy) } }),
  );
  return name;
};

workQueueContract('SQS', async () => {
  const name = await makeQueue();
  return {
    queue: queueNamed(name),
    other: queueNamed(name),
    pass: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
  };
});

describe('SQS work queue', () => {
  it('says that the queue is missing', async () => {
    const failing = queueNamed('nowhere').take(1, 0, new AbortController().signal);
    await expect(failing).rejects.toMatchObject({ name: 'AppError', code: 'queue_missing' });
  });
});
