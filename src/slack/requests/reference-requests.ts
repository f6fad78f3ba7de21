import type { DeviceSettings } from '../../config/settings.js';
import { readCoverageMap } from '../../monitor/references/coverage-map.js';
import { addNote, resolveByReference } from '../../monitor/record/incident.js';
import type { ScanProgress } from '../../monitor/product.js';
import { cameraPath } from '../../monitor/text/wording.js';
import type { ReferenceReport } from '../../solve/model/answer.js';
import { busyLine } from '../blocks/check.js';
import { restored, scanDone, scanFailed, scanRunning } from '../blocks/reference.js';
import { paragraph } from '../blocks/text.js';
import type { SlackDeps } from '../state/slack-deps.js';
import type { IncidentMessages } from '../messages/incident-messages.js';
import { CameraJobs } from './camera-jobs.js';
import { addPicture } from '../messages/picture-upload.js';
import { logProgressFailure, type Reply } from './reply.js';

/** Reference scans requested by people. */
export class ReferenceRequests {
  private readonly jobs: CameraJobs;

  constructor(
    private readonly deps: SlackDeps,
    private readonly incidentMessages: IncidentMessages,
  ) {
    this.jobs = new CameraJobs(deps, incidentMessages);
  }

  /** Scans a new reference, with progress and result in one message. */
  async scan(device: DeviceSettings, by: string, reply: Reply): Promise<void> {
    const worked = await this.jobs.run(device, 'reference', by, () => this.scanned(device, by, reply));
    if ('busy' in worked) return reply.done(paragraph(busyLine(device, worked.busy)));
    const { report, hadReference } = worked.result;
    const scan = { by, report, hadReference, atMs: this.deps.clock.nowMs() };
    await reply.done(scanDone(device, scan, null));
    const upload = () => this.uploadMap(device, report);
    await addPicture(this.deps, { device, what: 'The coverage map of a scan' }, upload, (mapId) =>
      reply.illustrate(scanDone(device, scan, mapId)),
    );
  }

  /** Restores the previous reference. */
  async restore(device: DeviceSettings, by: string, reply: Reply): Promise<void> {
    const { product, signal, clock } = this.deps;
    const worked = await this.jobs.run(device, 'reference', by, async () => {
      const { scannedAt } = await product.restoreReference(device, signal);
      await this.replaced(device, by, 'restored the previous reference');
      return scannedAt;
    });
    if ('busy' in worked) return reply.done(paragraph(busyLine(device, worked.busy)));
    await reply.done(restored(device, by, worked.result, clock.nowMs()));
  }

  private async scanned(
    device: DeviceSettings,
    by: string,
    reply: Reply,
  ): Promise<{ report: ReferenceReport; hadReference: boolean }> {
    const { product, signal } = this.deps;
    const hadReference = await product.hasReference(device);
    await reply.progress(scanRunning(device, by, null));
    const onProgress = (progress: ScanProgress): void =>
      logProgressFailure(this.deps, reply.progress(scanRunning(device, by, progress)));
    try {
      const report = await product.scanReference(device, onProgress, signal);
      if (report.usable) await this.replaced(device, by, 'accepted a new reference');
      return { report, hadReference };
    } catch (fault) {
      signal.throwIfAborted();
      await reply.done(scanFailed(device, by));
      throw fault;
    }
  }

  /** Uploads the coverage map of a scan; null when there is none. */
  private async uploadMap(device: DeviceSettings, report: ReferenceReport): Promise<string | null> {
    const body = await readCoverageMap(this.deps.store, device, report);
    if (body === null) return null;
    const title = `Reference scan of ${cameraPath(device)}`;
    return this.deps.web.upload({ body, filename: `${device.cameraName}-coverage.png`, title });
  }

  /** Offsets from the previous reference no longer count. */
  private async replaced(device: DeviceSettings, by: string, text: string): Promise<void> {
    const atMs = this.deps.clock.nowMs();
    await this.incidentMessages.act(device, (state) => {
      const resolved = resolveByReference(state, atMs);
      return resolved === state ? state : addNote(resolved, { by, atMs, text });
    });
  }
}
