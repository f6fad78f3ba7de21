import { LIMITS } from './block-limits.js';
import { blocksRule, VIEW_RULE } from './block-schema.js';
import { newId } from '../workspace/ids.js';
import type { Json, JsonObject } from '../workspace/json.js';
import { isObject, objectsAt } from '../workspace/json.js';
import type { Walk } from './schema.js';
import { faultsError, SlackError } from '../workspace/slack-error.js';

type FileFault = Walk['fileFault'];

const withActionId = (element: Json | undefined): Json | undefined =>
  isObject(element) && element['action_id'] === undefined ? { ...element, action_id: newId('', 5) } : element;

/** Gives every block and control the identifier that Slack would make up where the app gave none. */
const withIds = (block: JsonObject): JsonObject => ({
  ...block,
  block_id: block['block_id'] ?? newId('', 5),
  ...(block['accessory'] === undefined ? {} : { accessory: withActionId(block['accessory']) }),
  ...(block['element'] === undefined ? {} : { element: withActionId(block['element']) }),
  ...(block['type'] === 'actions'
    ? { elements: objectsAt(block, 'elements').map((element) => withActionId(element) ?? null) }
    : {}),
});

/** The message's blocks as Slack keeps them; SlackError `invalid_blocks` with a message for each fault. */
export const checkMessageBlocks = (blocks: unknown, fileFault: FileFault): JsonObject[] => {
  if (!Array.isArray(blocks)) throw new SlackError('invalid_blocks_format');
  const walk: Walk = { faults: [], blockIds: new Set(), fileFault };
  blocksRule(LIMITS.messageBlocks)(blocks as readonly Json[], '/blocks', walk);
  if (walk.faults.length > 0) throw faultsError('invalid_blocks', walk.faults);
  return (blocks as readonly Json[]).filter(isObject).map(withIds);
};

const hasInput = (view: JsonObject): boolean =>
  objectsAt(view, 'blocks').some((block) => block['type'] === 'input');

/** The view as Slack keeps it; SlackError `invalid_arguments` with a message for each fault. */
export const checkView = (view: unknown, surface: 'modal' | 'home', fileFault: FileFault): JsonObject => {
  if (!isObject(view)) throw faultsError('invalid_arguments', ['missing required field: view']);
  const walk: Walk = { faults: [], blockIds: new Set(), fileFault };
  if (view['type'] !== surface)
    walk.faults.push(`must be a valid view type: ${surface} [json-pointer:/view/type]`);
  VIEW_RULE(view, '/view', walk);
  if (surface === 'modal' && hasInput(view) && view['submit'] === undefined)
    walk.faults.push('missing required field: submit [json-pointer:/view]');
  if (walk.faults.length > 0) throw faultsError('invalid_arguments', walk.faults);
  return { ...view, blocks: objectsAt(view, 'blocks').map(withIds) };
};
