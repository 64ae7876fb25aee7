// Looks up several members of an ordered index that one text names. The memory of most members is in no cache of the processor: all hashes are
// computed first, so that the processor fetches the memory of several members at the same time.

import { MethodError } from '../call-errors.js';
import type { TableLocation } from '../open-object.js';
import { MAX_KEY_BYTES, OWNER_WORD } from '../table-layout.js';
import type { TableParts } from '../table-parts.js';

/** Members that are looked up together. */
const MOST = 8;
/** Where they are encoded: the memory of `parts.key`. */
const MEMORY_BYTES = 1024;
/** Steps of a member, and of each of these many of its characters, as a power of 2. */
const MEMBER_STEPS = 12;
const CHARACTERS_PER_STEP_BITS = 3;

/** @perThread */
export class MemberLists {
  private readonly bytes: Uint8Array;
  private readonly words: Uint32Array;
  private readonly view: DataView;
  private readonly at: number;
  /** Of the members that are encoded. */
  private readonly starts = new Int32Array(MOST);
  private readonly lengths = new Int32Array(MOST);
  private readonly hashes = new Int32Array(MOST);
  private readonly fetched = new Uint32Array(MOST);
  private count = 0;

  constructor(private readonly parts: TableParts) {
    const { arena } = parts.store;
    this.bytes = arena.bytes;
    this.words = arena.words;
    this.view = arena.view;
    this.at = parts.key.ownAt;
  }

  /** The highest score of the members in a text. */
  highest(place: TableLocation, text: string, separator: number): number | undefined {
    const { key, fields, orderedMembers } = this.parts;
    let isAnyThere = false;
    let highest = Number.NEGATIVE_INFINITY;
    for (let from = 0; from < text.length; ) {
      from = this.#encode(text, from, separator);
      this.#fetch(place.owner);
      for (let index = 0; index < this.count; index++) {
        key.takeBytes(this.bytes, this.starts[index], this.lengths[index]);
        const member = fields.find(place.owner, key, this.hashes[index]);
        if (member === 0) continue;
        isAnyThere = true;
        const score = orderedMembers.score(member);
        if (score > highest) highest = score;
      }
    }
    return isAnyThere ? highest : undefined;
  }

  /** Encodes the members from a character of the text on; returns where the next of them begins. */
  #encode(text: string, from: number, separator: number): number {
    const { bytes, starts, lengths } = this;
    const end = this.at + MEMORY_BYTES;
    let at = this.at;
    let next = from;
    let all = 0;
    this.count = 0;
    while (next < text.length && this.count < MOST) {
      const start = at;
      let index = next;
      let character = 0;
      for (; index < text.length && at < end; index++) {
        character = text.charCodeAt(index);
        if (character === separator) break;
        bytes[at++] = character;
        all |= character;
      }
      // One that did not fit comes first the next time.
      if (at === end && this.count > 0) break;
      this.#charge(at - start);
      starts[this.count] = start;
      lengths[this.count++] = at - start;
      next = index + 1;
    }
    if (all > 0xff) throw new MethodError('characters beyond bytes; use utf8Encode');
    return next;
  }

  #charge(length: number): void {
    if (length > MAX_KEY_BYTES) throw new MethodError(`a member has at most ${MAX_KEY_BYTES} bytes`);
    this.parts.budget.charge(MEMBER_STEPS + (length >>> CHARACTERS_PER_STEP_BITS));
  }

  /** Hashes the members, and reads from the first entry of the bucket of each, which is the member in most cases. */
  #fetch(owner: number): void {
    const { store } = this.parts;
    const { words, view, starts, lengths, hashes, fetched, count } = this;
    for (let index = 0; index < count; index++) {
      // The seed of the hash of a text is its owner.
      const hash = store.hash.of(view, starts[index], lengths[index], owner);
      hashes[index] = hash;
      fetched[index] = words[store.index.bucketWord(hash)];
    }
    for (let index = 0; index < count; index++) fetched[index] = words[fetched[index] * 2 + OWNER_WORD];
  }
}
