import type { Pictures } from '../../ports/pictures.js';

type Request<K extends keyof Pictures> = Parameters<Pictures[K]>[0];

/** What the drawing process is asked for. */
export type DrawingJob =
  | { readonly kind: 'overlay'; readonly request: Request<'overlay'> }
  | { readonly kind: 'historyPlot'; readonly request: Request<'historyPlot'> }
  | { readonly kind: 'coverageMap'; readonly request: Request<'coverageMap'> };
