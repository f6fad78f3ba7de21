import type { CameraName } from '../../ports/camera-name.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { CALM, CAMERA_STATE, type CameraState } from './incident.js';
import { incidentKey, INCIDENTS } from '../../state/object-layout.js';
import { SharedState } from '../../state/shared-document.js';

/** The incident of each camera, shared by all programs on the store. */
export class IncidentStore {
  private readonly states: SharedState<CameraState>;

  constructor(store: ObjectStore) {
    this.states = new SharedState(store, CAMERA_STATE, CALM);
  }

  of(camera: CameraName): Promise<CameraState> {
    return this.states.of(incidentKey(camera));
  }

  update(
    camera: CameraName,
    change: (state: CameraState) => CameraState | null,
  ): Promise<{ before: CameraState; after: CameraState }> {
    return this.states.update(incidentKey(camera), change);
  }

  /** The states of all cameras that ever had an incident, by `deployment/camera`. */
  async all(): Promise<Map<string, CameraState>> {
    const states = await this.states.below(INCIDENTS);
    return new Map([...states].map(([key, state]) => [key.slice(INCIDENTS.length, -'.json'.length), state]));
  }
}
