import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Provision } from '../../ports/provision.js';
import { callAws } from './aws-errors.js';
import { s3Client, type S3Settings } from './s3-client.js';

/** Each bucket that must be there: it is looked for, and made by deploy/cloudformation.yaml alone. */
export const createS3Setup = (settings: S3Settings, locations: readonly string[]): Provision[] => {
  const others = locations.map((location) => location.split('/')[2] ?? '');
  return [...new Set([settings.bucket, ...others])].map((bucket) => ({
    name: `bucket ${bucket}`,
    plan: 'Only checked: deploy/cloudformation.yaml creates it.',
    ensure: async (signal) => {
      const client = s3Client(settings);
      const of = { action: 's3:ListBucket', place: `s3://${bucket}`, region: settings.region };
      try {
        await callAws(of, signal, (options) =>
          client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), options),
        );
        return 'there already';
      } finally {
        client.destroy();
      }
    },
  }));
};
