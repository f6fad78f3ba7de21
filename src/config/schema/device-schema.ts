import { z } from 'zod';
import { aboveZero, deviceId, flag, keySafeName, list, number, section, text, withRule } from './fields.js';
import { must } from './wording.js';
import { reached, urlPath } from './service-schema.js';
import { telemetry } from './telemetry-schema.js';
import { degrees, magnification, magnifications, sign, referenceScan, stop } from './stops-schema.js';

const ptz = section({
  pan_range_deg: degrees.nullish().describe('Pan range; null: as the camera says'),
  tilt_range_deg: degrees.nullish().describe('Tilt range; null: as the camera says'),
  zoom_range: magnifications.nullish().describe('Magnification range; null: as the camera says'),
  pan_sign: sign.default(1).describe('-1 when the camera counts pan to the left'),
  tilt_sign: sign.default(1).describe('-1 when the camera counts tilt downwards'),
});

const k = number('a distortion coefficient from -10 to 10', -10, 10).default(0);
const lens = section({
  zoom_to_hfov_deg: list(
    'a list of [zoom, horizontal field of view in degrees]',
    z.tuple(
      [magnification, number('a field of view from 0.1 to 175 degrees', 0.1, 175)],
      must('[zoom, degrees]'),
    ),
  )
    .min(1, must('a list of at least one [zoom, degrees]'))
    .refine(
      (pairs) => pairs.every(([zoom], index) => index === 0 || zoom > (pairs[index - 1]?.[0] ?? 0)),
      'must be sorted by zoom, each zoom once',
    )
    .describe('Horizontal field of view at each known zoom'),
  k1: k.describe('First radial distortion coefficient'),
  k2: k.describe('Second radial distortion coefficient'),
});

const share = (what: string): z.ZodNumber => number(`${what} as a fraction of the frame, from 0 to 1`, 0, 1);
const extent = (what: string): z.ZodNumber =>
  aboveZero(`${what} as a fraction of the frame, above 0 up to 1`, 1);
const SLACK_OFF = 1e-9;
const mask = withRule(
  withRule(
    section({
      x: share('a left edge'),
      y: share('a top edge'),
      width: extent('a width'),
      height: extent('a height'),
    }),
    {
      holds: ({ x, width }) => !(x + width > 1 + SLACK_OFF),
      message: 'must end inside the frame: x + width is above 1',
      at: 'width',
    },
  ),
  {
    holds: ({ y, height }) => !(y + height > 1 + SLACK_OFF),
    message: 'must end inside the frame: y + height is above 1',
    at: 'height',
  },
);

const who = list(
  'a list of Slack user or group ids',
  text('a Slack user or group id such as U012AB3CD, not a name', /^[UWS][A-Z0-9]{2,20}$/),
).default([]);

export const threshold = aboveZero('a number of degrees above 0 and at most 180', 180);

/** What may stand in `defaults` as well as in a device. */
export const sharedShape = {
  onvif: reached({
    path: urlPath.default('/onvif/device_service').describe('Path of the device service'),
    profile: z
      .string(must('the token of a media profile'))
      .nullish()
      .describe('Media profile; null: the first'),
  })
    .nullish()
    .describe('How the camera is driven; null: it cannot be'),
  rtsp: reached({ path: urlPath.describe('Path of the video stream') }).describe(
    'Where the video comes from',
  ),
  telemetry: telemetry.describe('Where the position comes from'),
  ptz: ptz.prefault({}).describe('Ranges and signs of the ONVIF positions'),
  reference_scan: referenceScan
    .nullish()
    .describe(
      'Stops of the reference scan; auto: planned from the ranges of ptz and the field of view; replaces the default as a whole',
    ),
  active_ptz_stops: list('a list of stops [pan, tilt, zoom]', stop)
    .default([])
    .describe('Stops of an active check; empty: checks are passive'),
  lens: lens.nullish().describe('The lens, where it is known; null: the scan calibrates it'),
  masks: list('a list of rectangles {x, y, width, height}', mask)
    .default([])
    .describe('Rectangles that the solver must not look at'),
  threshold_deg: threshold.optional().describe('Offset that counts as drifted; else that of the service'),
  stabilize_time: number('a number of seconds from 0 to 3600', 0, 3600)
    .default(30)
    .describe('Seconds that the camera must have stood still'),
  timeout: aboveZero('a number of seconds above 0 and at most 86400, or null for none', 86_400)
    .nullable()
    .default(300)
    .describe('Seconds after which a check is given up; null: never'),
  movement_epsilon_deg: aboveZero('a number of degrees above 0 and at most 5', 5)
    .default(0.01)
    .describe('Change of position that counts as movement'),
  grow_layers: flag
    .default(true)
    .describe('Whether verified checks in another light may be kept as a layer of the reference'),
  permissions: section({
    may_move: who.describe('Slack user or group ids that may move the camera; empty: everyone'),
    may_replace_reference: who.describe(
      'Slack user or group ids that may replace its reference; empty: everyone',
    ),
  })
    .prefault({})
    .describe('Who may do what from Slack'),
} as const;

export const device = section({
  device_id: deviceId.describe('Id of the device, unique in its deployment'),
  camera_name: keySafeName.describe('Name of the camera, unique in its deployment; part of every object key'),
  ...sharedShape,
});

export type DeviceInput = z.output<typeof device>;
