import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startHugin } from './hugin.js';
import type { Peer } from './peer.js';
import { PYTHON, startSift } from './sift.js';

const run = promisify(execFile);

const works = async (program: string, args: readonly string[]): Promise<boolean> => {
  try {
    await run(program, args);
    return true;
  } catch {
    return false; // not installed
  }
};

export const HOW_TO_GET =
  'Hugin and OpenCV’s SIFT can be tried on the same pictures: npm run bench -- --peers ' +
  '(as root it installs them, else: sudo apt-get install --no-install-recommends hugin-tools python3-opencv)';

/** The peers that this machine has. */
export const openPeers = async (): Promise<Peer[]> => [
  ...((await works(PYTHON, ['-c', 'import cv2'])) ? [startSift()] : []),
  ...((await works('cpfind', ['--version'])) ? [await startHugin()] : []),
];
