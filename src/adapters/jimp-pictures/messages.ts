import type { Pictures } from '../../ports/pictures.js';

type Request<K extends keyof Pictures> = Parameters<Pictures[K]>[0];

/** What the drawing thread is asked for. */
export type DrawingJob =
  | { readonly kind: 'expectedView'; readonly request: Request<'expectedView'> }
  | { readonly kind: 'overlay'; readonly request: Request<'overlay'> }
  | { readonly kind: 'historyPlot'; readonly request: Request<'historyPlot'> }
  | { readonly kind: 'coverageMap'; readonly request: Request<'coverageMap'> };

export type DrawingReply =
  | { readonly id: number; readonly picture: Uint8Array }
  | { readonly id: number; readonly code: string; readonly message: string; readonly remedy: string };
