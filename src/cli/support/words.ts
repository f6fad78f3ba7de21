/** `+0.012°` with a true minus sign; `?` where there is none. */
export const signedDeg = (valueDeg: number | null): string =>
  valueDeg === null ? '?' : `${valueDeg < 0 ? '−' : '+'}${Math.abs(valueDeg).toFixed(3)}°`;

/** One line of JSON. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;
