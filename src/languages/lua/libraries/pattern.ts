// Lua's patterns on byte strings: every step of the search is charged, so that no pattern can hold the thread. The functions find, match,
// gmatch and gsub: library-match.ts.

import { partOf, STRING_OVERHEAD_BYTES } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';

const PERCENT = 37;
const OPEN_CAPTURE = -1;
const POSITION_CAPTURE = -2;
/** C Lua's limits: LUA_MAXCAPTURES and MAXCCALLS. */
const MOST_CAPTURES = 32;
const DEEPEST_MATCH = 200;
/** A mask: comparing with this many characters of a set takes a step. */
const SET_PER_STEP = 3;

/** A mistake in the pattern; the caller raises it in the script. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

interface Capture {
  start: number;
  /** Length, or one of the two marks above. */
  length: number;
}

/** One search of a subject with a pattern. */
export class Matcher {
  readonly captures: Capture[] = [];
  #depth = 0;

  constructor(
    private readonly subject: string,
    private readonly pattern: string,
  ) {}

  /** The end of the match that starts at `from`, -1 when there is none. */
  matchAt(from: number, patternFrom: number): number {
    this.captures.length = 0;
    this.#depth = 0;
    return this.#match(from, patternFrom);
  }

  whole(start: number, end: number): string {
    return this.#part(start, end);
  }

  /** Charged before it is made. */
  #part(start: number, end: number): string {
    meter.chargeBytes(end - start + STRING_OVERHEAD_BYTES);
    return partOf(this.subject, start, end);
  }

  /** A capture's text, or its position (from 1). Number 0 without captures is the whole match. */
  captured(index: number, start: number, end: number): string | number {
    const capture = this.captures[index];
    if (capture === undefined) {
      if (index !== 0) throw new PatternError(`invalid capture index %${index + 1}`);
      return this.#part(start, end);
    }
    if (capture.length === POSITION_CAPTURE) return capture.start + 1;
    if (capture.length === OPEN_CAPTURE) throw new PatternError('unfinished capture');
    return this.#part(capture.start, capture.start + capture.length);
  }

  #match(fromSubject: number, fromPattern: number): number {
    if (++this.#depth > DEEPEST_MATCH) throw new PatternError('pattern too complex');
    const end = this.#matchItems(fromSubject, fromPattern);
    this.#depth--;
    return end;
  }

  #matchItems(fromSubject: number, fromPattern: number): number {
    const { pattern, subject } = this;
    let s = fromSubject;
    let p = fromPattern;
    while (p < pattern.length) {
      meter.charge(1);
      const item = pattern[p];
      if (item === '(') {
        return pattern[p + 1] === ')'
          ? this.#openCapture(s, p + 2, POSITION_CAPTURE)
          : this.#openCapture(s, p + 1, OPEN_CAPTURE);
      }
      if (item === ')') return this.#closeCapture(s, p + 1);
      if (item === '$' && p + 1 === pattern.length) return s === subject.length ? s : -1;
      const next = pattern[p + 1];
      if (item === '%' && next === 'b') {
        s = this.#balanced(s, p + 2);
        if (s < 0) return -1;
        p += 4;
        continue;
      }
      if (item === '%' && next === 'f') {
        p += 2;
        if (pattern[p] !== '[') throw new PatternError("missing '[' after '%f' in pattern");
        const end = this.#itemEnd(p);
        const before = s === 0 ? 0 : subject.charCodeAt(s - 1);
        const after = s < subject.length ? subject.charCodeAt(s) : 0;
        if (this.#inSet(before, p, end - 1) || !this.#inSet(after, p, end - 1)) return -1;
        p = end;
        continue;
      }
      if (item === '%' && next !== undefined && next >= '0' && next <= '9') {
        s = this.#backReference(s, Number(next));
        if (s < 0) return -1;
        p += 2;
        continue;
      }
      const end = this.#itemEnd(p);
      const suffix = pattern[end];
      if (suffix === '*') return this.#longest(s, p, end, 0);
      if (suffix === '+') return this.#longest(s, p, end, 1);
      if (suffix === '-') return this.#shortest(s, p, end);
      if (suffix === '?') {
        if (this.#single(s, p, end)) {
          const rest = this.#match(s + 1, end + 1);
          if (rest !== -1) return rest;
        }
        p = end + 1;
        continue;
      }
      if (!this.#single(s, p, end)) return -1;
      s++;
      p = end;
    }
    return s;
  }

  #openCapture(s: number, p: number, mark: number): number {
    if (this.captures.length >= MOST_CAPTURES) throw new PatternError('too many captures');
    this.captures.push({ start: s, length: mark });
    const end = this.#match(s, p);
    if (end === -1) this.captures.pop();
    return end;
  }

  #closeCapture(s: number, p: number): number {
    const capture = this.captures.findLast((open) => open.length === OPEN_CAPTURE);
    if (capture === undefined) throw new PatternError('invalid pattern capture');
    capture.length = s - capture.start;
    const end = this.#match(s, p);
    if (end === -1) capture.length = OPEN_CAPTURE;
    return end;
  }

  #balanced(s: number, p: number): number {
    const { subject, pattern } = this;
    if (p + 1 >= pattern.length) throw new PatternError("malformed pattern (missing arguments to '%b')");
    if (s >= subject.length || subject[s] !== pattern[p]) return -1;
    let depth = 1;
    for (let at = s + 1; at < subject.length; at++) {
      meter.charge(1);
      if (subject[at] === pattern[p + 1]) {
        if (--depth === 0) return at + 1;
      } else if (subject[at] === pattern[p]) depth++;
    }
    return -1;
  }

  #backReference(s: number, number: number): number {
    const capture = this.captures[number - 1];
    if (capture === undefined || capture.length === OPEN_CAPTURE) {
      throw new PatternError(`invalid capture index %${number}`);
    }
    const length = Math.max(0, capture.length);
    meter.charge(1 + (length >>> 2));
    const { subject } = this;
    if (s + length > subject.length) return -1;
    for (let at = 0; at < length; at++) {
      if (subject.charCodeAt(s + at) !== subject.charCodeAt(capture.start + at)) return -1;
    }
    return s + length;
  }

  #longest(s: number, p: number, end: number, least: number): number {
    let count = 0;
    while (this.#single(s + count, p, end)) count++;
    for (; count >= least; count--) {
      const rest = this.#match(s + count, end + 1);
      if (rest !== -1) return rest;
    }
    return -1;
  }

  #shortest(from: number, p: number, end: number): number {
    for (let s = from; ; s++) {
      const rest = this.#match(s, end + 1);
      if (rest !== -1) return rest;
      if (!this.#single(s, p, end)) return -1;
    }
  }

  /** Where the single-character item at p ends. */
  #itemEnd(from: number): number {
    const { pattern } = this;
    let p = from + 1;
    if (pattern[from] === '%') {
      if (p >= pattern.length) throw new PatternError("malformed pattern (ends with '%')");
      return p + 1;
    }
    if (pattern[from] !== '[') return p;
    if (pattern[p] === '^') p++;
    do {
      if ((p & SET_PER_STEP) === 0) meter.charge(1);
      if (p >= pattern.length) throw new PatternError("malformed pattern (missing ']')");
      if (pattern[p++] === '%') p++;
    } while (pattern[p] !== ']' || p >= pattern.length);
    return p + 1;
  }

  #single(s: number, p: number, end: number): boolean {
    meter.charge(1);
    if (s >= this.subject.length) return false;
    const character = this.subject.charCodeAt(s);
    const item = this.pattern.charCodeAt(p);
    if (item === 46) return true;
    if (item === PERCENT) return isInClass(character, this.pattern.charCodeAt(p + 1));
    if (item === 91) return this.#inSet(character, p, end - 1);
    return item === character;
  }

  /** Whether the character is in the set between `[` at p and `]` at last. */
  #inSet(character: number, open: number, last: number): boolean {
    const { pattern } = this;
    let p = open + 1;
    const isNegated = pattern[p] === '^';
    if (isNegated) p++;
    meter.charge(1 + ((last - p) >> 2));
    while (p < last) {
      const item = pattern.charCodeAt(p);
      if (item === PERCENT) {
        if (isInClass(character, pattern.charCodeAt(p + 1))) return !isNegated;
        p += 2;
      } else if (pattern[p + 1] === '-' && p + 2 < last) {
        if (item <= character && character <= pattern.charCodeAt(p + 2)) return !isNegated;
        p += 3;
      } else {
        if (item === character) return !isNegated;
        p++;
      }
    }
    return isNegated;
  }
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  a: /[A-Za-z]/,
  c: /[\x00-\x1f\x7f]/,
  d: /[0-9]/,
  g: /[\x21-\x7e]/,
  l: /[a-z]/,
  p: /[!-/:-@[-`{-~]/,
  s: /[\t-\r ]/,
  u: /[A-Z]/,
  w: /[A-Za-z0-9]/,
  x: /[A-Fa-f0-9]/,
};

/** For each letter of a class, whether each byte is in it. */
const CLASS_TABLES = new Map(
  Object.entries(CLASSES).map(([letter, expression]) => [
    letter.charCodeAt(0),
    Array.from({ length: 256 }, (_, byte) => expression.test(String.fromCharCode(byte))),
  ]),
);

function isInClass(character: number, letter: number): boolean {
  const table = CLASS_TABLES.get(letter | 32);
  const isLetter = (letter >= 65 && letter <= 90) || (letter >= 97 && letter <= 122);
  if (table === undefined || !isLetter) return letter === character;
  return (table[character] === true) === letter >= 97;
}
