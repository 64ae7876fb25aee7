// Puts entries into the tree of an ordered index and takes them out: a B+ tree whose inner nodes know how many entries are below each child.
// Every step is journaled before it is made. Finding the place of an entry: ordered-search.ts.
//
// A full node is split before an entry comes in: in the middle, or at the end where entries arrive in their order, so that nodes stay full. A
// node that is at most half full joins a neighbour where both fill at most three quarters of a node.

import type { Arena } from '../../arena/memory.js';
import type { Fields } from '../fields.js';
import { SPREAD, type TableLayout } from '../table-layout.js';
import type { TableStorage } from '../table-storage.js';
import type { OrderedJournal } from './ordered-journal.js';
import {
  capacityOf,
  FIRST_LEAF_CAPACITY,
  INNER_CAPACITY,
  INNER_COUNTS,
  LEAF_CAPACITY,
  NODE_COUNT_MASK,
  nodeBodyBytes,
  nodeHead,
  Ties,
} from './ordered-layout.js';
import type { OrderedNodes } from './ordered-nodes.js';
import { Among, type OrderedSearch } from './ordered-search.js';

/** @perThread */
export class OrderedChanges {
  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly layout: TableLayout;

  constructor(
    arena: Arena,
    private readonly fields: Fields,
    private readonly containers: TableStorage,
    private readonly journal: OrderedJournal,
    private readonly nodes: OrderedNodes,
    private readonly search: OrderedSearch,
  ) {
    this.words = arena.words;
    this.doubles = arena.doubles;
    this.layout = fields.layout;
  }

  /** Puts a member into the tree; one that has arrived comes after all of its score. */
  insert(owner: number, member: number, score: number, ties: number): void {
    const { search } = this;
    const root = this.#root(owner);
    if (root === 0) this.#setRoot(owner, this.#makeNode(owner, 0, FIRST_LEAF_CAPACITY));
    search.seek(this.#root(owner), score, ties === Ties.arrival ? Among.after : Among.member, member, ties);
    this.#makeRoom(owner, 0);
    this.journal.putting(search.node[0], search.slot[0], member);
    this.nodes.putEntry(search.node[0], search.slot[0], score, member);
    this.#count(1);
  }

  /** Takes out the entry that the search has found. */
  remove(owner: number): void {
    const { search } = this;
    const leaf = search.node[0];
    const index = search.slot[0];
    this.journal.taking(leaf, index, search.member);
    this.nodes.takeEntry(leaf, index);
    this.#count(-1);
    if (index === 0) this.#renewFirst(0);
    this.#shrink(owner, 0);
  }

  /** Sets the score of the entry that the search has found, where it stays between its neighbours; else returns false. */
  adjust(score: number, ties: number): boolean {
    const leaf = this.search.node[0];
    const index = this.search.slot[0];
    if (index === 0 || index + 1 >= this.nodes.count(leaf)) return false;
    const at = leaf + 1 + index;
    const before = this.doubles[at - 1];
    const isBetween = (ties === Ties.arrival ? before <= score : before < score) && score < this.doubles[at + 1];
    if (!isBetween) return false;
    this.journal.saveScore(leaf, index);
    this.doubles[at] = score;
    return true;
  }

  #root(owner: number): number {
    return this.words[this.layout.spreadWord(owner) + SPREAD.first];
  }

  #setRoot(owner: number, node: number): void {
    this.journal.saveRoot(owner);
    this.words[this.layout.spreadWord(owner) + SPREAD.first] = node;
  }

  /** Adds to the numbers of entries on the way to the entry found. */
  #count(change: number): void {
    const { search, words } = this;
    for (let level = search.top; level > 0; level--) {
      const at = search.node[level] * 2 + INNER_COUNTS + search.slot[level];
      this.journal.counting(search.node[level], search.slot[level], change);
      words[at] = words[at] + change;
    }
  }

  #makeRoom(owner: number, level: number): void {
    const { search } = this;
    const head = this.words[search.node[level] * 2 + 1];
    if ((head & NODE_COUNT_MASK) < capacityOf(head)) return;
    if (level === 0 && capacityOf(head) < LEAF_CAPACITY) {
      this.#enlarge(owner, search.node[0], capacityOf(head) * 2);
      return;
    }
    if (level === search.top) this.#addRoot(owner);
    else this.#makeRoom(owner, level + 1);
    this.#split(owner, level, capacityOf(head));
  }

  /** Puts a larger leaf in the place of the only one. */
  #enlarge(owner: number, leaf: number, capacity: number): void {
    const larger = this.#makeNode(owner, 0, capacity);
    this.journal.saveHead(leaf);
    this.nodes.moveEntries(leaf, 0, larger);
    this.#setRoot(owner, larger);
    this.#dropNode(owner, leaf);
    this.search.node[0] = larger;
  }

  #addRoot(owner: number): void {
    const { search, nodes } = this;
    const old = this.#root(owner);
    const root = this.#makeNode(owner, search.top + 1, INNER_CAPACITY);
    nodes.putChild(root, 0, 0, 0, old, nodes.entries(old));
    this.#setRoot(owner, root);
    search.top++;
    search.node[search.top] = root;
    search.slot[search.top] = 0;
  }

  /** Splits a full node, whose parent has room, and keeps the way to the place found. */
  #split(owner: number, level: number, capacity: number): void {
    const { search, nodes } = this;
    const node = search.node[level];
    const parent = search.node[level + 1];
    const slot = search.slot[level + 1];
    const at = search.slot[level];
    const from = this.#splitPoint(level, capacity);
    const right = this.#makeNode(owner, level, capacity);
    // All of it: what comes in later overwrites entries that have gone to the right half.
    this.journal.saveNode(node);
    this.journal.saveNode(parent);
    if (level === 0) nodes.moveEntries(node, from, right);
    else nodes.moveChildren(node, from, right);
    const moved = nodes.entries(right);
    const first = level === 0 ? nodes.member(right, 0) : nodes.firstMember(right, 0);
    nodes.putChild(parent, slot + 1, nodes.score(right, 0), first, right, moved);
    nodes.setEntries(parent, slot, nodes.entriesOf(parent, slot) - moved);
    // An entry between both halves becomes the last of the left one, so that what is first in the right one stays so.
    if (level === 0 ? at <= from : at < from) return;
    search.node[level] = right;
    search.slot[level] = at - from;
    search.slot[level + 1] = slot + 1;
  }

  /** The first entry or child that goes to the right half. */
  #splitPoint(level: number, capacity: number): number {
    const { search, nodes } = this;
    const at = search.slot[level];
    let isLast = at + (level === 0 ? 0 : 1) === capacity;
    let isFirst = at === 0;
    for (let above = level + 1; above <= search.top; above++) {
      isLast &&= search.slot[above] + 1 === nodes.count(search.node[above]);
      isFirst &&= search.slot[above] === 0;
    }
    return isLast ? capacity - 1 : isFirst && level === 0 ? 1 : capacity >>> 1;
  }

  /** The first entry below the node on the way has become another: says so where its first entry is kept. */
  #renewFirst(level: number): void {
    const { search, nodes } = this;
    const node = search.node[level];
    if (nodes.count(node) === 0) return;
    let above = level + 1;
    while (above <= search.top && search.slot[above] === 0) above++;
    if (above > search.top) return;
    this.journal.saveFirst(search.node[above], search.slot[above]);
    const member = level === 0 ? nodes.member(node, 0) : nodes.firstMember(node, 0);
    nodes.setFirst(search.node[above], search.slot[above], nodes.score(node, 0), member);
  }

  #shrink(owner: number, level: number): void {
    const { search, nodes } = this;
    if (level === search.top) {
      this.#lowerRoot(owner);
      return;
    }
    const node = search.node[level];
    const parent = search.node[level + 1];
    const slot = search.slot[level + 1];
    const count = nodes.count(node);
    const capacity = capacityOf(this.words[node * 2 + 1]);
    if (count > capacity >>> 1) return;
    const most = (capacity >>> 2) * 3;
    const hasRight = slot + 1 < nodes.count(parent);
    if (count === 0) this.#dropEmpty(owner, level);
    else if (hasRight && count + nodes.count(nodes.child(parent, slot + 1)) <= most) {
      this.#merge(owner, level, slot, node, nodes.child(parent, slot + 1));
    } else if (slot > 0 && count + nodes.count(nodes.child(parent, slot - 1)) <= most) {
      this.#merge(owner, level, slot - 1, nodes.child(parent, slot - 1), node);
    } else return;
    this.#shrink(owner, level + 1);
  }

  #dropEmpty(owner: number, level: number): void {
    const { search } = this;
    const parent = search.node[level + 1];
    const slot = search.slot[level + 1];
    this.journal.saveNode(parent);
    this.nodes.takeChild(parent, slot);
    this.#dropNode(owner, search.node[level]);
    if (slot === 0) this.#renewFirst(level + 1);
  }

  /** Moves all of a node to its left neighbour, the child at `slot` of their parent. */
  #merge(owner: number, level: number, slot: number, left: number, right: number): void {
    const { nodes } = this;
    const parent = this.search.node[level + 1];
    this.journal.saveHead(left);
    this.journal.saveHead(right);
    this.journal.saveNode(parent);
    if (level === 0) {
      nodes.moveEntries(right, 0, left);
    } else {
      nodes.setFirst(right, 0, nodes.score(parent, slot + 1), nodes.firstMember(parent, slot + 1));
      nodes.moveChildren(right, 0, left);
    }
    nodes.setEntries(parent, slot, nodes.entriesOf(parent, slot) + nodes.entriesOf(parent, slot + 1));
    nodes.takeChild(parent, slot + 1);
    this.#dropNode(owner, right);
  }

  /** A root without entries goes, and one with a single child gives its place to the child. */
  #lowerRoot(owner: number): void {
    const { nodes } = this;
    for (let root = this.#root(owner); ; root = this.#root(owner)) {
      const isLeaf = nodes.level(root) === 0;
      if (nodes.count(root) > (isLeaf ? 0 : 1)) return;
      this.#setRoot(owner, isLeaf ? 0 : nodes.child(root, 0));
      this.#dropNode(owner, root);
      if (isLeaf) return;
    }
  }

  #makeNode(owner: number, level: number, capacity: number): number {
    const node = this.fields.makeBlock(nodeBodyBytes(level, capacity));
    const entry = this.journal.nodeMade(node, owner);
    this.words[node * 2 + 1] = nodeHead(level, capacity, 0);
    this.containers.addUnits(entry, owner, this.layout.units(node));
    return node;
  }

  /** A node is freed when the call commits. */
  #dropNode(owner: number, node: number): void {
    this.containers.addUnits(this.journal.nodeDropping(node, owner), owner, -this.layout.units(node));
  }
}
