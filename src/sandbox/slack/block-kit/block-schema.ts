import { LIMITS } from './block-limits.js';
import { anyText, CONTROLS, INPUT_ELEMENTS, mrkdwn, plainText } from './control-schema.js';
import type { Json } from '../workspace/json.js';
import { isObject, textAt } from '../workspace/json.js';
import type { Rule, Walk } from './schema.js';
import { anything, both, byType, fault, flag, list, matching, object, optional, string } from './schema.js';

/** An image names one source; a file of Slack's must be a picture that is ready. */
const imageSource: Rule = (value, at, walk) => {
  if (!isObject(value)) return;
  const file = value['slack_file'];
  if ((value['image_url'] === undefined) === (file === undefined))
    return fault(walk, at, 'must provide either image_url or slack_file');
  if (file === undefined) return;
  const why = isObject(file) ? walk.fileFault(file) : 'must be an object';
  if (why !== null) fault(walk, `${at}/slack_file`, why);
};

/** Identifiers of actions are unique within their block. */
const uniqueActions: Rule = (value, at, walk) => {
  if (!isObject(value)) return;
  const seen = new Set<string>();
  const elements = Array.isArray(value['elements']) ? (value['elements'] as readonly Json[]) : [];
  elements.forEach((element, index) => {
    const id = isObject(element) ? textAt(element, 'action_id') : '';
    if (id === '') return;
    if (seen.has(id))
      fault(walk, `${at}/elements/${index}/action_id`, `\`action_id\` "${id}" already exists`);
    seen.add(id);
  });
};

const blockId = optional(string(LIMITS.blockId));

/** The blocks that the app sends; any other type is refused as one that Slack does not have. */
const BLOCKS: Readonly<Record<string, Rule>> = {
  section: object({
    block_id: blockId,
    text: anyText(LIMITS.sectionText),
    accessory: optional(byType(CONTROLS)),
  }),
  header: object({ block_id: blockId, text: plainText(LIMITS.headerText) }),
  context: object({
    block_id: blockId,
    elements: list(LIMITS.contextElements, byType({ mrkdwn: mrkdwn(LIMITS.contextText) })),
  }),
  actions: both(
    object({ block_id: blockId, elements: list(LIMITS.actionElements, byType(CONTROLS)) }),
    uniqueActions,
  ),
  image: both(
    object({
      block_id: blockId,
      image_url: optional(both(string(LIMITS.imageUrl), matching(/^https?:\/\//, 'must be a valid url'))),
      slack_file: optional(anything),
      alt_text: string(LIMITS.altText),
    }),
    imageSource,
  ),
  input: object({
    block_id: blockId,
    label: plainText(LIMITS.inputLabel),
    element: byType(INPUT_ELEMENTS),
    hint: optional(plainText(LIMITS.inputHint)),
    optional: optional(flag),
  }),
};

const uniqueBlockId = (block: Json, at: string, walk: Walk): void => {
  const id = isObject(block) ? block['block_id'] : undefined;
  if (typeof id !== 'string') return;
  if (walk.blockIds.has(id)) fault(walk, `${at}/block_id`, `\`block_id\` "${id}" already exists`);
  walk.blockIds.add(id);
};

/** One list of blocks: its length, each block by its type, identifiers unique. */
export const blocksRule = (max: number): Rule =>
  list(
    max,
    (block, at, walk) => {
      uniqueBlockId(block ?? null, at, walk);
      byType(BLOCKS)(block, at, walk);
    },
    0,
  );

const view = {
  blocks: blocksRule(LIMITS.viewBlocks),
  private_metadata: optional(string(LIMITS.privateMetadata, 0)),
  callback_id: optional(string(LIMITS.callbackId, 0)),
};

/** A modal or a Home tab as the app sends it. */
export const VIEW_RULE: Rule = byType({
  modal: object({
    ...view,
    title: plainText(LIMITS.viewTitle),
    close: optional(plainText(LIMITS.viewButton)),
    submit: optional(plainText(LIMITS.viewButton)),
  }),
  home: object(view),
});
