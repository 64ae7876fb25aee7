// Answers of a serving thread about single items, and calls of methods on behalf of the admin interface, which has all rights.

import { type CallOutcome, OutcomeKind } from '../../objects/calls/call-result.js';
import { type ItemFacts, itemFacts } from '../../operations/item-facts.js';
import { workWindow } from '../../operations/operation-options.js';
import type { Operations } from '../../operations/operations.js';
import type { ItemRef } from '../../operations/outcomes.js';
import type { ThreadObjects } from './thread-objects.js';

/** A part of a value, or of an object's content as JSON. */
export interface ItemView extends ItemFacts {
  readonly totalBytes: number;
  readonly part: Uint8Array;
  /** Why the content of an object cannot be shown, such as its size. */
  readonly error?: string;
}

export interface CallView {
  readonly outcome: keyof typeof OutcomeKind;
  /** The result, or the reason of an error; at most MOST_RESULT_BYTES of it. */
  readonly value: Uint8Array;
  readonly totalBytes: number;
}

/** A page of a look inside. Less than the window through which it is copied. */
const PAGE_BYTES = 32 * 1024;
const MOST_RESULT_BYTES = 1024 * 1024;

export const MOST_KEY_BYTES = 250;

const OUTCOMES = Object.keys(OutcomeKind) as (keyof typeof OutcomeKind)[];

/** The item of a key, with the part of its content from a byte on; undefined if there is none. Objects count as read. */
export function viewItem(
  operations: Operations,
  objects: ThreadObjects | undefined,
  key: Uint8Array,
  from: number,
): ItemView | undefined {
  const { bytes, scratch, store } = operations;
  bytes.set(key, scratch.at);
  const item = store.find(scratch.at, key.length);
  if (item === (0 as ItemRef)) return undefined;
  const facts = itemFacts(operations, item);
  if (!facts.isObject || objects === undefined) {
    const totalBytes = store.valueLength(item);
    const length = Math.max(0, Math.min(PAGE_BYTES, totalBytes - from));
    const { at } = workWindow(scratch);
    if (length > 0) store.copyValue(item, from, length, at);
    return { ...facts, totalBytes, part: bytes.slice(at, at + length) };
  }
  const outcome = objects.calls.content(scratch.at, key.length);
  const content = bytesOf(outcome);
  if (outcome.kind !== OutcomeKind.result) {
    return { ...facts, totalBytes: 0, part: new Uint8Array(), error: Buffer.from(content).toString('latin1') };
  }
  return { ...facts, totalBytes: content.length, part: content.slice(from, from + PAGE_BYTES) };
}

/** Calls the method that a virtual key names; undefined if it names none. With `data` as a storage command, else as a retrieval. */
export function callMethod(
  { bytes, scratch }: Operations,
  { calls }: ThreadObjects,
  key: Uint8Array,
  data: Uint8Array | undefined,
): CallView | undefined {
  bytes.set(key, scratch.at);
  if (!calls.virtual.resolve(scratch.at, key.length)) return undefined;
  const outcome = data === undefined ? calls.retrieve('get', 0) : calls.store('set', 0, 0, false, 0, data.length, data);
  const value = bytesOf(outcome);
  return { outcome: OUTCOMES[outcome.kind], value: value.slice(0, MOST_RESULT_BYTES), totalBytes: value.length };
}

/** A copy, since an outcome is valid until the next call only. */
function bytesOf({ value }: CallOutcome): Uint8Array {
  return typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'latin1')) : Uint8Array.from(value);
}
