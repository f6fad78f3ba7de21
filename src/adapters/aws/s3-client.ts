import { S3Client } from '@aws-sdk/client-s3';
import type { Settings } from '../../config/settings.js';
import { awsClientOptions } from './aws-client.js';

export type S3Settings = Extract<Settings['storage'], { kind: 's3' }>;

/** A client of the store's S3 service. */
export const s3Client = (settings: S3Settings): S3Client => {
  const checksums = settings.checksums === 'always' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED';
  return new S3Client({
    ...awsClientOptions(settings),
    forcePathStyle: settings.pathStyle,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
  });
};
