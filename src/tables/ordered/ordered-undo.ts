// Ends what the journal has noted of ordered indexes, and of parts of byte arrays: rolls a change back, or frees what it has unlinked. An entry is written before its change,
// so that the change may not have been made. Entries are undone in reverse order: each finds the nodes as its change has left them.

import type { Store } from '../../store/store.js';
import { NodeKind, OrderedKind, type OtherKinds } from '../journal-kinds.js';
import { OWNER_WORD, type TableLayout } from '../table-layout.js';
import { INNER_COUNTS } from './ordered-layout.js';
import type { OrderedMembers } from './ordered-members.js';
import type { OrderedNodes } from './ordered-nodes.js';

/** @perThread */
export class OrderedUndo implements OtherKinds {
  private readonly words: Uint32Array;

  constructor(
    private readonly store: Store,
    private readonly layout: TableLayout,
    private readonly nodes: OrderedNodes,
    private readonly members: OrderedMembers,
  ) {
    this.words = store.arena.words;
  }

  ownerOf(kind: number, a: number, b: number): number {
    return kind === OrderedKind.memberMade ? this.members.owner(a) : b;
  }

  end(kind: number, a: number): void {
    if (kind === OrderedKind.memberRemoved) this.members.release(a);
    else if (kind === NodeKind.dropped) this.store.allocator.release(a as never);
  }

  undo(kind: number, a: number, b: number, c: number): void {
    const { nodes, members } = this;
    switch (kind) {
      case OrderedKind.memberMade:
        this.#unlink(a);
        members.release(a);
        break;
      case OrderedKind.memberRemoved:
        if (members.owner(a) !== b) this.#relink(a, b);
        break;
      case OrderedKind.entryPut:
        if (b < nodes.count(a) && nodes.member(a, b) === c) nodes.takeEntry(a, b);
        break;
      case OrderedKind.entryTaken:
        if (b === nodes.count(a) || nodes.member(a, b) !== c) nodes.putEntry(a, b, members.score(c), c);
        break;
      case OrderedKind.counted: {
        const at = a * 2 + INNER_COUNTS + b;
        this.words[at] = this.words[at] - (c | 0);
        break;
      }
      case NodeKind.made:
        this.store.allocator.release(a as never);
    }
  }

  #unlink(member: number): void {
    const owner = this.members.owner(member);
    if (owner !== 0) this.members.unlink(member, this.layout.spreadWord(owner), this.members.hashOf(member));
  }

  #relink(member: number, owner: number): void {
    // The hash of a member depends on its header.
    this.words[member * 2 + OWNER_WORD] = owner;
    this.members.link(member, owner, this.layout.spreadWord(owner), this.members.hashOf(member));
  }
}
