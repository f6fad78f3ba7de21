import type { DeviceSettings } from '../config/settings.js';
import { addNote, resolveByReference } from '../monitor/incident.js';
import type { ScanProgress } from '../monitor/product.js';
import type { ReferenceReport } from '../solve/answer.js';
import { busyLine } from './blocks/check.js';
import { scanDone, scanFailed, scanRunning } from './blocks/reference.js';
import { said } from './blocks/said.js';
import type { SlackDeps } from './context.js';
import type { IncidentDesk } from './incident-desk.js';
import { Jobs } from './jobs.js';
import type { Reply } from './reply.js';

/** Reference scans that people ask for. */
export class References {
  private readonly jobs: Jobs;

  constructor(
    private readonly deps: SlackDeps,
    private readonly desk: IncidentDesk,
  ) {
    this.jobs = new Jobs(deps, desk);
  }

  /** Scans a camera and makes that its reference, telling progress and result in one message. */
  async scan(device: DeviceSettings, by: string, reply: Reply): Promise<void> {
    const worked = await this.jobs.run(device, 'reference', by, () => this.scanned(device, by, reply));
    if ('busy' in worked) return reply.done(said(busyLine(device, worked.busy)));
    await this.tell(device, by, worked.result, reply);
  }

  private async scanned(device: DeviceSettings, by: string, reply: Reply): Promise<ReferenceReport> {
    const { product, signal } = this.deps;
    await reply.progress(scanRunning(device, by, null));
    const onProgress = (progress: ScanProgress): void =>
      this.shown(reply.progress(scanRunning(device, by, progress)));
    try {
      const report = await product.scanReference(device, onProgress, signal);
      if (report.usable) await this.accepted(device, by);
      return report;
    } catch (fault) {
      signal.throwIfAborted();
      await reply.done(scanFailed(device, by));
      throw fault;
    }
  }

  private tell(device: DeviceSettings, by: string, report: ReferenceReport, reply: Reply): Promise<void> {
    return reply.done(scanDone(device, by, report, this.deps.clock.nowMs()));
  }

  /** What was measured against the reference before is void. */
  private async accepted(device: DeviceSettings, by: string): Promise<void> {
    const atMs = this.deps.clock.nowMs();
    await this.desk.act(device, (state) => {
      const resolved = resolveByReference(state, atMs);
      return resolved === state ? state : addNote(resolved, { by, atMs, text: 'accepted a new reference' });
    });
  }

  private shown(progress: Promise<void>): void {
    progress.catch((cause: unknown) => {
      if (this.deps.signal.aborted) return;
      const message = 'The progress of a scan could not be shown in Slack.';
      this.deps.log({ level: 'warn', event: 'slack_progress', message, cause });
    });
  }
}
