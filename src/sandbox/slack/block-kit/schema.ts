import type { Json, JsonObject } from '../workspace/json.js';
import { isObject, textAt } from '../workspace/json.js';

/** Collects faults while blocks are walked; identifiers must be unique within their surface. */
export interface Walk {
  readonly faults: string[];
  readonly blockIds: Set<string>;
  /** Null when the file can be shown, else why not. */
  readonly fileFault: (file: JsonObject) => string | null;
}

export type Rule = (value: Json | undefined, at: string, walk: Walk) => void;

export const fault = (walk: Walk, at: string, what: string): void => {
  walk.faults.push(`${what} [json-pointer:${at}]`);
};

/** Lets a member be absent. */
export const optional =
  (rule: Rule): Rule =>
  (value, at, walk) => {
    if (value !== undefined && value !== null) rule(value, at, walk);
  };

export const string =
  (max: number, min = 1): Rule =>
  (value, at, walk) => {
    if (typeof value !== 'string') return fault(walk, at, 'must be a string');
    if (value.length > max) fault(walk, at, `must be less than ${max + 1} characters`);
    if (value.length < min) fault(walk, at, `must be more than ${min - 1} characters`);
  };

export const matching =
  (pattern: RegExp, what: string): Rule =>
  (value, at, walk) => {
    if (typeof value !== 'string' || !pattern.test(value)) fault(walk, at, what);
  };

export const oneOf =
  (...allowed: readonly string[]): Rule =>
  (value, at, walk) => {
    if (typeof value !== 'string' || !allowed.includes(value))
      fault(walk, at, `must be a valid enum value (${allowed.join(', ')})`);
  };

export const flag: Rule = (value, at, walk) => {
  if (typeof value !== 'boolean') fault(walk, at, 'must be a boolean');
};

export const whole: Rule = (value, at, walk) => {
  if (!Number.isInteger(value)) fault(walk, at, 'must be an integer');
};

export const anything: Rule = () => undefined;

export const list =
  (max: number, item: Rule, min = 1): Rule =>
  (value, at, walk) => {
    if (!Array.isArray(value)) return fault(walk, at, 'must be an array');
    if (value.length > max) fault(walk, at, `no more than ${max} items allowed`);
    if (value.length < min) fault(walk, at, `no fewer than ${min} items required`);
    (value as readonly Json[]).forEach((entry, index) => item(entry, `${at}/${index}`, walk));
  };

/** An object with exactly these members; whoever chose the rule has checked its `type`. */
export const object =
  (members: Readonly<Record<string, Rule>>): Rule =>
  (value, at, walk) => {
    if (!isObject(value)) return fault(walk, at, 'must be an object');
    for (const [key, rule] of Object.entries(members)) {
      const member = value[key];
      if (member === undefined && isRequired(rule)) fault(walk, at, `missing required field: ${key}`);
      else rule(member, `${at}/${key}`, walk);
    }
    for (const key of Object.keys(value))
      if (key !== 'type' && !(key in members))
        fault(walk, `${at}/${key}`, `invalid additional property: ${key}`);
  };

/** Chooses the rule by the object's `type`. */
export const byType =
  (rules: Readonly<Record<string, Rule>>): Rule =>
  (value, at, walk) => {
    if (!isObject(value)) return fault(walk, at, 'must be an object');
    const type = value['type'];
    const rule = typeof type === 'string' ? rules[type] : undefined;
    if (rule === undefined) fault(walk, `${at}/type`, `unsupported type: ${textAt(value, 'type')}`);
    else rule(value, at, walk);
  };

/** Several rules on one value. */
export const both =
  (...rules: readonly Rule[]): Rule =>
  (value, at, walk) => {
    for (const rule of rules) rule(value, at, walk);
  };

const passes = (rule: Rule): boolean => {
  const walk: Walk = { faults: [], blockIds: new Set(), fileFault: () => null };
  rule(undefined, '', walk);
  return walk.faults.length === 0;
};
const requiredRules = new WeakMap<Rule, boolean>();
const isRequired = (rule: Rule): boolean => {
  const known = requiredRules.get(rule) ?? !passes(rule);
  requiredRules.set(rule, known);
  return known;
};
