import type { DeviceSettings } from '../../config/settings.js';
import { beginJob, endJob, prolongJob, type Job } from '../../monitor/record/incident.js';
import type { SlackDeps } from '../state/slack-deps.js';
import type { IncidentMessages } from '../messages/incident-messages.js';

const TTL_MS = 120_000;
const RENEW_MS = 40_000;

/** The result, or the job that the camera already has. */
export type Worked<T> = { readonly result: T } | { readonly busy: Job };

/** One job per camera at a time, over all programs on the store: two presses start one job. */
export class CameraJobs {
  constructor(
    private readonly deps: SlackDeps,
    private readonly incidentMessages: IncidentMessages,
  ) {}

  /** Runs `work` unless the camera already has a job; renews its own claim while `work` runs. */
  async run<T>(
    device: DeviceSettings,
    kind: Job['kind'],
    by: string,
    work: () => Promise<T>,
  ): Promise<Worked<T>> {
    const { owner, clock, incidents } = this.deps;
    const startedAtMs = clock.nowMs();
    const job: Job = {
      kind,
      by,
      owner: `${owner}#${(jobs += 1)}`,
      startedAtMs,
      untilMs: startedAtMs + TTL_MS,
    };
    const { after } = await this.incidentMessages.act(device, (state) => beginJob(state, job));
    if (after.job?.owner !== job.owner) return { busy: after.job ?? job };
    const ending = new AbortController();
    const kept = this.keep(device, job, ending.signal);
    try {
      return { result: await work() };
    } finally {
      ending.abort();
      await kept;
      await incidents.update(device, (state) => endJob(state, job));
      await this.incidentMessages.show(device);
    }
  }

  private async keep(device: DeviceSettings, job: Job, signal: AbortSignal): Promise<void> {
    const { clock, incidents } = this.deps;
    for (;;) {
      const isOver = await clock.sleep(RENEW_MS, signal).then(
        () => false,
        () => true,
      );
      if (isOver) return;
      const untilMs = clock.nowMs() + TTL_MS;
      await incidents
        .update(device, (state) => prolongJob(state, job, untilMs))
        .catch((cause: unknown) => {
          const message = 'The claim of a running job could not be renewed in the store.';
          this.deps.log({ level: 'warn', event: 'slack_job', message, device: device.deviceId, cause });
        });
    }
  }
}

let jobs = 0;
