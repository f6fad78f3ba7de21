import { newId } from './ids.js';
import type { JsonObject } from './json.js';
import { textAt } from './json.js';
import { SlackError } from './slack-error.js';
import type { SharedFile } from './workspace-model.js';
import type { Workspace } from './workspace.js';

interface Upload {
  readonly name: string;
  readonly length: number;
  readonly altText: string;
  bytes: Buffer | null;
}

const SIGNATURES: readonly (readonly [string, string])[] = [
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['47494638', 'image/gif'],
];

const mimeTypeOf = (bytes: Buffer): string => {
  const start = bytes.subarray(0, 8).toString('hex');
  return SIGNATURES.find(([signature]) => start.startsWith(signature))?.[1] ?? 'text/plain';
};

/** Uploads: announced, sent, then completed; ready a moment later. */
export class Uploads {
  readonly #workspace: Workspace;
  readonly #readyAfterMs: number;
  readonly #pending = new Map<string, Upload>();

  constructor(workspace: Workspace, readyAfterMs: number) {
    this.#workspace = workspace;
    this.#readyAfterMs = readyAfterMs;
  }

  announce(name: string, length: number, altText: string): string {
    const id = newId('F');
    this.#pending.set(id, { name, length, altText, bytes: null });
    return id;
  }

  /** False when no such file was announced or its length differs. */
  receive(id: string, bytes: Buffer): boolean {
    const upload = this.#pending.get(id);
    if (upload === undefined || upload.length !== bytes.length) return false;
    upload.bytes = bytes;
    return true;
  }

  /** SlackError `file_not_found` when it was not announced or not sent. */
  complete(id: string, title: string): SharedFile {
    const upload = this.#pending.get(id);
    if (upload?.bytes == null) throw new SlackError('file_not_found');
    this.#pending.delete(id);
    const file = {
      id,
      name: upload.name,
      title: title || upload.name,
      altText: upload.altText,
      bytes: upload.bytes,
      mimeType: mimeTypeOf(upload.bytes),
      readyAtMs: this.#workspace.clock.nowMs() + this.#readyAfterMs,
    };
    this.#workspace.files.set(id, file);
    return file;
  }

  /** Why an image block cannot show the file; null when it can. */
  fault(reference: JsonObject): string | null {
    const file = this.#workspace.files.get(textAt(reference, 'id'));
    const isPicture = file?.mimeType.startsWith('image/') === true;
    const usable = isPicture && file.readyAtMs <= this.#workspace.clock.nowMs();
    return usable ? null : 'invalid slack file';
  }
}
