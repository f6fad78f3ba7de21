import { z } from 'zod';
import type { CameraName } from '../../ports/camera-name.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { layerUseKey } from '../../state/object-layout.js';
import { SharedState } from '../../state/shared-document.js';

const USE = z.object({ answered: z.number(), lastAt: z.string() }).readonly();
/** How often a layer has answered, and when last (UTC ISO-8601). */
export type LayerUse = z.output<typeof USE>;

const USES = z.record(z.string(), USE).readonly();
type Uses = z.output<typeof USES>;

const statesOf = (store: ObjectStore): SharedState<Uses> => new SharedState<Uses>(store, USES, {});

export const layerUses = (store: ObjectStore, camera: CameraName): Promise<Uses> =>
  statesOf(store).of(layerUseKey(camera));

/** Counts an answer; one not newer than the last was already counted, by a killed run. */
export const countLayerAnswer = async (
  store: ObjectStore,
  camera: CameraName,
  layer: string,
  at: string,
): Promise<void> => {
  await statesOf(store).update(layerUseKey(camera), (uses) => {
    const before = uses[layer];
    if (before !== undefined && before.lastAt >= at) return null;
    return { ...uses, [layer]: { answered: (before?.answered ?? 0) + 1, lastAt: at } };
  });
};

/** Forgets a deleted layer. */
export const forgetLayerAnswers = async (
  store: ObjectStore,
  camera: CameraName,
  layer: string,
): Promise<void> => {
  await statesOf(store).update(layerUseKey(camera), (uses) => {
    const { [layer]: gone, ...others } = uses;
    return gone === undefined ? null : others;
  });
};
