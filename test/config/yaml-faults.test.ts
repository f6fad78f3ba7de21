import { describe, expect, it } from '@jest/globals';
import { edited, faultsOf, SITE } from './small-site.js';

const CASES = [
  {
    name: 'an empty file',
    text: ``,
    faults: ['1:1 the file: is empty: must be a section with at least deployments'],
  },
  {
    name: 'a file of comments',
    text: '# nothing\n',
    faults: ['1:1 the file: is empty: must be a section with at least deployments'],
  },
  {
    name: 'a list instead of sections',
    text: '- 1\n',
    faults: [
      '1:1 the file: must be a section with slack, storage, results, queue, schedule, alerts, threshold_deg, health, log_format, concurrency, spool_dir, defaults, deployments, but is a list of 1',
    ],
  },
  {
    name: 'a bracket left open',
    text: edited('{ path: pan }', '{ path: pan'),
    faults: ['17:11 syntax: Flow map in block collection must be sufficiently indented and end with a }'],
  },
  {
    name: 'a tab as indentation',
    text: 'a:\n\t- b: 1\n',
    faults: ['2:1 syntax: Tabs are not allowed as indentation'],
  },
  {
    name: 'a key said twice',
    text: edited('          port: 554', '          port: 554\n          port: 555'),
    faults: ['10:11 syntax: this key stands twice in its section; each is allowed once'],
  },
  {
    name: 'a key said twice and other faults',
    text: edited('          port: 554', '          port: 0\n          port: 555').replace(
      'port: 80',
      'port: 0',
    ),
    faults: [
      '10:11 syntax: this key stands twice in its section; each is allowed once',
      '14:17 deployments[0].devices[0].onvif.port: must be a port number from 1 to 65535, but is 0',
    ],
  },
  {
    name: 'an alias without its anchor',
    text: edited('{ path: pan }', '*nothing'),
    faults: ['16:16 syntax: no anchor of this name stands before'],
  },
  {
    name: 'an unknown tag',
    text: edited('topic: ptz/cam-1', 'topic: !secret x'),
    faults: ['15:18 syntax: Unresolved tag: !secret'],
  },
  {
    name: 'two documents',
    text: SITE + '---\na: 1\n',
    faults: ['20:1 syntax: a second document starts here; only one is allowed'],
  },
];

describe('faults of the YAML itself', () => {
  it.each(CASES)('tells $name', ({ text, faults }) => {
    expect(faultsOf(text)).toEqual(faults);
  });
});
