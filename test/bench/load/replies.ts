// Counts the replies in a stream of bytes, cheaply: it skips values instead of reading them. The caller presents the bytes of an incomplete
// line again with the following ones. Replies are counted, not returned.

import { BinaryReplies } from './binary-replies.js';
import type { Protocol } from './plan.js';

export interface ReplyCounter {
  replies: number;
  errors: number;
  hits: number;
  /** Counts in bytes[from, to) and returns the position up to which they are used. */
  count(bytes: Uint8Array, from: number, to: number): number;
}

/** An unfinished line that is longer than this is not a reply of any server. */
export const LONGEST_REPLY_LINE_BYTES = 4096;

export function replyCounter(protocol: Protocol): ReplyCounter {
  if (protocol === 'binary') return new BinaryReplies();
  return protocol === 'memcached' ? new TextReplies() : new RespReplies();
}

const CR = 13;
const LF = 10;
const [V, E, N, D, S, C, A, T, R] = [...'VENDSCATR'].map((letter) => letter.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

class TextReplies implements ReplyCounter {
  replies = 0;
  errors = 0;
  hits = 0;
  #skip = 0;
  /** Shape of the last hit. The next hit nearly always has the same, and then its line need not be parsed. */
  #lineBytes = 0;
  #valueBytes = 0;
  /** The last digit of the value's length, with which its line ends. */
  #lastDigit = 0;

  count(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    for (;;) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, to - at);
        this.#skip -= step;
        at += step;
      }
      if (at >= to) return at;
      const known = this.#knownHit(bytes, at, to);
      if (known > 0) {
        this.hits++;
        at += known;
      } else {
        const end = lineEnd(bytes, at, to);
        if (end < 0) return at;
        this.#line(bytes, at, end);
        at = end + 1;
      }
    }
  }

  /** Length of a hit of the same shape as the last, or 0. Safe because values hold no line ends, and a shorter value with the END after it
      has another last digit. */
  #knownHit(bytes: Uint8Array, at: number, to: number): number {
    if (bytes[at] !== V) return 0;
    const line = this.#lineBytes;
    const whole = line + this.#valueBytes + 2;
    if (line === 0 || at + whole > to || bytes[at + line - 3] !== this.#lastDigit) return 0;
    if (bytes[at + line - 1] !== LF || bytes[at + whole - 2] !== CR || bytes[at + whole - 1] !== LF) return 0;
    return bytes[at + 1] === A ? whole : 0;
  }

  #line(bytes: Uint8Array, at: number, end: number): void {
    const first = bytes[at];
    if (first === V && bytes[at + 1] === A) {
      this.#lineBytes = end + 1 - at;
      this.#valueBytes = thirdNumber(bytes, at, end);
      this.#lastDigit = bytes[end - 2];
      this.#skip = this.#valueBytes + 2;
      this.hits++;
      return;
    }
    this.replies++;
    const isEnd = first === E && bytes[at + 1] === N && bytes[at + 2] === D;
    const isStored = first === S && bytes[at + 1] === T;
    if (isEnd || isStored) return;
    const isError = (first === E && bytes[at + 1] === R) || first === C || (first === S && bytes[at + 1] === E);
    if (isError) this.errors++;
  }
}

/** Most lines are so short that a call into Node takes longer than a loop over their bytes. */
const SHORT_LINE_BYTES = 32;

/** Position of the next line feed in [at, to), or -1. */
export function lineEnd(bytes: Uint8Array, at: number, to: number): number {
  const soon = Math.min(to, at + SHORT_LINE_BYTES);
  for (let index = at; index < soon; index++) if (bytes[index] === LF) return index;
  if (soon === to) return -1;
  const end = bytes.indexOf(LF, soon);
  return end < to ? end : -1;
}

/** The length in `VALUE <key> <flags> <length>`. */
export function thirdNumber(bytes: Uint8Array, at: number, end: number): number {
  let blanks = 0;
  let number = 0;
  for (let index = at; index < end; index++) {
    const byte = bytes[index];
    if (byte === 32) blanks++;
    else if (blanks === 3 && byte >= 48 && byte <= 57) number = number * 10 + byte - 48;
  }
  return number;
}

const [PLUS, MINUS, COLON, DOLLAR, STAR] = [...'+-:$*'].map((sign) => sign.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
];

class RespReplies implements ReplyCounter {
  replies = 0;
  errors = 0;
  hits = 0;
  #skip = 0;
  #elementsLeft = 0;

  count(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    for (;;) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, to - at);
        this.#skip -= step;
        at += step;
        if (this.#skip > 0) return at;
        this.#element();
      }
      if (at >= to) return at;
      const end = lineEnd(bytes, at, to);
      if (end < 0) return at;
      this.#line(bytes, at, end);
      at = end + 1;
    }
  }

  #line(bytes: Uint8Array, at: number, end: number): void {
    const first = bytes[at];
    if (first === DOLLAR && bytes[at + 1] !== MINUS) {
      this.#skip = lineNumber(bytes, at, end) + 2;
      this.hits++;
    } else if (first === STAR && bytes[at + 1] !== MINUS) {
      const elements = lineNumber(bytes, at, end);
      if (elements === 0) this.#element();
      else this.#elementsLeft = elements;
    } else {
      if (first !== PLUS && first !== COLON && first !== DOLLAR && first !== STAR) this.errors++;
      this.#element();
    }
  }

  /** An array of replies counts as one; no request returns nested arrays. */
  #element(): void {
    if (this.#elementsLeft > 0) this.#elementsLeft--;
    if (this.#elementsLeft === 0) this.replies++;
  }
}

function lineNumber(bytes: Uint8Array, at: number, end: number): number {
  let number = 0;
  for (let index = at + 1; index < end - 1; index++) number = number * 10 + bytes[index] - 48;
  return number;
}
