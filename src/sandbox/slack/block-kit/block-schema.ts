import { LIMITS } from './block-limits.js';
import { anyText, numberInput, pick, plainText, plainTextInput, url } from './control-schema.js';
import type { Json } from '../workspace/json.js';
import { isObject, textAt } from '../workspace/json.js';
import type { Rule, Surface, Walk } from './schema.js';
import {
  anything,
  both,
  byType,
  fault,
  flag,
  list,
  object,
  oneOf,
  optional,
  string,
  whole,
} from './schema.js';

const image = object({
  image_url: optional(url(LIMITS.imageUrl)),
  slack_file: optional(anything),
  alt_text: string(LIMITS.altText),
});

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

const textOrFields: Rule = (value, at, walk) => {
  if (isObject(value) && value['text'] === undefined && value['fields'] === undefined)
    fault(walk, at, 'missing required field: text');
};

const only =
  (rule: Rule, ...surfaces: readonly Surface[]): Rule =>
  (value, at, walk) => {
    if (surfaces.includes(walk.surface)) rule(value, at, walk);
    else fault(walk, `${at}/type`, `unsupported type: ${isObject(value) ? textAt(value, 'type') : ''}`);
  };

const blockId = optional(string(LIMITS.blockId));
const richText = list(
  100,
  byType({
    rich_text_section: object({ elements: list(1000, anything, 0) }),
    rich_text_list: object({
      elements: list(1000, anything, 0),
      style: oneOf('bullet', 'ordered'),
      indent: optional(whole),
      offset: optional(whole),
      border: optional(whole),
    }),
    rich_text_preformatted: object({ elements: list(1000, anything, 0), border: optional(whole) }),
    rich_text_quote: object({ elements: list(1000, anything, 0), border: optional(whole) }),
  }),
);

const BLOCKS: Readonly<Record<string, Rule>> = {
  section: both(
    object({
      block_id: blockId,
      text: optional(anyText(LIMITS.sectionText)),
      fields: optional(list(LIMITS.sectionFields, anyText(LIMITS.fieldText))),
      accessory: optional(byType({ ...pick(), image: both(image, imageSource) })),
      expand: optional(flag),
    }),
    textOrFields,
  ),
  header: object({ block_id: blockId, text: plainText(LIMITS.headerText) }),
  divider: object({ block_id: blockId }),
  context: object({
    block_id: blockId,
    elements: list(
      LIMITS.contextElements,
      byType({
        image: both(image, imageSource),
        plain_text: object({ text: string(LIMITS.contextText), emoji: optional(flag) }),
        mrkdwn: object({ text: string(LIMITS.contextText), verbatim: optional(flag) }),
      }),
    ),
  }),
  actions: both(
    object({ block_id: blockId, elements: list(LIMITS.actionElements, byType(pick())) }),
    uniqueActions,
  ),
  image: both(
    object({
      block_id: blockId,
      image_url: optional(url(LIMITS.imageUrl)),
      slack_file: optional(anything),
      alt_text: string(LIMITS.altText),
      title: optional(plainText(LIMITS.imageTitle)),
    }),
    imageSource,
  ),
  input: object({
    block_id: blockId,
    label: plainText(LIMITS.inputLabel),
    element: byType({
      ...pick('button', 'overflow'),
      plain_text_input: plainTextInput,
      number_input: numberInput,
    }),
    dispatch_action: optional(flag),
    hint: optional(plainText(LIMITS.inputHint)),
    optional: optional(flag),
  }),
  rich_text: object({ block_id: blockId, elements: richText }),
  markdown: only(object({ block_id: blockId, text: string(12_000) }), 'message'),
};

const uniqueBlockId = (block: Json, at: string, walk: Walk): void => {
  const id = isObject(block) ? block['block_id'] : undefined;
  if (typeof id !== 'string') return;
  if (walk.blockIds.has(id)) fault(walk, `${at}/block_id`, `\`block_id\` "${id}" already exists`);
  walk.blockIds.add(id);
};

/** One list of blocks: its length, each block by its type, identifiers unique. */
export const blocksRule =
  (max: number, min: number): Rule =>
  (value, at, walk) =>
    list(
      max,
      (block, where) => {
        uniqueBlockId(block ?? null, where, walk);
        byType(BLOCKS)(block, where, walk);
      },
      min,
    )(value, at, walk);

/** A modal or a Home tab as the app sends it. */
export const VIEW_RULE: Rule = byType({
  modal: object({
    title: plainText(LIMITS.viewTitle),
    blocks: blocksRule(LIMITS.viewBlocks, 0),
    close: optional(plainText(LIMITS.viewButton)),
    submit: optional(plainText(LIMITS.viewButton)),
    private_metadata: optional(string(LIMITS.privateMetadata, 0)),
    callback_id: optional(string(LIMITS.callbackId, 0)),
    external_id: optional(string(LIMITS.externalId, 0)),
    clear_on_close: optional(flag),
    notify_on_close: optional(flag),
    submit_disabled: optional(flag),
  }),
  home: object({
    blocks: blocksRule(LIMITS.viewBlocks, 0),
    private_metadata: optional(string(LIMITS.privateMetadata, 0)),
    callback_id: optional(string(LIMITS.callbackId, 0)),
    external_id: optional(string(LIMITS.externalId, 0)),
  }),
});
