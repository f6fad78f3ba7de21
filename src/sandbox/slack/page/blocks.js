import { h, icon } from './dom.js';
import { control } from './controls.js';
import { emojiFor } from './emoji.js';
import { channelLink, mention, mrkdwn, plain, textNodes } from './mrkdwn.js';
import { openPicture } from './dialogs.js';

/** Where a slack_file's picture is. */
const fileAddress = (file) => `files/${file.id ?? /\/(F[A-Z0-9]+)\//.exec(file.url ?? '')?.[1] ?? ''}`;
const addressOf = (image) => (image.slack_file ? fileAddress(image.slack_file) : image.image_url);

export function picture(address, alt, title) {
  const image = h('img', { src: address, alt, title: alt, loading: 'lazy' });
  image.onerror = () => image.replaceWith(h('div.no-picture', icon('alert'), alt || 'Picture not available'));
  return h(
    'button.picture',
    { type: 'button', 'aria-label': `Open picture: ${alt}`, onclick: () => openPicture(address, alt, title) },
    image,
  );
}

const small = (image) =>
  h('img.small-picture', { src: addressOf(image), alt: image.alt_text, title: image.alt_text });

/** One renderer a block type; `where` says whose controls they are. */
const BLOCKS = {
  section: (block, where) =>
    h(
      'div.section',
      h(
        'div.section-body',
        block.text ? h('div.text', textNodes(block.text)) : null,
        block.fields
          ? h(
              'div.fields',
              block.fields.map((field) => h('div.text', textNodes(field))),
            )
          : null,
      ),
      block.accessory
        ? h(
            'div.accessory',
            block.accessory.type === 'image'
              ? h('div.thumbnail', picture(addressOf(block.accessory), block.accessory.alt_text, ''))
              : control(block, block.accessory, where),
          )
        : null,
    ),
  header: (block) => h('h3.header', plain(block.text)),
  divider: () => h('hr'),
  context: (block) =>
    h(
      'div.context',
      block.elements.map((element) =>
        element.type === 'image' ? small(element) : h('span.text', textNodes(element)),
      ),
    ),
  actions: (block, where) =>
    h(
      'div.actions',
      block.elements.map((element) => control(block, element, where)),
    ),
  image: (block) =>
    h(
      'figure',
      block.title ? h('figcaption', plain(block.title)) : null,
      picture(addressOf(block), block.alt_text, plain(block.title)),
    ),
  input: (block, where) => inputBlock(block, where),
  rich_text: (block) => h('div.text', block.elements.map(richPart)),
  markdown: (block) => h('div.text', mrkdwn(block.text.replace(/\*\*(.+?)\*\*/g, '*$1*'))),
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

const RICH = {
  text: (element) => styled(element.text, element.style),
  link: (element) =>
    h('a', { href: element.url, target: '_blank', rel: 'noreferrer' }, element.text ?? element.url),
  emoji: (element) => h('span.emoji', emojiFor(element.name) ?? `:${element.name}:`),
  user: (element) => mention(element.user_id),
  channel: (element) => channelLink(element.channel_id),
  broadcast: (element) => h('span.mention.broadcast', `@${element.range}`),
};

function styled(text, style = {}) {
  const tags = Object.entries({ bold: 'b', italic: 'i', strike: 's', code: 'code' });
  return tags.reduce((inner, [key, tag]) => (style[key] ? h(tag, inner) : inner), text);
}

const richInline = (elements) => elements.map((element) => RICH[element.type]?.(element) ?? '');

function richPart(part) {
  if (part.type === 'rich_text_list')
    return h(
      part.style === 'ordered' ? 'ol' : 'ul',
      part.elements.map((item) => h('li', richInline(item.elements))),
    );
  if (part.type === 'rich_text_preformatted') return h('pre', richInline(part.elements));
  if (part.type === 'rich_text_quote') return h('blockquote', richInline(part.elements));
  return h('p', richInline(part.elements));
}

export const renderBlocks = (blocks, where) =>
  h(
    'div.blocks',
    blocks.map((block) => BLOCKS[block.type]?.(block, where) ?? h('div.context', `(${block.type})`)),
  );

/** An old-fashioned attachment: a bar of colour beside its blocks or text. */
export const renderAttachment = (attachment, where) =>
  h(
    'div.attachment',
    h('span.bar', {
      style: `background:${/^#[0-9a-f]{3,6}$/i.test(attachment.color ?? '') ? attachment.color : ''}`,
    }),
    h(
      'div',
      attachment.title ? h('b', attachment.title) : null,
      attachment.blocks
        ? renderBlocks(attachment.blocks, where)
        : h('div.text', mrkdwn(attachment.text ?? attachment.fallback ?? '')),
    ),
  );
