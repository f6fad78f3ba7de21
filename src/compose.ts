import type { Settings } from './config/settings.js';
import type { Product } from './monitor/product.js';
import { AppError } from './ports/app-error.js';

/** The product on real cameras and stores. */
export const openProduct = (_settings: Settings): Promise<Product> =>
  Promise.reject(
    new AppError('not_composed', 'This build cannot reach cameras yet.', 'calib solve works on folders.'),
  );
