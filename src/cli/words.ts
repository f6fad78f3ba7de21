/** `+0.012°` with a true minus sign; `?` where there is none. */
export const signedDeg = (valueDeg: number | null): string =>
  valueDeg === null ? '?' : `${valueDeg < 0 ? '−' : '+'}${Math.abs(valueDeg).toFixed(3)}°`;

/** `1 camera`, `3 cameras`. */
export const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

/** `50 s`, `4 min`, `1 h 10 min`. */
export const durationInWords = (durationMs: number): string => {
  const seconds = Math.ceil(durationMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** `2026-01-31 14:00:05` of an ISO time in UTC. */
export const timeInWords = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** How people name a camera: `site-a/north-mast`. */
export const cameraPath = (device: {
  readonly deploymentName: string;
  readonly cameraName: string;
}): string => `${device.deploymentName}/${device.cameraName}`;

/** One line of JSON. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;
