import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { PtzController, PtzReach } from '../../ports/ptz-controller.js';
import type { PtzPosition } from '../../ports/telemetry.js';
import { OnvifClient, OnvifRefusal, type OnvifAddress } from './onvif-client.js';
import { attributeOf, elementsIn, escapeXml } from './onvif-soap.js';
import {
  panTiltScales,
  panWithin,
  rawPositionOf,
  reachOf,
  spacesOf,
  zoomScales,
  type NodeSpaces,
  type PanTiltScale,
  type ZoomScale,
} from './onvif-coordinates.js';

export interface OnvifPtzOptions extends OnvifAddress {
  /** Token or name of the media profile; null takes the first that has PTZ. */
  readonly profile: string | null;
  readonly ptz: DeviceSettings['ptz'];
}

/** What must be known of a camera before its position can be read or set. */
interface Session {
  readonly profileToken: string;
  readonly panTilt: readonly PanTiltScale[];
  readonly zoom: readonly ZoomScale[];
  /** False for a camera with a fixed focal length. */
  readonly hasZoom: boolean;
  /** Spaces that positions without one are meant in. */
  readonly defaultPanTilt: string | null;
  readonly defaultZoom: string | null;
}

interface Move {
  readonly profileToken: string;
  readonly x?: number;
  readonly y?: number;
  readonly xyspace?: string;
  readonly zoom?: number;
  readonly zoomspace?: string;
}

interface Profile {
  readonly $?: { readonly token?: unknown };
  readonly name?: unknown;
  readonly PTZConfiguration?: {
    readonly nodeToken?: unknown;
    readonly defaultAbsolutePantTiltPositionSpace?: unknown;
    readonly defaultAbsoluteZoomPositionSpace?: unknown;
  };
}

const SET_RANGES = "Set the device's pan_range_deg and tilt_range_deg in devices.yaml.";
const SET_ZOOM =
  "Set the device's ptz.zoom_range in devices.yaml to the magnifications at both ends of its zoom.";

/** Tokens that look like numbers come as numbers. */
const told = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

const inSpace = <T extends { readonly uri: string }>(
  scales: readonly T[],
  uri: string | null,
): T | undefined => (uri === null ? undefined : scales.find((scale) => scale.uri === uri));

class OnvifPtz implements PtzController {
  private readonly calls: OnvifClient;
  private opened: Session | null = null;
  /** Pan/tilt and zoom go in calls of their own once the camera has refused them together. */
  private splitsMoves = false;

  constructor(private readonly options: OnvifPtzOptions) {
    this.calls = new OnvifClient(options);
  }

  async position(signal: AbortSignal): Promise<PtzPosition | null> {
    const session = await this.session(signal);
    const content = `<ProfileToken>${escapeXml(session.profileToken)}</ProfileToken>`;
    const raw = rawPositionOf(await this.understood(this.calls.ask('GetStatus', content, signal)));
    const panTilt = inSpace(session.panTilt, raw.panTilt?.space ?? session.defaultPanTilt);
    if (raw.panTilt === null || panTilt === undefined) return null;
    const zoom = session.hasZoom ? this.zoomOf(session, raw.zoom) : 1;
    if (zoom === null) return null;
    return {
      panDeg: panTilt.pan.toProduct(raw.panTilt.x),
      tiltDeg: panTilt.tilt.toProduct(raw.panTilt.y),
      zoom,
    };
  }

  async moveTo(target: PtzPosition, signal: AbortSignal): Promise<void> {
    const session = await this.session(signal);
    const { profileToken } = session;
    const panTilt = this.panTiltMove(session, target);
    const zoom = session.hasZoom ? this.zoomMove(session, target) : null;
    if (zoom === null) return this.accepted({ profileToken, ...panTilt }, signal);
    if (!this.splitsMoves && (await this.takesBoth({ profileToken, ...panTilt, ...zoom }, signal))) return;
    await this.accepted({ profileToken, ...panTilt }, signal);
    await this.accepted({ profileToken, ...zoom }, signal);
    this.splitsMoves = true;
  }

  async reach(signal: AbortSignal): Promise<PtzReach> {
    const { panTilt, zoom } = await this.session(signal);
    return reachOf(panTilt[0], zoom[0]);
  }

  async close(): Promise<void> {
    this.calls.close();
  }

  private zoomOf(session: Session, raw: { x: number; space: string | null } | null): number | null {
    const scale = inSpace(session.zoom, raw?.space ?? session.defaultZoom);
    if (raw === null || scale === undefined) return null;
    const zoom = scale.zoom.toProduct(raw.x);
    // Not null, as for an unreported position: a camera that was driven away could not be put back.
    if (zoom === null) throw this.notDrivable('is zoomed in but does not report its magnification', SET_ZOOM);
    return zoom;
  }

  private panTiltMove({ panTilt: [scale] }: Session, target: PtzPosition): Omit<Move, 'profileToken'> {
    if (scale === undefined) throw this.notDrivable('does not report its positions in degrees', SET_RANGES);
    const panDeg = panWithin(target.panDeg, scale.pan.reach);
    const [low, high] = scale.tilt.reach;
    if (panDeg === null || target.tiltDeg < low - 1e-6 || target.tiltDeg > high + 1e-6)
      throw this.outOfRange(target);
    const tiltDeg = Math.min(high, Math.max(low, target.tiltDeg));
    return { x: scale.pan.toDevice(panDeg), y: scale.tilt.toDevice(tiltDeg), xyspace: scale.uri };
  }

  private zoomMove({ zoom: [scale] }: Session, target: PtzPosition): Omit<Move, 'profileToken'> {
    if (scale === undefined) throw this.notDrivable('cannot zoom to a position', 'Check it passively.');
    const [low, high] = scale.zoom.reach;
    const isOutside = target.zoom < low - 1e-6 || target.zoom > high + 1e-6;
    if (isOutside && low === high)
      throw this.notDrivable('does not report its zoom as a magnification', SET_ZOOM);
    if (isOutside) throw this.outOfRange(target);
    return { zoom: scale.zoom.toDevice(Math.min(high, Math.max(low, target.zoom))), zoomspace: scale.uri };
  }

  /** False when the camera refuses pan/tilt and zoom in one call. */
  private async takesBoth(move: Move, signal: AbortSignal): Promise<boolean> {
    try {
      await this.calls.absoluteMove(move, signal);
      return true;
    } catch (fault) {
      if (fault instanceof OnvifRefusal) return false;
      throw fault;
    }
  }

  /** The package sends zeros for missing axes unless it knows which ones are meant. */
  private async accepted(move: Move, signal: AbortSignal): Promise<void> {
    const only = move.zoom === undefined ? { onlySendPanTilt: true } : { onlySendZoom: true };
    try {
      await this.calls.absoluteMove({ ...move, ...only }, signal);
    } catch (fault) {
      if (!(fault instanceof OnvifRefusal)) throw fault;
      const axes = move.zoom === undefined ? 'pan and tilt' : 'zoom';
      throw this.notDrivable(
        `refused to move ${axes} to a position: ${fault.message}`,
        'Check it passively.',
      );
    }
  }

  private async session(signal: AbortSignal): Promise<Session> {
    return (this.opened ??= await this.understood(this.open(signal)));
  }

  private async open(signal: AbortSignal): Promise<Session> {
    const { calls } = this;
    await calls.connect(signal);
    if (!calls.has('ptz') || !(calls.has('media') || calls.has('media2')))
      throw this.notDrivable('has no PTZ service', 'Remove the onvif section and check it passively.');
    const profile = this.chosen(await calls.profiles(signal));
    const spaces = await this.spaces(told(profile.PTZConfiguration?.nodeToken), signal);
    const { ptz } = this.options;
    return {
      profileToken: told(profile.$?.token) ?? '',
      panTilt: panTiltScales(spaces, ptz),
      zoom: zoomScales(spaces, ptz),
      hasZoom: spaces.zoom.length > 0,
      defaultPanTilt:
        told(profile.PTZConfiguration?.defaultAbsolutePantTiltPositionSpace) ??
        spaces.panTilt[0]?.uri ??
        null,
      defaultZoom:
        told(profile.PTZConfiguration?.defaultAbsoluteZoomPositionSpace) ?? spaces.zoom[0]?.uri ?? null,
    };
  }

  private chosen(answer: unknown): Profile {
    const profiles = (Array.isArray(answer) ? answer : []) as Profile[];
    const { profile: wanted } = this.options;
    const found =
      wanted === null
        ? profiles.find(({ PTZConfiguration }) => PTZConfiguration !== undefined)
        : profiles.find(({ $, name }) => told($?.token) === wanted || told(name) === wanted);
    if (found?.PTZConfiguration !== undefined) return found;
    const names = profiles.map(({ $ }) => told($?.token)).join(', ');
    throw this.notDrivable(
      wanted === null ? 'has no profile with PTZ' : `has no profile ${wanted} with PTZ; it has ${names}`,
      'Correct onvif.profile of the device in devices.yaml, or check it passively.',
    );
  }

  private async spaces(nodeToken: string | null, signal: AbortSignal): Promise<NodeSpaces> {
    const nodes = elementsIn(await this.calls.ask('GetNodes', '', signal), 'PTZNode');
    const node = nodes.find((candidate) => attributeOf(candidate, 'token') === nodeToken) ?? nodes[0];
    if (node === undefined) throw this.notDrivable('has no PTZ node', 'Check it passively.');
    return spacesOf(node);
  }

  private async understood<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (fault) {
      if (fault instanceof OnvifRefusal)
        throw this.notDrivable(`refused to report its PTZ: ${fault.message}`, 'Check it passively.');
      throw fault;
    }
  }

  private notDrivable(why: string, remedy: string): AppError {
    return new AppError('camera_not_drivable', `The camera at ${this.calls.name()} ${why}.`, remedy);
  }

  private outOfRange({ panDeg, tiltDeg, zoom }: PtzPosition): AppError {
    return new AppError(
      'stop_out_of_range',
      `Pan ${panDeg}°, tilt ${tiltDeg}°, zoom ${zoom} is outside the range of the camera at ${this.calls.name()}.`,
      "Correct the device's stops or ranges in devices.yaml.",
    );
  }
}

/**
 * Drives a camera by ONVIF absolute moves. Connects at the first call. AppErrors: `camera_not_drivable`,
 * `stop_out_of_range`, `onvif_auth`, `onvif_timeout`, `onvif_unreachable`, `onvif_not_understood`.
 */
export const createOnvifPtz = (options: OnvifPtzOptions): PtzController => new OnvifPtz(options);
