import { HEAD_TERMS, type HeadTerm } from '../head/pointing-model.js';
import { headColumns, layoutSize, type ScanLayout } from './scan-layout.js';

/** A head that another scan found: how surely its terms are known, row by row in the order of `terms`. */
export interface KnownHead {
  readonly terms: readonly HeadTerm[];
  readonly covariance: Float64Array;
}

/** What a scan knows of its camera's head, whatever stands with it. */
export const knownHead = (layout: ScanLayout, covariance: Float64Array): KnownHead => {
  const columns = headColumns(layout);
  const size = layoutSize(layout);
  const places = layout.terms.map((term) => columns[HEAD_TERMS.indexOf(term)]!);
  return {
    terms: layout.terms,
    covariance: Float64Array.from(
      places.flatMap((row) => places.map((column) => covariance[row * size + column]!)),
    ),
  };
};

/**
 * Covariance of stops' own errors and of a head that was taken as it is, together: where the head is wrong, the stops that were fitted
 * under it are wrong with it (consider parameters, Schmidt). `own` is the stops' covariance under an exact head, `moves` how each of
 * their values moves with each term; row by row.
 */
export const consideringHead = (own: Float64Array, moves: Float64Array, head: KnownHead): Float64Array => {
  const t = head.terms.length;
  const n = Math.round(Math.sqrt(own.length));
  const size = n + t;
  const crossed = new Float64Array(n * t);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < t; a++)
      for (let b = 0; b < t; b++)
        crossed[i * t + a] = crossed[i * t + a]! + moves[i * t + b]! * head.covariance[b * t + a]!;
  const out = new Float64Array(size * size);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = own[i * n + j]!;
      for (let a = 0; a < t; a++) sum += crossed[i * t + a]! * moves[j * t + a]!;
      out[i * size + j] = sum;
    }
    for (let a = 0; a < t; a++) {
      out[i * size + n + a] = crossed[i * t + a]!;
      out[(n + a) * size + i] = crossed[i * t + a]!;
    }
  }
  for (let a = 0; a < t; a++)
    for (let b = 0; b < t; b++) out[(n + a) * size + n + b] = head.covariance[a * t + b]!;
  return out;
};
