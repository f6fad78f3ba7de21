import type { DeviceSettings } from '../../config/settings.js';
import type { LayerTie } from '../../solve/model/answer.js';
import { withCameraLease } from '../../state/lease.js';
import type { Dependencies } from '../record/dependencies.js';
import { namedLayer, presentPrimaryHash, storedLayers, type StoredLayer } from '../references/layer-store.js';
import { forgetLayerAnswers, layerUses, type LayerUse } from './layer-usage.js';
import { layerPrefix } from '../../state/object-layout.js';

const LEASE_WAIT_MS = 60_000;

/** A layer of a camera's reference, for display. */
export interface LayerInfo {
  readonly name: string;
  /** `ready`; tied to `another_reference` and so unused; or `damaged`. */
  readonly state: 'ready' | 'another_reference' | 'damaged';
  readonly origin: 'scan' | 'grown' | null;
  readonly frames: number;
  /** When its pictures were taken, UTC ISO-8601. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly tie: LayerTie | null;
  /** Of its pictures. */
  readonly bytes: number;
  /** Number of checks it answered, and when it last did. */
  readonly answered: number;
  readonly lastAnsweredAt: string | null;
}

const infoOf = (
  { name, manifest }: StoredLayer,
  presentPrimary: string | null,
  use: LayerUse | undefined,
): LayerInfo => {
  const used = { answered: use?.answered ?? 0, lastAnsweredAt: use?.lastAt ?? null };
  if (manifest === null)
    return {
      ...{ name, state: 'damaged', origin: null, frames: 0, startedAt: null, finishedAt: null },
      ...{ tie: null, bytes: 0, ...used },
    };
  const { layer, frames, started_at: startedAt, finished_at: finishedAt } = manifest;
  const { origin, tie, bytes, primary } = layer;
  const state = primary === presentPrimary ? 'ready' : 'another_reference';
  return { name, state, origin, frames: frames.length, startedAt, finishedAt, tie, bytes, ...used };
};

export const listLayers = async (
  { store }: Pick<Dependencies, 'store'>,
  device: DeviceSettings,
): Promise<LayerInfo[]> => {
  const [layers, present, uses] = await Promise.all([
    storedLayers(store, device),
    presentPrimaryHash(store, device),
    layerUses(store, device),
  ]);
  return layers.map((layer) => infoOf(layer, present, uses[layer.name]));
};

/** Deletes a layer, manifest first: from then on it answers no check. */
export const dropLayer = (
  deps: Dependencies,
  device: DeviceSettings,
  name: string,
  signal: AbortSignal,
): Promise<void> =>
  withCameraLease(device, deps, LEASE_WAIT_MS, signal, async (leased) => {
    const { store } = deps;
    await namedLayer(store, device, name, leased);
    const prefix = `${layerPrefix(device, name)}/`;
    await store.delete(`${prefix}manifest.json`, leased);
    for (const key of await store.list(prefix, leased)) await store.delete(key, leased);
    await forgetLayerAnswers(store, device, name);
  });
