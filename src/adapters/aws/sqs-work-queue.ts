import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { AppError } from '../../ports/app-error.js';
import type { DeadWork, QueueDepth, TakenWork, WorkQueue } from '../../ports/work-queue.js';
import { awsClientOptions, type AwsPlace } from './aws-client.js';
import { callAws } from './aws-errors.js';

interface SqsQueueOptions extends AwsPlace {
  readonly name: string;
  readonly deadLetterName: string;
  readonly visibilityMs: number;
}

/** Limits of the service. */
const BATCH = 10;
const LONGEST_WAIT_S = 20;
const LONGEST_HIDDEN_S = 43_200;
/** So long dead work that was looked at is not shown again to others who look. */
const LOOK_S = 5;
/** How much of it is looked at in one go. */
const DEAD_SHOWN = 100;
const REASON = 'reason';

const seconds = (durationMs: number, most: number): number =>
  Math.min(most, Math.max(0, Math.ceil(durationMs / 1000)));

type Options = { abortSignal?: AbortSignal };

class SqsWorkQueue implements WorkQueue {
  readonly visibilityMs: number;
  private readonly client: SQSClient;
  private readonly urls = new Map<string, Promise<string>>();

  constructor(private readonly options: SqsQueueOptions) {
    this.visibilityMs = options.visibilityMs;
    this.client = new SQSClient(awsClientOptions(options));
  }

  async send(bodies: readonly string[], signal: AbortSignal): Promise<void> {
    const QueueUrl = await this.urlOf(this.options.name);
    for (let from = 0; from < bodies.length; from += BATCH) {
      const Entries = bodies
        .slice(from, from + BATCH)
        .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      const { Failed = [] } = await this.call('sqs:SendMessage', signal, (options) =>
        this.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }), options),
      );
      if (Failed.length > 0) throw this.unsent(Failed.length, Failed[0]?.Message ?? '');
    }
  }

  async take(limit: number, waitMs: number, signal: AbortSignal): Promise<TakenWork[]> {
    const QueueUrl = await this.urlOf(this.options.name);
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: Math.min(BATCH, limit),
      WaitTimeSeconds: seconds(waitMs, LONGEST_WAIT_S),
      VisibilityTimeout: seconds(this.visibilityMs, LONGEST_HIDDEN_S),
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    const { Messages = [] } = await this.call('sqs:ReceiveMessage', signal, (options) =>
      this.client.send(command, options),
    );
    return Messages.map((message) => this.workOf(QueueUrl, message));
  }

  async dead(signal: AbortSignal): Promise<DeadWork[]> {
    const QueueUrl = await this.urlOf(this.options.deadLetterName);
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: BATCH,
      VisibilityTimeout: LOOK_S,
      MessageAttributeNames: [REASON],
    });
    const found: Message[] = [];
    for (let more = true; more && found.length < DEAD_SHOWN;) {
      const { Messages = [] } = await this.call('sqs:ReceiveMessage', signal, (options) =>
        this.client.send(command, options),
      );
      found.push(...Messages);
      more = Messages.length > 0;
    }
    return found.map(({ MessageId = '', Body = '', MessageAttributes }) => ({
      id: MessageId,
      body: Body,
      reason: MessageAttributes?.[REASON]?.StringValue ?? 'It was taken too often and never done.',
    }));
  }

  async depth(signal: AbortSignal): Promise<QueueDepth> {
    const [work, dead] = await Promise.all([
      this.attributes(this.options.name, signal),
      this.attributes(this.options.deadLetterName, signal),
    ]);
    return { waiting: work.waiting, taken: work.taken, dead: dead.waiting + dead.taken };
  }

  async close(): Promise<void> {
    this.client.destroy();
  }

  private async attributes(name: string, signal: AbortSignal): Promise<{ waiting: number; taken: number }> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: await this.urlOf(name),
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    });
    const { Attributes = {} } = await this.call('sqs:GetQueueAttributes', signal, (options) =>
      this.client.send(command, options),
    );
    return {
      waiting: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
      taken: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
    };
  }

  private workOf(QueueUrl: string, message: Message): TakenWork {
    const { MessageId = '', Body = '', ReceiptHandle = '', Attributes } = message;
    const hide = (durationMs: number, signal?: AbortSignal): Promise<unknown> => {
      const VisibilityTimeout = seconds(durationMs, LONGEST_HIDDEN_S);
      const command = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout });
      return this.call('sqs:ChangeMessageVisibility', signal, (options) =>
        this.client.send(command, options),
      );
    };
    const done = async (): Promise<void> => {
      await this.call('sqs:DeleteMessage', undefined, (options) =>
        this.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }), options),
      );
    };
    return {
      ...{ id: MessageId, body: Body, attempts: Number(Attributes?.ApproximateReceiveCount ?? 1), done },
      extend: async (durationMs, signal) => void (await hide(durationMs, signal)),
      release: async (delayMs) => void (await hide(delayMs)),
      bury: async (reason) => {
        await this.sendDead(Body, reason);
        await done();
      },
    };
  }

  private async sendDead(body: string, reason: string): Promise<void> {
    const command = new SendMessageCommand({
      QueueUrl: await this.urlOf(this.options.deadLetterName),
      MessageBody: body,
      MessageAttributes: { [REASON]: { DataType: 'String', StringValue: reason } },
    });
    await this.call('sqs:SendMessage', undefined, (options) => this.client.send(command, options));
  }

  private urlOf(name: string): Promise<string> {
    const known = this.urls.get(name);
    if (known !== undefined) return known;
    const url = this.call('sqs:GetQueueUrl', undefined, (options) =>
      this.client.send(new GetQueueUrlCommand({ QueueName: name }), options),
    ).then(({ QueueUrl = '' }) => QueueUrl);
    this.urls.set(name, url);
    url.catch(() => this.urls.delete(name));
    return url;
  }

  private call<T>(
    action: string,
    signal: AbortSignal | undefined,
    step: (options: Options) => Promise<T>,
  ): Promise<T> {
    const { name, region } = this.options;
    return callAws({ action, place: `The queue ${name}`, region }, signal, step);
  }

  private unsent(count: number, why: string): AppError {
    const message = `The queue ${this.options.name} rejected ${count} messages (${why}).`;
    return new AppError('queue_refused', message, 'No action is needed: they are sent again.');
  }
}

/** A queue of SQS with its dead-letter queue, both made by `calib setup`. */
export const createSqsWorkQueue = (options: SqsQueueOptions): WorkQueue => new SqsWorkQueue(options);
