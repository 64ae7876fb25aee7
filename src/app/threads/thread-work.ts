// Describes in words what a serving thread is doing, from its activity cells.

import type { ActivityView } from '../../base/activity.js';

/** Longer keys are cut: no key that a client can send is longer. */
const MAX_SHOWN_BYTES = 250;

/** The file of a type, as shown to users; undefined where it is not known. */
export type FileOfType = (type: string) => string | undefined;

/** `while it ran set:put of scripts/set.lua for key k (set:put:k:a)`, or nothing when the thread runs no call. `bytes` is the start of the
    arena. */
export function describeWork(view: ActivityView, thread: number, bytes: Uint8Array, fileOf?: FileOfType): string {
  const call = view.runningCall(thread);
  if (call !== undefined) {
    const end = call.keyAt + Math.min(call.keyLength, MAX_SHOWN_BYTES);
    return ` while it ran ${showKey(bytes.slice(call.keyAt, end), fileOf)}`;
  }
  return view.preparedChange(thread) === 0 ? '' : ' while it took over a changed object type';
}

/** `type:method of its file for key k (virtual key)`; bytes that could forge a line are escaped. */
function showKey(bytes: Uint8Array, fileOf?: FileOfType): string {
  const text = Buffer.from(bytes).toString('latin1');
  const shown = text.replace(/[^!-~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  const [type, method, key] = shown.split(':');
  const file = fileOf?.(type);
  const where = file === undefined ? '' : ` of ${file}`;
  return key === undefined ? `${shown}${where}` : `${type}:${method}${where} for key ${key} (${shown})`;
}
