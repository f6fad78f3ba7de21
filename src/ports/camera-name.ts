/** How a camera is named in keys, spool folders and messages. */
export interface CameraName {
  readonly deploymentName: string;
  readonly cameraName: string;
}

/** `2026-01-31T14-00-05.123Z`: sorts by time and is safe in keys and file names. */
export const timestampKey = (timeMs: number): string => new Date(timeMs).toISOString().replaceAll(':', '-');
