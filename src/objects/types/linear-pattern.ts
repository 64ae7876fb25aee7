// Regular expressions that match in linear time for every pattern and text. There is no backtracking: a nondeterministic automaton follows
// all possible states together and caches the sets that it meets as a table (a lazy DFA). Characters are bytes, 0 to 255.

import { type PatternNode, parsePattern } from './pattern-syntax.js';

/** Patterns that need more states are refused; the copies that `{n,m}` makes count. A choice: a step of the automaton may visit all states,
 * and 2,000 take some microseconds. */
const MOST_STATES = 2000;
/** The table holds at most this many sets of states; then it is emptied. Each takes 512 bytes, hence 128 KB per pattern. */
const MOST_KEPT_SETS = 256;
const UNKNOWN = 0xffff;
/** Characters matched per step that is charged, as a power of 2: following the table takes a few nanoseconds each. */
const TEXT_BYTES_A_STEP_BITS = 4;
/** Longer patterns are cut in messages. */
const SHOWN_CHARACTERS = 40;

const KIND = { bytes: 0, split: 1, start: 2, end: 3, match: 4 } as const;

interface State {
  kind: number;
  bytes?: Uint8Array;
  next: number;
  other: number;
}

/** A set of states and its successors by byte. */
interface StateSet {
  readonly states: readonly number[];
  readonly matches: boolean;
  readonly matchesAtEnd: boolean;
  readonly next: Uint16Array;
}

export class LinearPattern {
  readonly #pattern: string;
  readonly #states: State[] = [];
  readonly #first: number;
  #sets: StateSet[] = [];
  #setNumbers = new Map<string, number>();
  /** The set before the first byte; undefined until it has been made, and after the table was emptied. */
  #startSet: StateSet | undefined;

  /** Throws Error with the reason for an invalid or unsupported pattern. */
  constructor(
    pattern: string,
    /** Charges steps to the call whose argument is checked. */
    private readonly charge: (steps: number) => void,
  ) {
    this.#pattern = pattern;
    const match = this.#add({ kind: KIND.match, next: 0, other: 0 });
    try {
      this.#first = this.#compile(parsePattern(pattern), match);
    } catch (cause) {
      const shown = pattern.length > SHOWN_CHARACTERS ? `${pattern.slice(0, SHOWN_CHARACTERS)}...` : pattern;
      throw new Error(`pattern ${JSON.stringify(shown)} ${(cause as Error).message}`, { cause });
    }
  }

  /** Ajv identifies patterns by it. */
  toString(): string {
    return this.#pattern;
  }

  /** Whether the pattern matches anywhere in the text, like RegExp's `test`. */
  test(text: string): boolean {
    this.charge(1 + (text.length >>> TEXT_BYTES_A_STEP_BITS));
    this.#startSet ??= this.#setOf([this.#first], true);
    let set = this.#startSet;
    for (let at = 0; at < text.length; at++) {
      if (set.matches) return true;
      const byte = text.charCodeAt(at) & 0xff;
      const next = set.next[byte];
      set = next === UNKNOWN ? this.#step(set, byte) : this.#sets[next];
    }
    return set.matches || set.matchesAtEnd;
  }

  #step(set: StateSet, byte: number): StateSet {
    // A match may begin at any byte.
    const reached = [this.#first];
    for (const number of set.states) {
      const state = this.#states[number];
      if (state.kind === KIND.bytes && (state.bytes as Uint8Array)[byte] === 1) reached.push(state.next);
    }
    const sets = this.#sets;
    const next = this.#setOf(reached, false);
    // The table was emptied, and no longer holds the previous set.
    if (sets === this.#sets) set.next[byte] = this.#setNumbers.get(keyOf(next.states, false)) as number;
    return next;
  }

  #setOf(from: readonly number[], atStart: boolean): StateSet {
    this.charge(1 + (this.#states.length >>> 3));
    const states = this.#closure(from, atStart, false);
    const key = keyOf(states, atStart);
    const known = this.#setNumbers.get(key);
    if (known !== undefined) return this.#sets[known];
    if (this.#sets.length >= MOST_KEPT_SETS) {
      this.#sets = [];
      this.#setNumbers = new Map();
      this.#startSet = undefined;
    }
    const has = (numbers: readonly number[]) => numbers.some((number) => this.#states[number].kind === KIND.match);
    const matchesAtEnd = has(this.#closure(from, atStart, true));
    const made = { states, matches: has(states), matchesAtEnd, next: new Uint16Array(256).fill(UNKNOWN) };
    this.#setNumbers.set(key, this.#sets.length);
    this.#sets.push(made);
    return made;
  }

  /** All states that can be reached without reading a byte, in ascending order. */
  #closure(from: readonly number[], atStart: boolean, atEnd: boolean): readonly number[] {
    const seen = new Set<number>();
    const waiting = [...from];
    for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
      if (seen.has(number)) continue;
      seen.add(number);
      const { kind, next, other } = this.#states[number];
      if (kind === KIND.split) waiting.push(next, other);
      else if ((kind === KIND.start && atStart) || (kind === KIND.end && atEnd)) waiting.push(next);
    }
    return [...seen].sort((one, two) => one - two);
  }

  /** Adds the states of a node, which continue to `next`; returns the first of them. */
  #compile(node: PatternNode, next: number): number {
    switch (node.kind) {
      case 'bytes':
        return this.#add({ kind: KIND.bytes, bytes: node.bytes, next, other: 0 });
      case 'start':
        return this.#add({ kind: KIND.start, next, other: 0 });
      case 'end':
        return this.#add({ kind: KIND.end, next, other: 0 });
      case 'sequence':
        return node.nodes.reduceRight((following, part) => this.#compile(part, following), next);
      case 'choice':
        return node.nodes
          .map((part) => this.#compile(part, next))
          .reduce((one, other) => this.#add({ kind: KIND.split, next: one, other }));
      case 'repeat':
        return this.#repeat(node.node, node.least, node.most, next);
    }
  }

  #repeat(node: PatternNode, least: number, most: number, next: number): number {
    let first = next;
    if (most === Number.POSITIVE_INFINITY) {
      first = this.#add({ kind: KIND.split, next: 0, other: next });
      this.#states[first].next = this.#compile(node, first);
    }
    for (let count = least; most !== Number.POSITIVE_INFINITY && count < most; count++) {
      first = this.#add({ kind: KIND.split, next: this.#compile(node, first), other: next });
    }
    for (let count = 0; count < least; count++) {
      // Counted even if the part is empty.
      first = this.#compile(node, this.#add({ kind: KIND.split, next: first, other: first }));
    }
    return first;
  }

  #add(state: State): number {
    if (this.#states.length >= MOST_STATES) {
      throw new Error(`needs more than ${MOST_STATES} states: count less in {n,m}, or check the length by maxLength`);
    }
    return this.#states.push(state) - 1;
  }
}

function keyOf(states: readonly number[], atStart: boolean): string {
  return `${atStart ? '^' : ''}${states.join(',')}`;
}
