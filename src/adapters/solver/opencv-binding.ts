import { createRequire } from 'node:module';
import process from 'node:process';

/**
 * Loads the OpenCV binding, as the part of it that the caller names; only child processes do, for it may crash. It must be
 * told not to look for a build of its own.
 */
export const loadOpenCv = <Binding extends { setNumThreads(count: number): void }>(): Binding => {
  process.env['OPENCV4NODEJS_DISABLE_AUTOBUILD'] = '1';
  const cv = createRequire(import.meta.url)('@u4/opencv4nodejs') as Binding;
  cv.setNumThreads(1);
  return cv;
};
