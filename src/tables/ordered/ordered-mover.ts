// Moves members and nodes of ordered indexes to other places between calls, when the memory limit is lowered. All other chunks of objects:
// tables/table-mover.ts.

import type { Ref } from '../../arena/memory.js';
import type { BelowOutcome, EmptyingRegions } from '../../store/evacuation.js';
import type { Store } from '../../store/store.js';
import type { PartMover } from '../part-mover.js';
import { OWNER_WORD, SPREAD, type TableLayout } from '../table-layout.js';
import { INNER_CHILDREN, INNER_MEMBERS, leafMembers } from './ordered-layout.js';
import type { OrderedMembers } from './ordered-members.js';
import type { OrderedNodes } from './ordered-nodes.js';
import { Among, type OrderedSearch } from './ordered-search.js';

/** @perThread */
export class OrderedMover {
  private readonly words: Uint32Array;

  constructor(
    private readonly store: Store,
    private readonly layout: TableLayout,
    private readonly parts: PartMover,
    private readonly nodes: OrderedNodes,
    private readonly members: OrderedMembers,
    private readonly search: OrderedSearch,
  ) {
    this.words = store.arena.words;
  }

  /** Moves a member that the store's index has under that hash; whether it could. */
  moveMember(member: Ref, hash: number): boolean {
    const { words, search } = this;
    const owner = this.members.owner(member);
    const root = words[this.layout.spreadWord(owner) + SPREAD.first];
    search.seek(root, this.members.score(member), Among.member, member, this.layout.tableKind(owner));
    const to = this.parts.move(member, owner);
    if (to === 0) return false;
    this.store.index.relink(hash, member, to);
    const leaf = search.node[0] * 2;
    words[leaf + leafMembers(words[leaf + 1]) + search.slot[0]] = to;
    if (search.slot[0] > 0) return true;
    // The first entry of a leaf is also named where the way to it leaves the first children.
    let level = 1;
    while (level <= search.top && search.slot[level] === 0) level++;
    if (level <= search.top) words[search.node[level] * 2 + INNER_MEMBERS + search.slot[level]] = to;
    return true;
  }

  /** Moves the nodes of an index that are in regions to be emptied. */
  moveNodes(owner: number, emptying: EmptyingRegions): BelowOutcome {
    const root = this.layout.spreadWord(owner) + SPREAD.first;
    if (this.words[root] === 0) return 'moved';
    return this.#moveFrom(owner, root, this.nodes.level(this.words[root]), emptying);
  }

  /** The header has been moved, on which the hashes of the members depend. */
  changeOwner(to: number): void {
    const { words, search, members } = this;
    const { index } = this.store;
    const header = this.layout.spreadWord(to);
    const count = words[header + SPREAD.count];
    if (count > 0) search.seekRank(words[header + SPREAD.first], 0, count);
    for (let left = count; left > 0; left--) {
      const { member } = search;
      index.remove(members.hashOf(member), member);
      words[member * 2 + OWNER_WORD] = to;
      index.insert(members.hashOf(member), member);
      if (left > 1) search.next();
    }
  }

  /** The node to which that word refers, and those below it. A leaf that stays is not touched: there may be thousands. */
  #moveFrom(owner: number, word: number, level: number, emptying: EmptyingRegions): BelowOutcome {
    const { words } = this;
    const node = words[word] as Ref;
    if (emptying.has(node)) {
      const to = this.parts.move(node, owner);
      if (to === 0) return 'stays';
      words[word] = to;
      emptying.retire(node);
      if (emptying.isOver()) return 'more';
    }
    if (level === 0) return 'moved';
    const inner = words[word];
    for (let slot = 0; slot < this.nodes.count(inner); slot++) {
      const outcome = this.#moveFrom(owner, inner * 2 + INNER_CHILDREN + slot, level - 1, emptying);
      if (outcome !== 'moved') return outcome;
    }
    return 'moved';
  }
}
