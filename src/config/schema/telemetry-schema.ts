import { z } from 'zod';
import { choice, section, text, withRule } from './fields.js';
import { must } from './wording.js';
import { BLANKS } from './service-schema.js';
import { degrees, magnifications, sign } from './stops-schema.js';

const fieldPath = text(
  'the dotted path of a field in the JSON payload, such as ptz.pan',
  /^[^\s.]+(\.[^\s.]+)*$/,
);
const ANGLE_UNITS = ['deg', 'rad', 'normalized'] as const;
const ZOOM_UNITS = ['magnification', 'normalized'] as const;
const rangeRule = {
  holds: (axis: { unit?: string; range?: unknown }): boolean =>
    (axis.unit === 'normalized') === ((axis.range ?? null) !== null),
  message: 'must be given when unit is normalized, and only then',
  at: 'range',
};

const axis = withRule(
  section({
    path: fieldPath.describe('Where the value stands in the payload'),
    unit: choice(ANGLE_UNITS).default('deg').describe('Unit of the value'),
    sign: sign
      .default(1)
      .describe('-1 when the device counts the other way (pan right, tilt up are positive)'),
    range: degrees.nullish().describe('Degrees at -1 and 1 of a normalized value'),
  }),
  rangeRule,
);
const zoomAxis = withRule(
  section({
    path: fieldPath.describe('Where the value stands in the payload'),
    unit: choice(ZOOM_UNITS).default('magnification').describe('Unit of the value'),
    range: magnifications.nullish().describe('Magnification at 0 and 1 of a normalized value'),
  }),
  rangeRule,
);

const TOPIC_LEVEL = `(?:\\+|(?:[^+#\\0{}]|${BLANKS})*)`;
const topic = text(
  'an MQTT topic: "+" and "#" stand for whole levels, "#" only for the last; {device_id} and {camera_name} may stand in it',
  new RegExp(`^(?=.)(?:#|${TOPIC_LEVEL}(?:/${TOPIC_LEVEL})*(?:/#)?)$`),
);

export const telemetry = section({
  topic: topic.describe('MQTT topic of the device'),
  match: section({
    path: fieldPath.describe('Field that names the device'),
    value: z
      .union([z.string(), z.number()], must('a text or a number'))
      .describe('What the field says for this device'),
  })
    .nullish()
    .describe('Tells the messages of this device when several share a topic'),
  pan: axis.describe('Pan'),
  tilt: axis.describe('Tilt'),
  zoom: zoomAxis.nullish().describe('Zoom, where it is published'),
  yaw: axis.nullish().describe("Yaw of the device's body, where it is published"),
  pitch: axis.nullish().describe("Pitch of the device's body, where it is published"),
  roll: axis.nullish().describe("Roll of the device's body, where it is published"),
});
