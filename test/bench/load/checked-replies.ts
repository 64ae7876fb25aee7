// Counts replies like replies.ts, but reads each of them: it must begin with one of the texts that its call allows. Keeps the words of replies,
// which the next call of a dialogue may repeat. Slower than only counting them.

import type { Protocol } from './plan.js';
import { lineEnd, type ReplyCounter, thirdNumber } from './replies.js';

const [V, A, DOLLAR, STAR, MINUS] = [...'VA$*-'].map((letter) => letter.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
];
const LINE_END_BYTES = 2;
/** After a value of the text protocol. */
const END_BYTES = '\r\nEND\r\n'.length;
const SHOWN_BYTES = 120;

/** The call whose replies come next. */
export interface ExpectedReplies {
  /** For the error. */
  readonly call: string;
  /** In memcached's protocol of the value, if there is one; in Redis's of the whole reply. */
  readonly beginnings: readonly Uint8Array[];
  readonly keepsWords: boolean;
}

export class CheckedReplies implements ReplyCounter {
  replies = 0;
  errors = 0;
  hits = 0;
  /** The words of each reply of the batch, if they are kept; of an array of Redis its elements. */
  words: string[][] = [];
  #expected: ExpectedReplies = { call: '', beginnings: [], keepsWords: false };
  /** Where the text of the reply that was read last begins and ends. */
  #textAt = 0;
  #textEnd = 0;
  readonly #isRedis: boolean;

  constructor(protocol: Protocol) {
    if (protocol === 'binary') throw new Error('replies in the binary protocol are not checked');
    this.#isRedis = protocol === 'redis';
  }

  expect(replies: ExpectedReplies): void {
    this.#expected = replies;
    this.words = [];
  }

  count(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to) {
      const end = this.#isRedis ? this.#respReply(bytes, at, to) : this.#textReply(bytes, at, to);
      if (end < 0) break;
      this.#check(bytes);
      if (this.#expected.keepsWords) this.words.push(this.#isRedis ? respWords(bytes, at) : this.#textWords(bytes));
      this.replies++;
      at = end;
    }
    return at;
  }

  /** The end of the reply that begins at `at`, or -1 if it is not whole. */
  #textReply(bytes: Uint8Array, at: number, to: number): number {
    const end = lineEnd(bytes, at, to);
    if (end < 0) return -1;
    if (bytes[at] !== V || bytes[at + 1] !== A) {
      this.#textAt = at;
      this.#textEnd = end + 1 - LINE_END_BYTES;
      return end + 1;
    }
    this.#textAt = end + 1;
    this.#textEnd = this.#textAt + thirdNumber(bytes, at, end);
    const next = this.#textEnd + END_BYTES;
    if (next > to) return -1;
    this.hits++;
    return next;
  }

  #respReply(bytes: Uint8Array, at: number, to: number): number {
    const end = endOfResp(bytes, at, to);
    this.#textAt = at;
    this.#textEnd = end;
    return end;
  }

  #check(bytes: Uint8Array): void {
    const { beginnings, call } = this.#expected;
    for (const beginning of beginnings) if (this.#begins(bytes, beginning)) return;
    const text = textOf(bytes, this.#textAt, Math.min(this.#textEnd, this.#textAt + SHOWN_BYTES));
    throw new Error(`${call} was answered by ${JSON.stringify(text)}`);
  }

  #begins(bytes: Uint8Array, text: Uint8Array): boolean {
    const at = this.#textAt;
    if (at + text.length > this.#textEnd) return false;
    for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text[index]) return false;
    return true;
  }

  #textWords(bytes: Uint8Array): string[] {
    const end = lineEnd(bytes, this.#textAt, this.#textEnd);
    return textOf(bytes, this.#textAt, end < 0 ? this.#textEnd : end + 1 - LINE_END_BYTES).split(' ');
  }
}

/** The end of a reply, or -1 if it is not whole. */
function endOfResp(bytes: Uint8Array, at: number, to: number): number {
  const end = lineEnd(bytes, at, to);
  if (end < 0) return -1;
  const number = numberAt(bytes, at, end);
  let next = end + 1;
  if (bytes[at] === DOLLAR && number >= 0) next += number + LINE_END_BYTES;
  if (bytes[at] === STAR) {
    for (let element = 0; element < number && next >= 0; element++) next = endOfResp(bytes, next, to);
  }
  return next > to ? -1 : next;
}

/** The elements of an array, or the words of a bulk string or line. The reply must be whole. */
function respWords(bytes: Uint8Array, at: number): string[] {
  const end = lineEnd(bytes, at, bytes.length);
  if (bytes[at] !== STAR) return contentAt(bytes, at).split(' ');
  const words: string[] = [];
  let next = end + 1;
  for (let element = 0; element < numberAt(bytes, at, end); element++) {
    words.push(contentAt(bytes, next));
    next = endOfResp(bytes, next, bytes.length);
  }
  return words;
}

function contentAt(bytes: Uint8Array, at: number): string {
  const end = lineEnd(bytes, at, bytes.length);
  if (bytes[at] !== DOLLAR) return textOf(bytes, at + 1, end + 1 - LINE_END_BYTES);
  return textOf(bytes, end + 1, end + 1 + Math.max(0, numberAt(bytes, at, end)));
}

/** The number of a line, after its first character. */
function numberAt(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at + 1] === MINUS) return -1;
  let number = 0;
  for (let index = at + 1; index < end - 1; index++) number = number * 10 + bytes[index] - 48;
  return number;
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.max(0, to - from)).toString('latin1');
}
