import { z } from 'zod';
import type { ResultRow } from './results-table.js';

const nullableNumber = z.number().nullable();

/** A row as text holds it: in `result.json`, in the store and in what tables answer. */
export const RESULT_ROW: z.ZodType<ResultRow> = z.object({
  deployment_name: z.string(),
  device_id: z.string(),
  timestamp: z.iso.datetime(),
  pitch_offset: nullableNumber,
  yaw_offset: nullableNumber,
  roll_offset: nullableNumber,
  mode: z.enum(['passive', 'active']),
  capture_positions: z.array(z.object({ pan: z.number(), tilt: z.number(), zoom: z.number() })),
  files_location: z.string(),
  success: z.boolean(),
  failure_log: z.string().nullable(),
});
