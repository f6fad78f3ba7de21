import type { ViewOutput } from '@slack/bolt';
import type { ModalOrigin } from '../../blocks/modals.js';

/** Where a submitted modal came from and what was filled in, by field. */
export const originOf = (view: ViewOutput): ModalOrigin => JSON.parse(view.private_metadata) as ModalOrigin;

export const chosenOf = (view: ViewOutput, field: string): string | null =>
  view.state.values[field]?.[field]?.selected_option?.value ?? null;

export const chosenAllOf = (view: ViewOutput, field: string): string[] =>
  (view.state.values[field]?.[field]?.selected_options ?? []).map(({ value }) => value ?? '');

export const typedOf = (view: ViewOutput, field: string): string =>
  view.state.values[field]?.[field]?.value ?? '';
