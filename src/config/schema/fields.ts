import { z } from 'zod';
import { must, mustBe, mustBeOneOf, unknownKey } from './wording.js';

const isSection = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A map with these keys and no others. Every unknown key gets a line of the message of its own, in the order of the
 * issue's `keys`, so that each can be told at its own place.
 */
export const section = <Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> => {
  const allowed = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, allowed)).join('\n')
        : mustBe(`a section with ${allowed.join(', ')}`, issue),
  });
};

/** Adds a rule about several keys of a section; it is tried even when another key is at fault. */
export const withRule = <Schema extends z.ZodType>(
  schema: Schema,
  rule: {
    readonly holds: (value: z.output<Schema>) => boolean;
    readonly message: string;
    readonly at?: string;
  },
): Schema =>
  schema.refine(rule.holds, {
    error: rule.message,
    ...(rule.at === undefined ? {} : { path: [rule.at] }),
    when: ({ value }) => isSection(value),
  });

/** A section that says exactly one of some keys. */
export const withOneOf = <Schema extends z.ZodType>(schema: Schema, keys: readonly string[]): Schema => {
  const said = (value: unknown): number =>
    keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined).length;
  const ruled = schema.refine((value) => said(value) === 1, {
    error: ({ input }) =>
      said(input) === 0 ? `needs one of ${keys.join(', ')}` : `takes only one of ${keys.join(', ')}`,
    when: ({ value }) => isSection(value),
  });
  return ruled.meta({ oneOf: keys.map((key) => ({ required: [key] })) });
};

export const text = (what: string, pattern: RegExp): z.ZodString =>
  z.string(must(what)).regex(pattern, must(what));

export const flag = z.boolean(must('true or false'));

export const number = (what: string, min: number, max: number): z.ZodNumber =>
  z.number(must(what)).min(min, must(what)).max(max, must(what));

export const aboveZero = (what: string, max: number): z.ZodNumber =>
  z.number(must(what)).gt(0, must(what)).max(max, must(what));

export const whole = (what: string, min: number, max: number): z.ZodInt =>
  z.int(must(what)).min(min, must(what)).max(max, must(what));

export const choice = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: ({ input }) => mustBeOneOf(words, input) });

export const list = <Item extends z.ZodType>(what: string, item: Item): z.ZodArray<Item> =>
  z.array(item, must(what));

/** Two numbers, the lower first. */
export const range = (what: string, bound: z.ZodNumber) =>
  z
    .tuple([bound, bound], must(what))
    .refine(([low, high]) => low < high, 'must have its lower end first and its upper end second');

/** Names end up in object keys, file names and messages. */
export const keySafeName = text(
  'a name of letters, digits, ".", "_" and "-" without "..", starting with a letter or digit (text: in quotes when it is all digits)',
  /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
);

export const deviceId = text(
  'an id of letters, digits, ".", "_", ":" and "-" without "..", starting with a letter or digit (text: in quotes when it is all digits)',
  /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/,
);

/** Refuses what looks like the secret itself: tokens, AWS keys, long runs of capitals and digits. */
export const envName = text(
  'the name of an environment variable in capitals, such as CAMERA_PASSWORD; the secret itself never stands here',
  /^(?!(?:AKIA|ASIA)[A-Z0-9]{16}$)(?!(?=[^_]*[0-9])[^_]{16,}$)[A-Z][A-Z0-9_]{0,99}$/,
);
