// The outcome of a call, in the form from which every protocol writes its reply, and the bytes of a method's result.

import { isByteString, rememberByteString, writeLatin1 } from '../../base/latin1.js';
import { type ReplyText, SHORT_TEXT_CHARACTERS } from '../../base/reply-text.js';
import type { Budget } from '../../tables/budget.js';
import { MethodError } from '../../tables/call-errors.js';
import { plainJson } from '../../tables/json-text.js';
import type { RawResult } from '../types/loaded-type.js';

export const OutcomeKind = {
  /** `VALUE` to a retrieval, `STORED` to a storage command. */
  result: 0,
  /** The method returned nil: `END`, `NOT_STORED`. */
  nothing: 1,
  /** There is no object, and the type's reply is the value `ERROR_CACHE_MISS`, which is in `value`; `NOT_FOUND`. */
  missing: 2,
  /** `CLIENT_ERROR` and the message, to both: the call or the method's code is at fault. */
  clientError: 3,
  /** `SERVER_ERROR` and the message, to both: the server is at fault, which is out of memory. */
  serverError: 4,
  /** A script in the original's style wrote `value` itself, VALUE lines included: the text protocol sends it as it is, then `END`.
      `firstValue` is for protocols without such lines. */
  original: 5,
  /** There is no object: `END`, `NOT_FOUND`. */
  absent: 6,
} as const;
export type OutcomeKind = (typeof OutcomeKind)[keyof typeof OutcomeKind];

const NO_BYTES = '';

/** One instance serves all calls of a thread; it is valid until the next call. */
export class CallOutcome {
  kind: OutcomeKind = OutcomeKind.nothing;
  /** Bytes of the value or of the error message: a byte string or an array. */
  value: string | Uint8Array = NO_BYTES;
  /** The first value that a script in the original's style wrote, if any. */
  firstValue: string | Uint8Array | undefined;

  get length(): number {
    return this.value.length;
  }

  set(kind: OutcomeKind, value: string | Uint8Array): void {
    this.kind = kind;
    this.value = value;
    this.firstValue = undefined;
  }
}

/** Copies part of a value to a position of the arena; a long one is sent in several rounds. */
export function writeValue(value: string | Uint8Array, from: number, length: number, bytes: Uint8Array, to: number) {
  if (typeof value !== 'string') {
    bytes.set(from === 0 && length === value.length ? value : value.subarray(from, from + length), to);
  } else {
    writeLatin1(from === 0 && length === value.length ? value : value.slice(from, from + length), bytes, to);
  }
}

/** The bytes of a result, which `short` has too if it is a short text; undefined for a miss. Throws MethodError for a value that cannot be a
    result. */
export function resultBytes(result: RawResult, budget: Budget, short: ReplyText): string | Uint8Array | undefined {
  if (typeof result === 'string') {
    const isShort = result.length <= SHORT_TEXT_CHARACTERS;
    if (!(isShort ? short.take(result) : isByteString(result))) {
      throw new MethodError('returned characters beyond bytes; use utf8Encode');
    }
    if (!isShort) rememberByteString(result);
    return result;
  }
  if (typeof result === 'number' || typeof result === 'boolean') return String(result);
  if (result === undefined || result === null) return undefined;
  if (typeof result !== 'object') throw new MethodError(`returned a ${typeof result}`);
  return objectBytes(result, budget);
}

function objectBytes(result: object, budget: Budget): string | Uint8Array {
  if (Array.isArray(result)) return plainJson(result, budget);
  if (result instanceof Uint8Array) return result;
  if ('then' in result && typeof result.then === 'function') {
    // The promise may reject later, unhandled: that must not end the process.
    Promise.resolve(result).catch(() => undefined);
    throw new MethodError('returned a promise; run must be synchronous');
  }
  return plainJson(result, budget);
}
