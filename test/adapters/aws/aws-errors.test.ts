import { describe, expect, it } from '@jest/globals';
import { awsFailure, type AwsAction } from '../../../src/adapters/aws/aws-errors.js';

const PUT: AwsAction = {
  action: 's3:PutObject',
  place: 's3://acme/site-a/x.jpg',
  whole: 's3://acme',
  region: 'eu-central-1',
};
const QUEUE: AwsAction = { action: 'sqs:CreateQueue', place: 'The queue work', region: 'eu-central-1' };

const ATHENA: AwsAction = {
  action: 'athena:StartQueryExecution',
  place: 'The Athena workgroup w',
  region: 'eu-central-1',
};

const denied = (action: string): string =>
  `User: arn:aws:sts::123456789012:assumed-role/calibration/i is not authorized to perform: ${action} on resource: x because no identity-based policy allows the ${action} action`;

/** As the SDK throws what a service answered. */
const answer = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });

describe('failures of AWS', () => {
  it.each([
    [
      'the clock of the machine, which S3 tells by name',
      answer(
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
      ),
      PUT,
      'aws_clock_wrong',
      's3://acme: the clock of this machine is wrong. Set the clock, preferably with NTP.',
    ],
    [
      'the clock, which other services tell as a signature',
      answer(
        'InvalidSignatureException',
        'Signature expired: 20261125T010000Z is now earlier than 20261125T022500Z (20261125T023000Z - 5 min.)',
      ),
      QUEUE,
      'aws_clock_wrong',
      'The queue work: the clock of this machine is wrong. Set the clock, preferably with NTP.',
    ],
    [
      'a signature that is wrong indeed',
      answer('InvalidSignatureException', 'The request signature we calculated does not match'),
      QUEUE,
      'aws_credentials_refused',
      'The queue work: AWS rejected the credentials. Renew them, and check that they belong to the right account and have not expired.',
    ],
    [
      'the action that AWS names, where it is another one than was called',
      answer('AccessDeniedException', denied('kms:GenerateDataKey')),
      PUT,
      'aws_forbidden',
      "s3://acme: the action kms:GenerateDataKey is not allowed. Allow kms:GenerateDataKey on s3://acme for the program's role.",
    ],
    [
      'the action as IAM writes it, whatever SQS writes',
      answer('AccessDenied', denied('sqs:createqueue')),
      QUEUE,
      'aws_forbidden',
      "The queue work: the action sqs:CreateQueue is not allowed. Allow sqs:CreateQueue on the queue work for the program's role.",
    ],
    [
      'the action that was called, where AWS names none',
      answer('AccessDenied', 'Access Denied'),
      PUT,
      'aws_forbidden',
      "s3://acme: the action s3:PutObject is not allowed. Allow s3:PutObject on s3://acme for the program's role.",
    ],
    [
      'a workgroup that is missing',
      answer('InvalidRequestException', 'WorkGroup is not found.'),
      ATHENA,
      'workgroup_missing',
      'The Athena workgroup w: there is no such workgroup. Create it (deploy/cloudformation.yaml does), or correct the name and region in devices.yaml.',
    ],
    [
      'a place for answers that is none',
      answer('InvalidRequestException', 'Unable to verify/create output bucket acme'),
      ATHENA,
      'output_location_wrong',
      'The Athena workgroup w: it cannot write query results to output_location. Correct output_location in devices.yaml: a bucket in the same region that the role can write to.',
    ],
    [
      'the region where a bucket lies',
      answer('PermanentRedirect', 'Use another endpoint.', {
        $response: { headers: { 'x-amz-bucket-region': 'us-west-2' } },
      }),
      PUT,
      'aws_region_wrong',
      's3://acme: it is not in the region eu-central-1. Correct the region in devices.yaml: it is in us-west-2.',
    ],
  ])('tell %s', (_what, fault, of, code, told) => {
    const failure = awsFailure(fault, of);
    expect(failure.code).toBe(code);
    expect(`${failure.message} ${failure.remedy}`).toBe(told);
  });
});
