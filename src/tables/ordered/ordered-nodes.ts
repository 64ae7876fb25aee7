// Nodes of an ordered index: reading them, and moving entries within one node or between two. Nothing here is journaled, and nothing is
// called that could fail halfway: ordered-changes.ts journals, ordered-undo.ts rolls back.

import type { Arena } from '../../arena/memory.js';
import {
  INNER_CHILDREN,
  INNER_COUNTS,
  INNER_MEMBERS,
  leafMembers,
  levelOf,
  NODE_COUNT_MASK,
} from './ordered-layout.js';

/** @perThread */
export class OrderedNodes {
  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;

  constructor(arena: Arena) {
    this.words = arena.words;
    this.doubles = arena.doubles;
  }

  count(node: number): number {
    return this.words[node * 2 + 1] & NODE_COUNT_MASK;
  }

  level(node: number): number {
    return levelOf(this.words[node * 2 + 1]);
  }

  /** The member of a leaf's entry. */
  member(leaf: number, index: number): number {
    return this.words[leaf * 2 + leafMembers(this.words[leaf * 2 + 1]) + index];
  }

  /** The member of the first entry below a child, for children but the first. */
  firstMember(inner: number, slot: number): number {
    return this.words[inner * 2 + INNER_MEMBERS + slot];
  }

  score(node: number, index: number): number {
    return this.doubles[node + 1 + index];
  }

  child(inner: number, slot: number): number {
    return this.words[inner * 2 + INNER_CHILDREN + slot];
  }

  /** Entries below a child. */
  entriesOf(inner: number, slot: number): number {
    return this.words[inner * 2 + INNER_COUNTS + slot];
  }

  /** Entries below a node. */
  entries(node: number): number {
    const { words } = this;
    const head = words[node * 2 + 1];
    const count = head & NODE_COUNT_MASK;
    if (levelOf(head) === 0) return count;
    let sum = 0;
    for (let slot = 0; slot < count; slot++) sum += words[node * 2 + INNER_COUNTS + slot];
    return sum;
  }

  /** Forgets a node's last entry or child. */
  dropLast(node: number): void {
    this.words[node * 2 + 1] = this.words[node * 2 + 1] - 1;
  }

  putEntry(leaf: number, index: number, score: number, member: number): void {
    const { words, doubles } = this;
    const head = words[leaf * 2 + 1];
    const members = leaf * 2 + leafMembers(head);
    for (let at = head & NODE_COUNT_MASK; at > index; at--) {
      doubles[leaf + 1 + at] = doubles[leaf + at];
      words[members + at] = words[members + at - 1];
    }
    doubles[leaf + 1 + index] = score;
    words[members + index] = member;
    words[leaf * 2 + 1] = head + 1;
  }

  takeEntry(leaf: number, index: number): void {
    const { words, doubles } = this;
    const head = words[leaf * 2 + 1];
    const members = leaf * 2 + leafMembers(head);
    const last = (head & NODE_COUNT_MASK) - 1;
    for (let at = index; at < last; at++) {
      doubles[leaf + 1 + at] = doubles[leaf + 2 + at];
      words[members + at] = words[members + at + 1];
    }
    words[leaf * 2 + 1] = head - 1;
  }

  /** Adds a leaf's entries from `from` on to the end of another, and takes them out. */
  moveEntries(leaf: number, from: number, to: number): void {
    const { words, doubles } = this;
    const head = words[leaf * 2 + 1];
    const headTo = words[to * 2 + 1];
    const count = head & NODE_COUNT_MASK;
    const end = (headTo & NODE_COUNT_MASK) - from;
    const members = leaf * 2 + leafMembers(head);
    const membersTo = to * 2 + leafMembers(headTo);
    for (let at = from; at < count; at++) {
      doubles[to + 1 + end + at] = doubles[leaf + 1 + at];
      words[membersTo + end + at] = words[members + at];
    }
    words[to * 2 + 1] = headTo + count - from;
    words[leaf * 2 + 1] = head - count + from;
  }

  putChild(inner: number, slot: number, score: number, member: number, child: number, entries: number): void {
    const { words } = this;
    const at = inner * 2;
    const head = words[at + 1];
    for (let to = head & NODE_COUNT_MASK; to > slot; to--) this.#copyChild(inner, to - 1, inner, to);
    words[at + 1] = head + 1;
    this.setFirst(inner, slot, score, member);
    words[at + INNER_CHILDREN + slot] = child;
    words[at + INNER_COUNTS + slot] = entries;
  }

  takeChild(inner: number, slot: number): void {
    const { words } = this;
    const head = words[inner * 2 + 1];
    const last = (head & NODE_COUNT_MASK) - 1;
    for (let to = slot; to < last; to++) this.#copyChild(inner, to + 1, inner, to);
    words[inner * 2 + 1] = head - 1;
  }

  /** Adds an inner node's children from `from` on to the end of another, and takes them out. */
  moveChildren(inner: number, from: number, to: number): void {
    const { words } = this;
    const count = words[inner * 2 + 1] & NODE_COUNT_MASK;
    const end = (words[to * 2 + 1] & NODE_COUNT_MASK) - from;
    for (let slot = from; slot < count; slot++) this.#copyChild(inner, slot, to, end + slot);
    words[to * 2 + 1] = words[to * 2 + 1] + count - from;
    words[inner * 2 + 1] = words[inner * 2 + 1] - count + from;
  }

  /** Sets what is first below a child. */
  setFirst(inner: number, slot: number, score: number, member: number): void {
    this.doubles[inner + 1 + slot] = score;
    this.words[inner * 2 + INNER_MEMBERS + slot] = member;
  }

  setEntries(inner: number, slot: number, entries: number): void {
    this.words[inner * 2 + INNER_COUNTS + slot] = entries;
  }

  #copyChild(from: number, slot: number, to: number, toSlot: number): void {
    const { words } = this;
    const at = from * 2 + slot;
    const toAt = to * 2 + toSlot;
    this.doubles[to + 1 + toSlot] = this.doubles[from + 1 + slot];
    words[toAt + INNER_MEMBERS] = words[at + INNER_MEMBERS];
    words[toAt + INNER_CHILDREN] = words[at + INNER_CHILDREN];
    words[toAt + INNER_COUNTS] = words[at + INNER_COUNTS];
  }
}
