// Frees the members and nodes of an ordered index that is no longer used, a few at a time. When: tables/pending-free.ts.

import type { Store } from '../../store/store.js';
import { SPREAD } from '../table-layout.js';
import type { OrderedMembers } from './ordered-members.js';
import type { OrderedNodes } from './ordered-nodes.js';

/** @perThread */
export class OrderedFreeing {
  private readonly words: Uint32Array;

  constructor(
    private readonly store: Store,
    private readonly nodes: OrderedNodes,
    private readonly members: OrderedMembers,
  ) {
    this.words = store.arena.words;
  }

  /** Frees up to `members` members of the last leaf, or a node without entries; false if there are none. */
  freeSome(header: number, members: number): boolean {
    const { words, nodes } = this;
    const root = words[header + SPREAD.first];
    if (root === 0) return false;
    let parent = 0;
    let node = root;
    while (nodes.level(node) > 0 && nodes.count(node) > 0) {
      parent = node;
      node = nodes.child(node, nodes.count(node) - 1);
    }
    for (let freed = 0; freed < members && nodes.count(node) > 0; freed++) this.#freeLast(node);
    if (nodes.count(node) > 0) return true;
    if (parent === 0) words[header + SPREAD.first] = 0;
    else nodes.dropLast(parent);
    this.store.allocator.release(node as never);
    return true;
  }

  #freeLast(leaf: number): void {
    const { index } = this.store;
    const member = this.nodes.member(leaf, this.nodes.count(leaf) - 1);
    this.nodes.dropLast(leaf);
    // A flush may have dropped it.
    index.removeIfHeld(this.members.hashOf(member), member);
    this.members.release(member);
    index.shrinkIfSparse();
    index.shrinkIfSparse();
  }
}
