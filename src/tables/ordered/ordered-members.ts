// Members of ordered indexes: records with a text, a score and, where ties are ordered by arrival, a number of arrival. These methods do not
// journal; callers do. The order of members: ordered-nodes.ts.

import { slackOf } from '../../arena/chunk.js';
import { type Arena, UNIT_BYTES } from '../../arena/memory.js';
import { assert } from '../../base/assert.js';
import { latin1 } from '../../base/latin1.js';
import { copyBetween } from '../../base/words.js';
import type { Store } from '../../store/store.js';
import type { ByteSink } from '../byte-sink.js';
import type { Fields } from '../fields.js';
import type { ObjectMemory } from '../object-memory.js';
import { copyBytes, type KeyBytes } from '../scalars.js';
import {
  FIELD_HEADER_BYTES,
  keyBytesInField,
  keyWord,
  OWNER_WORD,
  SPREAD,
  type TableLayout,
  Tag,
  unitsFor,
  valueWord,
  writeU16,
} from '../table-layout.js';
import { ARRIVAL_BYTES, NEXT_ARRIVAL, SCORE_BYTES_AT, Ties } from './ordered-layout.js';

const LOW_WORD = 2 ** 32;

/** @perThread */
export class OrderedMembers {
  private readonly arena: Arena;
  private readonly words: Uint32Array;
  private readonly view: DataView;
  private readonly layout: TableLayout;

  constructor(
    private readonly store: Store,
    private readonly fields: Fields,
    private readonly memory: ObjectMemory,
  ) {
    this.arena = store.arena;
    this.words = store.arena.words;
    this.view = store.arena.view;
    this.layout = fields.layout;
  }

  /** A member that is not yet linked: it has no header, and no number of arrival. */
  make(key: KeyBytes, score: number, ties: number): number {
    const keyBytes = keyBytesInField(key.length);
    const bytes = FIELD_HEADER_BYTES + keyBytes + (ties === Ties.arrival ? ARRIVAL_BYTES : 0);
    const member = this.memory.obtain(unitsFor(bytes));
    const slack = this.layout.units(member) * UNIT_BYTES - bytes;
    assert(slack >= 0 && slack < 16, 'a member has little slack');
    this.words[member * 2] = this.words[member * 2] | keyWord(Tag.text, key.length) | valueWord(Tag.no, slack);
    this.words[member * 2 + OWNER_WORD] = 0;
    this.setScore(member, score);
    const position = member * UNIT_BYTES + FIELD_HEADER_BYTES;
    const view = this.arena.viewOf(position);
    const at = this.arena.indexOf(position);
    if (keyBytes !== key.length) writeU16(view, at, key.length);
    copyBytes(key.bytes, key.at, view, at + keyBytes - key.length, key.length);
    return member;
  }

  /** Puts a member into the index. Nothing is called after the index has it: the member is linked, and has its header, or is not. */
  link(member: number, owner: number, header: number, hash: number): void {
    const { words } = this;
    this.store.index.insert(hash, member);
    words[member * 2 + OWNER_WORD] = owner;
    words[header + SPREAD.count] = words[header + SPREAD.count] + 1;
  }

  unlink(member: number, header: number, hash: number): void {
    const { words, store } = this;
    store.index.remove(hash, member);
    words[member * 2 + OWNER_WORD] = 0;
    words[header + SPREAD.count] = words[header + SPREAD.count] - 1;
    store.index.shrinkIfSparse();
    store.index.shrinkIfSparse();
  }

  release(member: number): void {
    this.store.allocator.release(member as never);
  }

  owner(member: number): number {
    return this.words[member * 2 + OWNER_WORD];
  }

  hashOf(member: number): number {
    return this.fields.hashOf(member);
  }

  units(member: number): number {
    return this.layout.units(member);
  }

  score(member: number): number {
    return this.view.getFloat64(member * UNIT_BYTES + SCORE_BYTES_AT, true);
  }

  setScore(member: number, score: number): void {
    this.view.setFloat64(member * UNIT_BYTES + SCORE_BYTES_AT, score, true);
  }

  /** Makes the member the last that has arrived. Numbers that a rolled back call has used are not used again. */
  arrive(member: number, header: number): void {
    const { words, view } = this;
    const low = words[header + NEXT_ARRIVAL];
    const high = words[header + NEXT_ARRIVAL + 1];
    const at = this.layout.valuePosition(member);
    view.setUint32(at, low, true);
    view.setUint16(at + 4, high, true);
    words[header + NEXT_ARRIVAL] = low + 1;
    if (low + 1 === LOW_WORD) words[header + NEXT_ARRIVAL + 1] = high + 1;
  }

  /** Bytes that a member can change, from its score on. */
  changingBytes(member: number): number {
    return this.units(member) * UNIT_BYTES - SCORE_BYTES_AT - slackOf(this.words[member * 2]);
  }

  /** The text, whose length the caller knows. */
  text(member: number, length: number): string {
    const position = textPosition(member, length);
    return latin1(this.arena.viewOf(position), this.arena.indexOf(position), length);
  }

  /** Adds the texts of `count` members of a leaf, of which the word `from` refers to the first, and another text after each. Room for all of them
      is made once. */
  addTexts(from: number, count: number, step: number, sink: ByteSink, after: string): void {
    const { words, layout, view } = this;
    const end = from + count * step;
    let bytes = count * after.length;
    for (let at = from; at !== end; at += step) bytes += layout.keyLength(words[at]);
    let to = sink.take(bytes);
    const { own, ownView } = sink;
    for (let at = from; at !== end; at += step) {
      const member = words[at];
      const length = layout.keyLength(member);
      copyBetween(view, textPosition(member, length), ownView, to, length);
      to += length;
      for (let index = 0; index < after.length; index++) own[to++] = after.charCodeAt(index);
    }
  }

  /** The same with the scores, and a text between each member and its score. */
  addScored(
    { memberWord, scoreAt }: { readonly memberWord: number; readonly scoreAt: number },
    count: number,
    step: number,
    sink: ByteSink,
    between: string,
    after: string,
  ): void {
    const { words } = this;
    const { doubles } = this.arena;
    for (let left = count, passed = 0; left > 0; left--, passed += step) {
      this.#addText(words[memberWord + passed], sink, between);
      sink.addNumber(doubles[scoreAt + passed]);
      sink.addText(after);
    }
  }

  #addText(member: number, sink: ByteSink, end: string): void {
    const length = this.layout.keyLength(member);
    sink.addWithEnd(this.view, textPosition(member, length), length, end);
  }

  textLength(member: number): number {
    return this.layout.keyLength(member);
  }

  /** Whether a member comes before another of the same score. */
  isBefore(member: number, other: number, ties: number): boolean {
    return ties === Ties.arrival ? this.arrival(member) < this.arrival(other) : this.#compareTexts(member, other) < 0;
  }

  private arrival(member: number): number {
    const at = this.layout.valuePosition(member);
    return this.view.getUint32(at, true) + this.view.getUint16(at + 4, true) * LOW_WORD;
  }

  #compareTexts(one: number, other: number): number {
    const { view, layout } = this;
    const at = layout.keyPosition(one);
    const otherAt = layout.keyPosition(other);
    const length = layout.keyLength(one);
    const otherLength = layout.keyLength(other);
    const common = Math.min(length, otherLength);
    for (let index = 0; index < common; index++) {
      const difference = view.getUint8(at + index) - view.getUint8(otherAt + index);
      if (difference !== 0) return difference;
    }
    return length - otherLength;
  }
}

function textPosition(member: number, length: number): number {
  return member * UNIT_BYTES + FIELD_HEADER_BYTES + keyBytesInField(length) - length;
}
