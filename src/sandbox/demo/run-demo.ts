import { AppError } from '../../ports/app-error.js';

/** Virtual sites with the product on them; answers the exit code. */
export const runDemo = (_options: { readonly once: boolean }): Promise<number> =>
  Promise.reject(
    new AppError('not_composed', 'This build has no demo yet.', 'calib solve works on folders.'),
  );
