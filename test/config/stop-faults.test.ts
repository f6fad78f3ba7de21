import { describe, expect, it } from '@jest/globals';
import { auto, edited, faultsOf, withKeys } from './small-site.js';

const CASES = [
  {
    name: 'a span without step or count',
    text: edited('stops: [[0, 0, 1], [30, 0, 1]]', 'grid: { pan: { from: 0, to: 90 }, tilt: [0] }'),
    faults: ['19:24 deployments[0].devices[0].reference_scan.grid.pan: needs one of step, count'],
  },
  {
    name: 'a span that runs backwards',
    text: edited(
      'stops: [[0, 0, 1], [30, 0, 1]]',
      'grid: { pan: { from: 90, to: 0, step: 10 }, tilt: { from: -90, to: 300, count: 1 } }',
    ),
    faults: [
      '19:40 deployments[0].devices[0].reference_scan.grid.pan.to: must not be below from',
      '19:78 deployments[0].devices[0].reference_scan.grid.tilt.to: must be a tilt from -180 to 180 degrees, but is 300',
      '19:78 deployments[0].devices[0].reference_scan.grid.tilt.to: must be at most a full circle beyond from',
      '19:90 deployments[0].devices[0].reference_scan.grid.tilt.count: must be a whole number from 2 to 360, but is 1',
    ],
  },
  {
    name: 'a span of more than a circle',
    text: edited(
      'stops: [[0, 0, 1], [30, 0, 1]]',
      'grid: { pan: { from: -300, to: 300, step: 10 }, tilt: [] }',
    ),
    faults: [
      '19:42 deployments[0].devices[0].reference_scan.grid.pan.to: must be at most a full circle beyond from',
      '19:65 deployments[0].devices[0].reference_scan.grid.tilt: must be a list of at least one position, but is an empty list',
    ],
  },
  {
    name: 'a grid and stops at once',
    text: edited(
      'stops: [[0, 0, 1], [30, 0, 1]]',
      'stops: [[0, 0, 1]]\n          grid: { pan: [0], tilt: [0] }',
    ),
    faults: ['19:11 deployments[0].devices[0].reference_scan: takes only one of grid, stops'],
  },
  {
    name: 'neither a grid nor stops',
    text: edited('\n          stops: [[0, 0, 1], [30, 0, 1]]', ' {}'),
    faults: ['18:25 deployments[0].devices[0].reference_scan: needs one of grid, stops'],
  },
  {
    name: 'a grid of too many stops',
    text: edited(
      'stops: [[0, 0, 1], [30, 0, 1]]',
      'grid: { pan: { from: 0, to: 360, step: 1 }, tilt: [0, 1, 2, 3, 4, 5] }',
    ),
    faults: [
      '19:17 deployments[0].devices[0].reference_scan.grid: must have at most 2000 stops, but has 2160 (for site-a/cam-1)',
    ],
  },
  {
    name: 'a zoom below 1',
    text: edited('[30, 0, 1]', '[30, 0, 0.5]'),
    faults: [
      '19:38 deployments[0].devices[0].reference_scan.stops[1][2]: must be an optical magnification from 1 to 1000, but is 0.5',
    ],
  },
  {
    name: 'a stop without zoom',
    text: edited('[30, 0, 1]', '[30, 0]'),
    faults: [
      '19:30 deployments[0].devices[0].reference_scan.stops[1]: must be a stop [pan, tilt, zoom], but is a list of 2',
    ],
  },
  {
    name: 'a stop of other things than numbers',
    text: edited('[30, 0, 1]', '[30, up, .nan]'),
    faults: [
      '19:35 deployments[0].devices[0].reference_scan.stops[1][1]: must be a tilt from -180 to 180 degrees, but is text',
      '19:39 deployments[0].devices[0].reference_scan.stops[1][2]: must be an optical magnification from 1 to 1000, but is NaN',
    ],
  },
  {
    name: 'a stop at a zoom of unknown meaning',
    text: edited('[30, 0, 1]', '[30, 0, 4]'),
    faults: [
      "5:9 deployments[0].devices[0].ptz.zoom_range: is missing: a stop at zoom 4 needs the magnifications at both ends of the camera's zoom, which ONVIF does not tell (for site-a/cam-1)",
    ],
  },
  {
    name: 'a grid outside the ranges',
    text:
      edited('stops: [[0, 0, 1], [30, 0, 1]]', 'grid: { pan: [0, 100], tilt: [-40, 0], zoom: [1, 9] }') +
      '        ptz: { pan_range_deg: [-90, 90], tilt_range_deg: [-30, 90], zoom_range: [1, 5] }\n',
    faults: [
      '19:24 deployments[0].devices[0].reference_scan.grid.pan: must be within ptz.pan_range_deg [-90, 90], but is 100 (for site-a/cam-1)',
      '19:40 deployments[0].devices[0].reference_scan.grid.tilt: must be within ptz.tilt_range_deg [-30, 90], but is -40 (for site-a/cam-1)',
      '19:56 deployments[0].devices[0].reference_scan.grid.zoom: must be within ptz.zoom_range [1, 5], but is 9 (for site-a/cam-1)',
    ],
  },
  {
    name: 'stops outside the ranges',
    text: withKeys(
      'ptz: { pan_range_deg: [-20, 20], zoom_range: [2, 5] }',
      'active_ptz_stops: [[0, 0, 3], [19, 0, 9]]',
    ),
    faults: [
      '19:26 deployments[0].devices[0].reference_scan.stops[0][2]: must be within ptz.zoom_range [2, 5], but is 1 (for site-a/cam-1)',
      '19:31 deployments[0].devices[0].reference_scan.stops[1][0]: must be within ptz.pan_range_deg [-20, 20], but is 30 (for site-a/cam-1)',
      '19:38 deployments[0].devices[0].reference_scan.stops[1][2]: must be within ptz.zoom_range [2, 5], but is 1 (for site-a/cam-1)',
      '21:47 deployments[0].devices[0].active_ptz_stops[1][2]: must be within ptz.zoom_range [2, 5], but is 9 (for site-a/cam-1)',
    ],
  },
  {
    name: 'a scan that plans itself without any ranges',
    text: auto(),
    faults: [
      '18:25 deployments[0].devices[0].reference_scan: auto needs ptz.pan_range_deg and ptz.tilt_range_deg, over which it plans the stops (for site-a/cam-1)',
    ],
  },
  {
    name: 'a scan that plans itself without a range of tilt, where the defaults say it',
    text: `defaults: { reference_scan: auto }\n${edited('        reference_scan:\n          stops: [[0, 0, 1], [30, 0, 1]]\n', '        ptz: { pan_range_deg: [0, 360] }\n')}`,
    faults: [
      '1:29 defaults.reference_scan: auto needs ptz.tilt_range_deg, over which it plans the stops (for site-a/cam-1)',
    ],
  },
  {
    name: 'a scan that plans itself for a head that looks backwards only',
    text: auto('ptz: { pan_range_deg: [0, 360], tilt_range_deg: [100, 170] }'),
    faults: [
      '19:57 deployments[0].devices[0].ptz.tilt_range_deg: must reach between -90 and 90, where reference_scan: auto plans its stops, but is [100, 170] (for site-a/cam-1)',
    ],
  },
  {
    name: 'another word than auto',
    text: edited('\n          stops: [[0, 0, 1], [30, 0, 1]]', ' automatic'),
    faults: ['18:25 deployments[0].devices[0].reference_scan: must be auto, or a section with grid or stops'],
  },
  {
    name: 'a scan that plans itself without a way to drive the camera',
    text: edited('        onvif:\n          host: 10.0.0.1\n          port: 80\n', '', auto()),
    faults: [
      '15:25 deployments[0].devices[0].reference_scan: needs an onvif section, through which the camera is driven (for site-a/cam-1)',
    ],
  },
  {
    name: 'a range that runs backwards',
    text: withKeys('ptz: { pan_range_deg: [20, -20] }'),
    faults: [
      '20:31 deployments[0].devices[0].ptz.pan_range_deg: must have its lower end first and its upper end second',
    ],
  },
];

describe('stops and grids', () => {
  it.each(CASES)('tells $name', ({ text, faults }) => {
    expect(faultsOf(text)).toEqual(faults);
  });
});
