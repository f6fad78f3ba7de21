import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../../ports/metrics.js';

const CHECK_SECONDS = [1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600];
const SWEEP_SECONDS = [30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200];

/** A registry of its own, so that two products in one process do not share counts. */
export const createPrometheusMetrics = ({ process = true } = {}): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  if (process) collectDefaultMetrics({ register: registry });
  const checks = new Counter({
    name: 'calib_checks_total',
    help: 'Checks of cameras by verdict (ok, drifted, unmeasured) and mode',
    labelNames: ['verdict', 'mode'],
    registers,
  });
  const checkSeconds = new Histogram({
    name: 'calib_check_duration_seconds',
    help: 'From the beginning of a check to its telling',
    labelNames: ['mode'],
    buckets: CHECK_SECONDS,
    registers,
  });
  const age = new Gauge({
    name: 'calib_queue_age_seconds',
    help: 'How long after its sweep was due the last camera was taken from the queue',
    registers,
  });
  const depth = new Gauge({
    name: 'calib_queue_messages',
    help: 'Messages of the queue: waiting, taken, dead',
    labelNames: ['state'],
    registers,
  });
  const lastSweep = new Gauge({
    name: 'calib_last_sweep_timestamp_seconds',
    help: 'When the last sweep ended whose end this program told (Unix time)',
    registers,
  });
  const sweepSeconds = new Histogram({
    name: 'calib_sweep_duration_seconds',
    help: 'From the first message of a sweep to its last camera',
    buckets: SWEEP_SECONDS,
    registers,
  });
  const cameras = new Gauge({
    name: 'calib_last_sweep_cameras',
    help: 'Cameras of the last sweep',
    registers,
  });
  return {
    checked: ({ verdict, mode, tookMs }) => {
      checks.inc({ verdict, mode });
      checkSeconds.observe({ mode }, tookMs / 1000);
    },
    taken: (ageMs) => age.set(Math.max(0, ageMs) / 1000),
    swept: (sweep) => {
      lastSweep.set(sweep.endedAtMs / 1000);
      sweepSeconds.observe(sweep.tookMs / 1000);
      cameras.set(sweep.cameras);
    },
    queued: (queue) => {
      depth.set({ state: 'waiting' }, queue.waiting);
      depth.set({ state: 'taken' }, queue.taken);
      depth.set({ state: 'dead' }, queue.dead);
    },
    text: () => registry.metrics(),
  };
};
