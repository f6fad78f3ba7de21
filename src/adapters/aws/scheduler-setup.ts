import {
  CreateScheduleCommand,
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
  type CreateScheduleCommandInput,
  type GetScheduleCommandOutput,
} from '@aws-sdk/client-scheduler';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AppError } from '../../ports/app-error.js';
import type { Provision } from '../../ports/provision.js';
import { awsClientOptions } from './aws-client.js';
import { awsFailure, awsNameOf } from './aws-errors.js';
import { queueArn, type SqsSettings } from './sqs-setup.js';

const MINUTES_PER_HOUR = 60;
/** EventBridge Scheduler puts the time that it meant into this place. */
const INPUT = JSON.stringify({ type: 'sweep', scheduled_at: '<aws.scheduler.scheduled-time>' });

/** On the full hour and its parts, as the embedded scheduler; other periods count from when the schedule is made. */
export const scheduleExpression = (everyMinutes: number): string => {
  if (everyMinutes === MINUTES_PER_HOUR) return 'cron(0 * * * ? *)';
  return MINUTES_PER_HOUR % everyMinutes === 0
    ? `cron(0/${everyMinutes} * * * ? *)`
    : `rate(${everyMinutes} minutes)`;
};

/** The whole of it: an update replaces everything. */
const scheduleOf = (
  name: string,
  everyMinutes: number,
  arn: string,
  roleArn: string,
): CreateScheduleCommandInput => ({
  Name: name,
  Description: 'Sends the sweeps of Calibration Monitoring',
  ScheduleExpression: scheduleExpression(everyMinutes),
  ScheduleExpressionTimezone: 'UTC',
  FlexibleTimeWindow: { Mode: 'OFF' },
  State: 'ENABLED',
  Target: {
    Arn: arn,
    RoleArn: roleArn,
    Input: INPUT,
    RetryPolicy: { MaximumEventAgeInSeconds: everyMinutes * 60, MaximumRetryAttempts: 10 },
  },
});

const isSame = (present: GetScheduleCommandOutput, wanted: CreateScheduleCommandInput): boolean =>
  present.ScheduleExpression === wanted.ScheduleExpression &&
  present.ScheduleExpressionTimezone === wanted.ScheduleExpressionTimezone &&
  present.State === wanted.State &&
  present.FlexibleTimeWindow?.Mode === wanted.FlexibleTimeWindow?.Mode &&
  present.Target?.Arn === wanted.Target?.Arn &&
  present.Target?.RoleArn === wanted.Target?.RoleArn &&
  present.Target?.Input === wanted.Target?.Input;

const scheduled = async (client: SchedulerClient, name: string): Promise<GetScheduleCommandOutput | null> => {
  try {
    return await client.send(new GetScheduleCommand({ Name: name }));
  } catch (fault) {
    if (awsNameOf(fault) === 'ResourceNotFoundException') return null;
    throw fault;
  }
};

const ensureSchedule = async (
  client: SchedulerClient,
  wanted: CreateScheduleCommandInput,
): Promise<'there already' | 'created' | 'brought up to date'> => {
  const present = await scheduled(client, wanted.Name ?? '');
  if (present === null) {
    try {
      await client.send(new CreateScheduleCommand(wanted));
      return 'created';
    } catch (fault) {
      if (awsNameOf(fault) !== 'ConflictException') throw fault; // else another process created it meanwhile
    }
  } else if (isSame(present, wanted)) return 'there already';
  await client.send(new UpdateScheduleCommand(wanted));
  return 'brought up to date';
};

/** The schedule that sends a sweep to the queue; none when the settings name no role that may. */
export const createSchedulerSetup = (settings: SqsSettings, everyMinutes: number): Provision[] => {
  const { name, region, scheduleRoleArn } = settings;
  if (scheduleRoleArn === null) return [];
  const schedule = `${name}-sweep`;
  const arnOf = async (): Promise<string> => {
    const client = new SQSClient(awsClientOptions(settings));
    const arn = await queueArn(client, name).finally(() => client.destroy());
    if (arn !== null) return arn;
    throw new AppError('queue_missing', `There is no queue ${name}.`, 'Run calib setup again.');
  };
  return [
    {
      name: `schedule ${schedule}`,
      plan: JSON.stringify(scheduleOf(schedule, everyMinutes, `arn of ${name}`, scheduleRoleArn), null, 2),
      ensure: async (signal) => {
        signal.throwIfAborted();
        const client = new SchedulerClient(awsClientOptions(settings));
        try {
          return await ensureSchedule(
            client,
            scheduleOf(schedule, everyMinutes, await arnOf(), scheduleRoleArn),
          );
        } catch (fault) {
          throw awsFailure(fault, {
            action: 'scheduler:CreateSchedule',
            place: `The schedule ${schedule}`,
            region,
          });
        } finally {
          client.destroy();
        }
      },
    },
  ];
};
