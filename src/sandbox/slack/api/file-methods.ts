import type { JsonObject } from '../workspace/json.js';
import { isObject, textAt } from '../workspace/json.js';
import { faultsError } from '../workspace/slack-error.js';
import type { Call, Methods } from './web-method.js';
import { optionalText, required, structured } from './web-method.js';

const getUploadUrl = ({ office, args }: Call): JsonObject => {
  const name = required(args, 'filename');
  const length = Number(required(args, 'length'));
  if (!Number.isInteger(length) || length <= 0)
    throw faultsError('invalid_arguments', ['must be more than 0 [json-pointer:/length]']);
  const id = office.uploads.announce(name, length, optionalText(args, 'alt_txt'));
  return { upload_url: `${office.baseUrl()}/upload/v1/${id}`, file_id: id };
};

const complete = ({ office, args }: Call): JsonObject => {
  const given = structured(args, 'files', 'invalid_arguments');
  const wanted = Array.isArray(given) ? given.filter(isObject) : [];
  if (wanted.length === 0) throw faultsError('invalid_arguments', ['missing required field: files']);
  const files = wanted.map((file) => office.uploads.complete(textAt(file, 'id'), textAt(file, 'title')));
  return { files: files.map(({ id, title }) => ({ id, title })) };
};

export const FILE_METHODS: Methods = {
  'files.getUploadURLExternal': { token: 'bot', scopes: ['files:write'], tier: 'tier4', run: getUploadUrl },
  'files.completeUploadExternal': { token: 'bot', scopes: ['files:write'], tier: 'tier4', run: complete },
};
