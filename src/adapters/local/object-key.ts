import { AppError } from '../../ports/app-error.js';

/** Names beginning so belong to the store itself. */
export const RESERVED = '.calib-';
const LONGEST_NAME_BYTES = 255;
const LONGEST_KEY_BYTES = 1024;

/** Refused by one file system or another on which the store may lie, or unprintable. */
// eslint-disable-next-line no-control-regex
const REFUSED_CHARACTERS = /[\u0000-\u001f\u007f<>:"|?*\\\p{Surrogate}]/u;

const faultOfName = (name: string): string | null => {
  if (name === '') return 'has an empty part';
  if (name === '.' || name === '..') return `has the part «${name}»`;
  if (name.startsWith(RESERVED))
    return `uses names beginning with ${RESERVED}, which the store reserves for itself`;
  if (Buffer.byteLength(name) > LONGEST_NAME_BYTES)
    return `has a part longer than ${LONGEST_NAME_BYTES} bytes`;
  return null;
};

const faultOf = (key: string): string | null => {
  if (REFUSED_CHARACTERS.test(key)) return 'has characters that file systems reject';
  if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) return `is longer than ${LONGEST_KEY_BYTES} bytes`;
  return (
    key
      .split('/')
      .map(faultOfName)
      .find((fault) => fault !== null) ?? null
  );
};

/** Throws AppError `store_key_invalid` for a key that could leave the root or that no file can carry. */
export const checkKey = (key: string): void => {
  const fault = faultOf(key);
  if (fault === null) return;
  throw new AppError(
    'store_key_invalid',
    `The key ${JSON.stringify(key)} ${fault}.`,
    'Use plain names for deployments and cameras: letters, digits, dash, dot and underscore.',
  );
};
