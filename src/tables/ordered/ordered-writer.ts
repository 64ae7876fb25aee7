// Changes of ordered indexes: members and the tree of their entries together. Reading them: ordered-search.ts.

import type { Arena } from '../../arena/memory.js';
import type { Fields } from '../fields.js';
import type { ObjectMemory } from '../object-memory.js';
import type { TableLocation } from '../open-object.js';
import type { KeyBytes } from '../scalars.js';
import { SPREAD } from '../table-layout.js';
import type { TableStorage } from '../table-storage.js';
import type { OrderedChanges } from './ordered-changes.js';
import type { OrderedJournal } from './ordered-journal.js';
import { Ties } from './ordered-layout.js';
import type { OrderedMembers } from './ordered-members.js';
import { Among, type OrderedSearch } from './ordered-search.js';

/** @perThread */
export class OrderedWriter {
  private readonly words: Uint32Array;

  constructor(
    arena: Arena,
    private readonly fields: Fields,
    private readonly memory: ObjectMemory,
    private readonly containers: TableStorage,
    private readonly journal: OrderedJournal,
    private readonly members: OrderedMembers,
    private readonly search: OrderedSearch,
    private readonly changes: OrderedChanges,
  ) {
    this.words = arena.words;
  }

  /** The root of the tree; 0 without members. */
  root(place: TableLocation): number {
    return this.words[place.header + SPREAD.first];
  }

  /** The member with that text, or 0. */
  find(place: TableLocation, key: KeyBytes): number {
    return this.fields.find(place.owner, key, this.fields.hash(place.owner, key));
  }

  /** Sets a member's score; whether the member is new. */
  set(place: TableLocation, key: KeyBytes, score: number): boolean {
    const hash = this.fields.hash(place.owner, key);
    const member = this.fields.find(place.owner, key, hash);
    if (member === 0) this.#add(place, key, score, hash);
    else if (this.members.score(member) !== score) this.#move(place, member, score);
    return member === 0;
  }

  /** Whether there was such a member. */
  delete(place: TableLocation, key: KeyBytes): boolean {
    const member = this.find(place, key);
    if (member === 0) return false;
    this.seek(place, member);
    this.removeFound(place);
    return true;
  }

  /** Removes the member that the search has found. */
  removeFound(place: TableLocation): void {
    const { members, journal } = this;
    const { owner, header } = place;
    const { member } = this.search;
    place.object.isWritten = true;
    this.changes.remove(owner);
    const units = members.units(member);
    const hash = members.hashOf(member);
    const entry = journal.removing(member, owner);
    members.unlink(member, header, hash);
    this.containers.addUnits(entry, owner, -units);
  }

  /** Goes to a member's entry. */
  seek(place: TableLocation, member: number): void {
    this.search.seek(this.root(place), this.members.score(member), Among.member, member, place.kind);
  }

  #add(place: TableLocation, key: KeyBytes, score: number, hash: number): void {
    const { members, journal } = this;
    const { owner, header, kind: ties } = place;
    place.object.isWritten = true;
    const member = members.make(key, score, ties);
    const entry = journal.memberMade(member);
    if (ties === Ties.arrival) members.arrive(member, header);
    members.link(member, owner, header, hash);
    this.containers.addUnits(entry, owner, members.units(member));
    this.changes.insert(owner, member, score, ties);
    this.memory.growIndex();
  }

  #move(place: TableLocation, member: number, score: number): void {
    const { members, changes } = this;
    const { owner, header, kind: ties } = place;
    place.object.isWritten = true;
    this.seek(place, member);
    const stays = changes.adjust(score, ties);
    if (!stays) changes.remove(owner);
    this.journal.saveMember(member);
    members.setScore(member, score);
    if (ties === Ties.arrival) members.arrive(member, header);
    if (!stays) changes.insert(owner, member, score, ties);
  }
}
