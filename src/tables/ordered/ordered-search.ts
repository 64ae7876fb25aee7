// Finds entries of an ordered index: by score, by member, by rank. The way from the root to the entry stays in `node` and `slot`, by level,
// for what comes next: counting what is before it, stepping to its neighbours, changing it (ordered-changes.ts).

import type { Arena } from '../../arena/memory.js';
import {
  INNER_CHILDREN,
  INNER_COUNTS,
  INNER_MEMBERS,
  leafMembers,
  levelOf,
  MAX_LEVELS,
  NODE_COUNT_MASK,
} from './ordered-layout.js';
import type { OrderedMembers } from './ordered-members.js';

/** Where a search ends among entries of the score that it looks for. */
export const Among = { before: 0, after: 1, member: 2 } as const;

/** @perThread */
export class OrderedSearch {
  /** The node of each level on the way, and the slot taken in it; in the leaf, of the entry found. */
  readonly node = new Uint32Array(MAX_LEVELS);
  readonly slot = new Int32Array(MAX_LEVELS);
  /** Level of the root. */
  top = 0;
  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;

  constructor(
    arena: Arena,
    private readonly members: OrderedMembers,
  ) {
    this.words = arena.words;
    this.doubles = arena.doubles;
  }

  /** Goes to the first entry that is not before the place looked for: that of a member, or the one before or after all of a score. The
      slot in the leaf may be its count: then the entry is the first of the next leaf, if there is one. */
  seek(root: number, score: number, among: number, member: number, ties: number): void {
    const { words } = this;
    let node = root;
    let level = levelOf(words[node * 2 + 1]);
    this.top = level;
    for (; level > 0; level--) {
      const slot = this.#childFor(node, score, among, member, ties);
      this.node[level] = node;
      this.slot[level] = slot;
      node = words[node * 2 + INNER_CHILDREN + slot];
    }
    this.node[0] = node;
    this.slot[0] = this.#entryFor(node, score, among, member, ties);
  }

  /** Goes to the entry that has `before` entries before it; `count` is the number of all entries, and larger than `before`. */
  seekRank(root: number, before: number, count: number): void {
    const { words } = this;
    let node = root;
    let rest = before;
    let below = count;
    let level = levelOf(words[node * 2 + 1]);
    this.top = level;
    for (; level > 0; level--) {
      const counts = node * 2 + INNER_COUNTS;
      let slot = 0;
      if (rest < below / 2) {
        while (rest >= words[counts + slot]) rest -= words[counts + slot++];
      } else {
        // From the end, where the best of a leaderboard are.
        slot = (words[node * 2 + 1] & NODE_COUNT_MASK) - 1;
        let start = below - words[counts + slot];
        while (start > rest) start -= words[counts + --slot];
        rest -= start;
      }
      below = words[counts + slot];
      this.node[level] = node;
      this.slot[level] = slot;
      node = words[node * 2 + INNER_CHILDREN + slot];
    }
    this.node[0] = node;
    this.slot[0] = rest;
  }

  /** Number of entries before the place found. */
  rank(): number {
    const { words } = this;
    let rank = this.slot[0];
    for (let level = this.top; level > 0; level--) {
      const counts = this.node[level] * 2 + INNER_COUNTS;
      const slot = this.slot[level];
      for (let before = 0; before < slot; before++) rank += words[counts + before];
    }
    return rank;
  }

  /** The member found. */
  get member(): number {
    return this.words[this.memberWord];
  }

  get score(): number {
    return this.doubles[this.node[0] + 1 + this.slot[0]];
  }

  /** Number of entries from the one found to the last of its leaf or, in descending order, to the first. */
  entriesLeft(isDescending: boolean): number {
    const slot = this.slot[0];
    return isDescending ? slot + 1 : (this.words[this.node[0] * 2 + 1] & NODE_COUNT_MASK) - slot;
  }

  /** The word that refers to the member found; those of the other entries of its leaf are next to it. */
  get memberWord(): number {
    const at = this.node[0] * 2;
    return at + leafMembers(this.words[at + 1]) + this.slot[0];
  }

  /** Where the score of the entry found is, in doubles; those of the other entries of its leaf are next to it. */
  get scoreAt(): number {
    return this.node[0] + 1 + this.slot[0];
  }

  /** Steps to the entry after the last of `count` entries in this leaf; there must be one. */
  pass(count: number, isDescending: boolean): void {
    if (isDescending) {
      this.slot[0] -= count - 1;
      this.previous();
    } else {
      this.slot[0] += count - 1;
      this.next();
    }
  }

  /** Steps to the next entry; there must be one. */
  next(): void {
    const { words, node, slot } = this;
    slot[0]++;
    if (slot[0] < (words[node[0] * 2 + 1] & NODE_COUNT_MASK)) return;
    let level = 1;
    while (slot[level] + 1 === (words[node[level] * 2 + 1] & NODE_COUNT_MASK)) level++;
    slot[level]++;
    for (; level > 0; level--) {
      node[level - 1] = words[node[level] * 2 + INNER_CHILDREN + slot[level]];
      slot[level - 1] = 0;
    }
  }

  /** Steps to the entry before; there must be one. */
  previous(): void {
    const { words, node, slot } = this;
    slot[0]--;
    if (slot[0] >= 0) return;
    let level = 1;
    while (slot[level] === 0) level++;
    slot[level]--;
    for (; level > 0; level--) {
      node[level - 1] = words[node[level] * 2 + INNER_CHILDREN + slot[level]];
      slot[level - 1] = (words[node[level - 1] * 2 + 1] & NODE_COUNT_MASK) - 1;
    }
  }

  /** The last child whose first entry is not after the place looked for; else the first child. */
  #childFor(node: number, score: number, among: number, member: number, ties: number): number {
    const { words, doubles } = this;
    const scores = node + 1;
    let low = 1;
    let high = words[node * 2 + 1] & NODE_COUNT_MASK;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const first = doubles[scores + middle];
      if (first < score) low = middle + 1;
      else if (first > score) high = middle;
      else if (this.#isNotAfter(words[node * 2 + INNER_MEMBERS + middle], among, member, ties)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #entryFor(leaf: number, score: number, among: number, member: number, ties: number): number {
    const { words, doubles } = this;
    const head = words[leaf * 2 + 1];
    const scores = leaf + 1;
    let low = 0;
    let high = head & NODE_COUNT_MASK;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = doubles[scores + middle];
      if (entry < score) low = middle + 1;
      else if (entry > score) high = middle;
      else if (this.#isBefore(words[leaf * 2 + leafMembers(head) + middle], among, member, ties)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isNotAfter(first: number, among: number, member: number, ties: number): boolean {
    return among === Among.member
      ? first === member || this.members.isBefore(first, member, ties)
      : among === Among.after;
  }

  #isBefore(entry: number, among: number, member: number, ties: number): boolean {
    if (among !== Among.member) return among === Among.after;
    return entry !== member && this.members.isBefore(entry, member, ties);
  }
}
