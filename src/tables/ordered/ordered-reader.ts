// What methods do with an ordered index, charged to the call before it is done. The object that they use: ordered-view.ts.

import type { ByteSink } from '../byte-sink.js';
import { MethodError } from '../call-errors.js';
import { jsonNumber, jsonString } from '../json-text.js';
import type { TableLocation } from '../open-object.js';
import type { Ranked } from '../table.js';
import { MAX_KEY_BYTES, TableKind } from '../table-layout.js';
import type { TableParts } from '../table-parts.js';
import { MemberLists } from './member-lists.js';
import { Among } from './ordered-search.js';

/** Steps of a search in the tree, and of an entry in a list or in JSON. */
const SEARCH_STEPS = 26;
const ENTRY_STEPS = 8;
/** A member longer than this is charged by its length: a step for each 2 ** CHARACTERS_PER_STEP_BITS characters. */
const FREE_CHARACTERS = 48;
const CHARACTERS_PER_STEP_BITS = 1;
/** Bytes of an entry in a list, in addition to its text, and of its score. */
const ENTRY_BYTES = 48;
const SCORE_BYTES = 64;

/** Of removing a member that was found by its rank, and copying it. */
const REMOVED_STEPS = 60;

/** @perThread */
export class OrderedReader {
  readonly lists: MemberLists;

  constructor(private readonly parts: TableParts) {
    this.lists = new MemberLists(parts);
  }

  /** Whether there is an index with members to read. */
  enter(place: TableLocation | undefined, generation: number): place is TableLocation {
    const { parts } = this;
    if (place === undefined) {
      parts.demandCurrent(generation);
      return false;
    }
    parts.enter(place, generation);
    if (place.kind === TableKind.fields) throw new MethodError('the ordered index was deleted');
    parts.budget.charge(SEARCH_STEPS);
    return parts.ordered.root(place) !== 0;
  }

  /** Call this before a change. */
  enterToWrite(place: TableLocation | undefined, generation: number): TableLocation {
    const { parts } = this;
    if (place === undefined) throw new MethodError('the object is open for reading only');
    parts.enterToWrite(place, generation);
    if (place.kind === TableKind.fields) throw new MethodError('the ordered index was deleted');
    // An entry is taken out and one is put in, in addition to the member's own change.
    parts.budget.chargeWrite();
    parts.budget.chargeWrite();
    return place;
  }

  /** Takes the member that the next of the following is about. */
  take(member: string): void {
    const { budget, key } = this.parts;
    // It is encoded, hashed and compared.
    if (member.length > FREE_CHARACTERS) {
      if (member.length > MAX_KEY_BYTES) throw new MethodError(`a member has at most ${MAX_KEY_BYTES} bytes`);
      budget.charge(member.length >>> CHARACTERS_PER_STEP_BITS);
    }
    key.take(member);
  }

  isCurrent(generation: number): boolean {
    return generation === this.parts.generation;
  }

  tiesAreBytes(place: TableLocation, generation: number): boolean {
    this.parts.enter(place, generation);
    return place.kind === TableKind.orderedByBytes;
  }

  count(place: TableLocation): number {
    return this.parts.walker.count(place);
  }

  /** Sets the score of the member in `parts.key`. */
  set(place: TableLocation, score: number): boolean {
    const { parts } = this;
    parts.isChanging = true;
    const isNew = parts.ordered.set(place, parts.key, score);
    parts.isChanging = false;
    return isNew;
  }

  delete(place: TableLocation): boolean {
    const { parts } = this;
    parts.isChanging = true;
    const isRemoved = parts.ordered.delete(place, parts.key);
    parts.isChanging = false;
    return isRemoved;
  }

  /** Removes the entry with `before` entries before it. */
  removeAt(place: TableLocation, before: number): Ranked {
    const { parts } = this;
    parts.budget.charge(REMOVED_STEPS);
    const removed = this.at(place, before);
    parts.isChanging = true;
    parts.ordered.removeFound(place);
    parts.isChanging = false;
    return removed;
  }

  score(place: TableLocation): number | undefined {
    const member = this.parts.ordered.find(place, this.parts.key);
    return member === 0 ? undefined : this.parts.orderedMembers.score(member);
  }

  /** Number of entries before that of the member in `parts.key`; -1 if it is not there. */
  before(place: TableLocation): number {
    const { ordered, key, orderedSearch } = this.parts;
    const member = ordered.find(place, key);
    if (member === 0) return -1;
    ordered.seek(place, member);
    return orderedSearch.rank();
  }

  /** Number of entries with lower scores, or with scores up to this one. */
  beforeScore(place: TableLocation, score: number, isIncluded: boolean): number {
    const { ordered, orderedSearch } = this.parts;
    orderedSearch.seek(ordered.root(place), score, isIncluded ? Among.after : Among.before, 0, place.kind);
    return orderedSearch.rank();
  }

  /** The entry with `before` entries before it; the search is left there. */
  at(place: TableLocation, before: number): Ranked {
    const { ordered, orderedSearch, orderedMembers } = this.parts;
    orderedSearch.seekRank(ordered.root(place), before, this.count(place));
    const { member } = orderedSearch;
    return [orderedMembers.text(member, orderedMembers.textLength(member)), orderedSearch.score];
  }

  /** The entries with `from` to `to - 1` entries before them, in ascending or descending order. */
  entries(place: TableLocation, from: number, to: number, isDescending: boolean): Ranked[] {
    const { orderedMembers, orderedSearch, budget } = this.parts;
    const list: Ranked[] = [];
    this.walk(place, from, to, isDescending, (member, length) => {
      budget.chargeBytes(SCORE_BYTES);
      list.push([orderedMembers.text(member, length), orderedSearch.score]);
    });
    return list;
  }

  /** The same without scores; a loop of its own, since the ends of leaderboards are asked for most. */
  texts(place: TableLocation, from: number, to: number, isDescending: boolean): string[] {
    const { ordered, orderedSearch, orderedMembers, budget } = this.parts;
    const list: string[] = [];
    if (from >= to) return list;
    budget.charge((to - from) * ENTRY_STEPS);
    orderedSearch.seekRank(ordered.root(place), isDescending ? to - 1 : from, this.count(place));
    for (let left = to - from; ; left--) {
      const { member } = orderedSearch;
      const length = orderedMembers.textLength(member);
      budget.chargeBytes(ENTRY_BYTES + length);
      list.push(orderedMembers.text(member, length));
      if (left === 1) return list;
      if (isDescending) orderedSearch.previous();
      else orderedSearch.next();
    }
  }

  addJoined(
    sink: ByteSink,
    place: TableLocation,
    from: number,
    to: number,
    isDescending: boolean,
    after: string,
    between: string | undefined,
  ): void {
    const { ordered, orderedSearch, orderedMembers, budget } = this.parts;
    if (from >= to) return;
    budget.charge((to - from) * ENTRY_STEPS);
    orderedSearch.seekRank(ordered.root(place), isDescending ? to - 1 : from, this.count(place));
    for (let left = to - from; ; ) {
      const here = Math.min(left, orderedSearch.entriesLeft(isDescending));
      const step = isDescending ? -1 : 1;
      if (between === undefined) orderedMembers.addTexts(orderedSearch.memberWord, here, step, sink, after);
      else orderedMembers.addScored(orderedSearch, here, step, sink, between, after);
      left -= here;
      if (left === 0) return;
      orderedSearch.pass(here, isDescending);
    }
  }

  /** Adds all entries to a text, as a list of pairs. */
  addJson(place: TableLocation, sink: ByteSink): void {
    const { orderedMembers, orderedSearch, budget } = this.parts;
    let separator = '[[';
    this.walk(place, 0, this.count(place), false, (member, length) => {
      sink.addText(separator);
      sink.addText(jsonString(orderedMembers.text(member, length), budget));
      sink.addText(',');
      sink.addText(jsonNumber(orderedSearch.score));
      separator = '],[';
    });
    sink.addText(separator === '[[' ? '[]' : ']]');
  }

  /** Calls `visit` with the members of these entries. */
  private walk(
    place: TableLocation,
    from: number,
    to: number,
    isDescending: boolean,
    visit: (member: number, textLength: number) => void,
  ): void {
    const { ordered, orderedSearch, orderedMembers, budget } = this.parts;
    if (from >= to) return;
    orderedSearch.seekRank(ordered.root(place), isDescending ? to - 1 : from, this.count(place));
    for (let left = to - from; ; left--) {
      const { member } = orderedSearch;
      const length = orderedMembers.textLength(member);
      budget.charge(ENTRY_STEPS);
      budget.chargeBytes(ENTRY_BYTES + length);
      visit(member, length);
      if (left === 1) return;
      if (isDescending) orderedSearch.previous();
      else orderedSearch.next();
    }
  }
}
