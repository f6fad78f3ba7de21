import type { Finding } from './findings.js';
import type { DocumentInput } from './schema/document-schema.js';

const DEFAULT_BUCKET = 'camera-calibration-monitoring';
const FOLDER = 'warehouse/calibration_monitoring/';

const folder = (location: string): string => location.replace(/(?<=[^/])$/, '/');

/** Where the objects of the store lie; null when that is not in S3. */
const storeLocation = ({ storage }: DocumentInput): string | null =>
  storage.kind === 's3' ? folder(`s3://${storage.bucket}/${storage.prefix}`) : null;

/** Where the table's own files lie: below the store, unless the settings say so. Null for a table that is not in Athena. */
export const tableLocationOf = (document: DocumentInput): string | null => {
  if (document.results.kind !== 'athena') return null;
  const given = document.results.table_location ?? null;
  return folder(given ?? `${storeLocation(document) ?? `s3://${DEFAULT_BUCKET}/`}${FOLDER}`);
};

const cameraFolders = (store: string, { deployments }: DocumentInput): string[] =>
  deployments.flatMap(({ name, devices }) =>
    devices.map(({ camera_name: camera }) => `${store}${name}/${camera}/`),
  );

/** VACUUM deletes every file below the table's location that the table does not know. */
const faultOf = (location: string, document: DocumentInput): string | null => {
  if (!/^s3:\/\/[^/]+\/./.test(location)) return 'must be a folder of a bucket: VACUUM takes no whole bucket';
  const store = storeLocation(document);
  const theirs = store === null ? [] : [`${store}_state/`, ...cameraFolders(store, document)];
  const met = theirs.find((other) => other.startsWith(location) || location.startsWith(other));
  if (met !== undefined) return `must lie apart from ${met}: VACUUM deletes what it does not know of`;
  const answers = document.results.kind === 'athena' ? folder(document.results.output_location) : '';
  return answers.startsWith(location)
    ? 'must not hold output_location: VACUUM deletes what it does not know of'
    : null;
};

/** What would cost pictures, references or answers if the table were kept there. */
export const tableLocationFindings = (document: DocumentInput): Finding[] => {
  const location = tableLocationOf(document);
  const message = location === null ? null : faultOf(location, document);
  return message === null ? [] : [{ path: ['results', 'table_location'], message }];
};
