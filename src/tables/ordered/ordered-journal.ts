// The changes of ordered indexes as the journal of a call keeps them. Rolling them back: ordered-undo.ts.

import type { Journal } from '../journal.js';
import { NodeKind, OrderedKind } from '../journal-kinds.js';
import type { ObjectMemory } from '../object-memory.js';
import { SPREAD, type TableLayout } from '../table-layout.js';
import { INNER_MEMBERS, NODE_HEADER_BYTES, SCORE_BYTES_AT } from './ordered-layout.js';
import type { OrderedMembers } from './ordered-members.js';

/** Of the second word of a node. */
const HEAD_AT = 4;
const HEAD_BYTES = 4;

/** @perThread */
export class OrderedJournal {
  constructor(
    private readonly journal: Journal,
    private readonly layout: TableLayout,
    private readonly memory: ObjectMemory,
    private readonly members: OrderedMembers,
  ) {}

  // Entries of what was made take over what is loose. Those with a number return it, for the units by which the index grows.

  memberMade(member: number): number {
    const entry = this.journal.note(OrderedKind.memberMade, member, 0, 0);
    this.memory.looseCount = 0;
    return entry;
  }

  /** A member is to be unlinked. */
  removing(member: number, owner: number): number {
    return this.journal.note(OrderedKind.memberRemoved, member, owner, 0);
  }

  nodeMade(node: number, owner: number): number {
    const entry = this.journal.note(NodeKind.made, node, owner, 0);
    this.memory.looseCount = 0;
    return entry;
  }

  /** A node goes when the call commits. */
  nodeDropping(node: number, owner: number): number {
    return this.journal.note(NodeKind.dropped, node, owner, 0);
  }

  /** An entry is to be put into a leaf. */
  putting(leaf: number, index: number, member: number): void {
    this.journal.note(OrderedKind.entryPut, leaf, index, member);
  }

  /** An entry is to be taken out of a leaf. */
  taking(leaf: number, index: number, member: number): void {
    this.journal.note(OrderedKind.entryTaken, leaf, index, member);
  }

  /** The number of entries below a child is to change. Nothing may be called before it has. */
  counting(inner: number, slot: number, change: number): void {
    this.journal.note(OrderedKind.counted, inner, slot, change);
  }

  // Bytes as they are now.

  saveHead(node: number): void {
    this.journal.saveRange(node, HEAD_AT, HEAD_BYTES);
  }

  saveNode(node: number): void {
    this.journal.saveRange(node, HEAD_AT, this.layout.units(node) * 8 - HEAD_AT);
  }

  saveScore(leaf: number, index: number): void {
    this.journal.saveRange(leaf, NODE_HEADER_BYTES + index * 8, 8);
  }

  saveFirst(inner: number, slot: number): void {
    this.journal.saveRange(inner, NODE_HEADER_BYTES + slot * 8, 8);
    this.journal.saveRange(inner, (INNER_MEMBERS + slot) * 4, 4);
  }

  saveRoot(owner: number): void {
    this.journal.saveRange(owner, (this.layout.spreadWord(owner) + SPREAD.first - owner * 2) * 4, 4);
  }

  /** A member's score and its number of arrival. */
  saveMember(member: number): void {
    this.journal.saveRange(member, SCORE_BYTES_AT, this.members.changingBytes(member));
  }
}
