import type { ResultRow } from '../../src/ports/results-table.js';

/** A row as a check writes it; tests say what differs. */
export const resultRow = (differing: Partial<ResultRow> = {}): ResultRow => ({
  deployment_name: 'site-a',
  device_id: 'cam-1',
  timestamp: '2026-01-31T14:00:05.123Z',
  pitch_offset: -0.004,
  yaw_offset: 0.012,
  roll_offset: 0.001,
  mode: 'active',
  capture_positions: [
    { pan: 10, tilt: -3.5, zoom: 1 },
    { pan: 170.25, tilt: 0, zoom: 4 },
  ],
  files_location: 's3://bucket/site-a/north-mast/query_scan/2026-01-31T14-00-05.123Z',
  success: true,
  failure_log: null,
  ...differing,
});
