import { describe, expect, it } from '@jest/globals';
import { selectDevices } from '../../../src/monitor/text/device-selection.js';
import { cameraPath } from '../../../src/monitor/text/wording.js';
import { AppError } from '../../../src/ports/app-error.js';
import { fakeSettings } from '../../fakes/fake-product.js';

const select = (...names: string[]): string[] => selectDevices(fakeSettings(), names).map(cameraPath);

const refusal = (name: string): string => {
  try {
    return select(name).join();
  } catch (fault) {
    if (fault instanceof AppError) return `${fault.message} ${fault.remedy}`;
    throw fault;
  }
};

describe('naming cameras', () => {
  it.each([
    ['cam-01', ['site-a/south']],
    ['north', ['site-a/north']],
    ['site-b/mast', ['site-b/mast']],
    ['site-b/cam-10', ['site-b/mast']],
    ['site-a/*', ['site-a/north', 'site-a/south', 'site-a/mast']],
    ['*/mast', ['site-a/mast', 'site-b/mast']],
    ['mast*', ['site-a/mast', 'site-b/mast']],
    ['cam-?1', ['site-a/south']],
    ['*th', ['site-a/north', 'site-a/south']],
  ])('%s is %j', (name, cameras) => {
    expect(select(name)).toEqual(cameras);
  });

  it('selects a camera named twice once', () => {
    expect(select('north', 'site-a/n*', 'cam-00')).toEqual(['site-a/north']);
  });

  it.each([
    ['nroth', 'No camera is named nroth. Did you mean north?'],
    ['North', 'No camera is named North. Did you mean north, site-a/north?'],
    ['site-c/mast', 'No camera is named site-c/mast. Did you mean site-a/mast, site-b/mast'],
    ['site-b', 'No camera is named site-b. Did you mean site-b/mast, site-b/cam-10, site-b/*'],
    ['mast', 'mast names 2 cameras. Did you mean site-a/mast, site-b/mast?'],
    ['(nor|sou)th', 'No camera is named (nor|sou)th.'],
    [
      'zzzzzzzz',
      'No camera is named zzzzzzzz. The cameras are site-a/north, site-a/south, site-a/mast, site-b/mast.',
    ],
    ['zz*', 'No camera is named zz*. The cameras are'],
  ])('refuses %s in one line', (name, told) => {
    expect(refusal(name)).toContain(told);
    expect(refusal(name)).not.toContain('\n');
  });
});
