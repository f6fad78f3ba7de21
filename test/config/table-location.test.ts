import { describe, expect, it } from '@jest/globals';
import { faultsOf, settingsOf, SITE } from './small-site.js';

const site = (storage: string, results: string): string =>
  `storage: { kind: s3, bucket: acme, region: eu-central-1${storage} }
results: { kind: athena, database: m, region: eu-central-1, output_location: s3://acme/athena/${results} }
${SITE}`;

describe('where the table of results lies', () => {
  it.each([
    ['', '', 's3://acme/warehouse/calibration_monitoring/'],
    [', prefix: cameras', '', 's3://acme/cameras/warehouse/calibration_monitoring/'],
    ['', ', table_location: s3://other/results', 's3://other/results/'],
  ])('is a folder of its own: %s %s', (storage, results, location) => {
    expect(settingsOf(site(storage, results)).results).toMatchObject({ tableLocation: location });
  });

  it.each([
    ['', 's3://acme/', 'must be a folder of a bucket: VACUUM takes no whole bucket'],
    ['', 's3://acme/site-a', 'must lie apart from s3://acme/site-a/north/'],
    ['', 's3://acme/site-a/north/query_scan/', 'must lie apart from s3://acme/site-a/north/'],
    ['', 's3://acme/_state/', 'must lie apart from s3://acme/_state/'],
    [', prefix: cameras/', 's3://acme/cameras', 'must lie apart from s3://acme/cameras/_state/'],
    ['', 's3://acme/athena', 'must not hold output_location'],
  ])('is refused where VACUUM would delete what is not the table’s: %s %s', (storage, location, told) => {
    const [fault, ...others] = faultsOf(site(storage, `, table_location: ${location}`));
    expect(fault).toMatch(/^2:\d+ results\.table_location: /);
    expect(fault).toContain(told);
    expect(others).toEqual([]);
  });
});
