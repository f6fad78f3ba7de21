import { h, icon } from './dom.js';
import { control } from './controls.js';
import { plain, textNodes } from './mrkdwn.js';
import { openPicture } from './dialogs.js';

function picture(address, alt) {
  const image = h('img', { src: address, alt, loading: 'lazy' });
  image.onerror = () => image.replaceWith(h('div.no-picture', icon('alert'), alt || 'Picture not available'));
  return h(
    'button.picture',
    { type: 'button', 'aria-label': `Open picture: ${alt}`, onclick: () => openPicture(address, alt) },
    image,
  );
}

/** One renderer for each block type; `where` says whose controls they are. */
const BLOCKS = {
  section: (block, where) =>
    h(
      'div.section',
      h('div.section-body.text', textNodes(block.text)),
      block.accessory ? h('div.accessory', control(block, block.accessory, where)) : null,
    ),
  header: (block) => h('h3.header', plain(block.text)),
  context: (block) =>
    h(
      'div.context',
      block.elements.map((element) => h('span.text', textNodes(element))),
    ),
  actions: (block, where) =>
    h(
      'div.actions',
      block.elements.map((element) => control(block, element, where)),
    ),
  image: (block) =>
    h('figure', picture(block.slack_file ? `files/${block.slack_file.id}` : block.image_url, block.alt_text)),
  input: (block, where) => inputBlock(block, where),
};

function inputBlock(block, where) {
  const fault = where.faults?.[block.block_id];
  return h(
    `div.input-block${fault ? '.faulty' : ''}`,
    h(
      'label',
      { for: `${where.key}-${block.element.action_id}` },
      plain(block.label),
      block.optional ? h('span.optional', ' (optional)') : null,
    ),
    control(block, block.element, where),
    fault ? h('p.fault', { role: 'alert' }, icon('alert'), fault) : null,
    block.hint ? h('p.hint', plain(block.hint)) : null,
  );
}

export const renderBlocks = (blocks, where) =>
  h(
    'div.blocks',
    blocks.map((block) => BLOCKS[block.type](block, where)),
  );
