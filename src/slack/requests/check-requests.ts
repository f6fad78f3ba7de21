import pLimit from 'p-limit';
import type { DeviceSettings } from '../../config/settings.js';
import type { Job } from '../../monitor/record/incident.js';
import type { CheckOutcome } from '../../monitor/product.js';
import { checkMessage, type CheckProgress } from '../blocks/check.js';
import type { SlackDeps } from '../state/slack-deps.js';
import type { FleetView } from '../state/fleet-view.js';
import type { IncidentMessages } from '../messages/incident-messages.js';
import { CameraJobs, type Worked } from './camera-jobs.js';
import { addPicture, uploadOverlay } from '../messages/picture-upload.js';
import { logProgressFailure, type Reply } from './reply.js';

interface CheckRequest {
  readonly devices: readonly DeviceSettings[];
  readonly mode: 'passive' | 'active';
  readonly by: string;
}

/** Checks requested by people. */
export class CheckRequests {
  private readonly jobs: CameraJobs;

  constructor(
    private readonly deps: SlackDeps,
    private readonly incidentMessages: IncidentMessages,
    private readonly fleet: FleetView,
  ) {
    this.jobs = new CameraJobs(deps, incidentMessages);
  }

  /** Checks one camera, unless it already has a job, and updates its incident. */
  async one(device: DeviceSettings, mode: CheckRequest['mode'], by: string): Promise<Worked<CheckOutcome>> {
    const { product, signal } = this.deps;
    return this.jobs.run(device, mode === 'active' ? 'active' : 'check', by, async () => {
      const outcome = await product.check(device, { mode, confirm: true }, signal);
      this.fleet.note(outcome);
      await this.incidentMessages.observe(outcome, true);
      return outcome;
    });
  }

  /** Checks all, with progress and results in one message. */
  async all(request: CheckRequest, reply: Reply): Promise<void> {
    const outcomes: CheckOutcome[] = [];
    const busy: { device: DeviceSettings; job: Job }[] = [];
    const progress = (isDone: boolean, pictureId: string | null = null): CheckProgress => ({
      ...request,
      ...{ outcomes, busy, isDone, pictureId },
    });
    await reply.progress(checkMessage(progress(false)));
    const limit = pLimit(this.deps.settings.concurrency);
    await Promise.all(
      request.devices.map((device) =>
        limit(async () => {
          const worked = await this.one(device, request.mode, request.by);
          if ('result' in worked) outcomes.push(worked.result);
          else busy.push({ device, job: worked.busy });
          if (outcomes.length + busy.length < request.devices.length)
            logProgressFailure(this.deps, reply.progress(checkMessage(progress(false))));
        }),
      ),
    );
    await reply.done(checkMessage(progress(true)));
    const [only] = outcomes;
    if (request.devices.length === 1 && only !== undefined)
      await this.addPicture(only, reply, (pictureId) => progress(true, pictureId));
  }

  private async addPicture(
    { device, row, pictureLocation }: CheckOutcome,
    reply: Reply,
    withPicture: (pictureId: string) => CheckProgress,
  ): Promise<void> {
    if (pictureLocation === null) return;
    const upload = async (): Promise<string | null> => {
      await this.incidentMessages.pictured(device);
      const shown = (await this.deps.incidents.of(device)).incident?.picture ?? null;
      return shown?.of === row.timestamp ? shown.fileId : uploadOverlay(this.deps, device, row.timestamp);
    };
    await addPicture(this.deps, { device, what: 'The picture of a check' }, upload, (fileId) =>
      reply.illustrate(checkMessage(withPicture(fileId))),
    );
  }
}
