// Walks the tree of an ordered index and throws on the first broken invariant: order, numbers of entries, sizes of nodes, references to members.

import { ChunkKind, kindOf, slackOf } from '../../src/arena/chunk.js';
import { assert } from '../../src/base/assert.js';
import type { Store } from '../../src/store/store.js';
import { capacityOf, INNER_CAPACITY, LEAF_CAPACITY, Ties } from '../../src/tables/ordered/ordered-layout.js';
import { OrderedNodes } from '../../src/tables/ordered/ordered-nodes.js';
import { OWNER_WORD, SPREAD, TableLayout, Tag } from '../../src/tables/table-layout.js';

interface Below {
  readonly units: number;
  readonly entries: number;
  /** The first entry: its score and its member. */
  readonly score: number;
  readonly member: number;
}

export class OrderedChecker {
  private readonly words: Uint32Array;
  private readonly layout: TableLayout;
  private readonly nodes: OrderedNodes;
  /** The last entry that was passed. */
  #score = 0;
  #member = 0;

  constructor(
    private readonly store: Store,
    private readonly reach: (chunk: number) => void,
    private readonly fields: Set<number>,
  ) {
    this.words = store.arena.words;
    this.layout = new TableLayout(store.arena, store.items);
    this.nodes = new OrderedNodes(store.arena);
  }

  /** Checks an index that is in use; returns the units of all below it. */
  check(owner: number): number {
    const header = this.layout.spreadWord(owner);
    const root = this.words[header + SPREAD.first];
    this.#member = 0;
    const { units, entries } =
      root === 0 ? { units: 0, entries: 0 } : this.#node(owner, root, this.nodes.level(root), true);
    assert(root === 0 || entries > 0, 'an index without members has no nodes');
    assert(this.words[header + SPREAD.count] === entries, 'members are counted');
    assert(this.words[header + SPREAD.units] === units, 'units below an index are counted');
    return units;
  }

  /** Reaches what is left of an index that is being freed. */
  checkCondemned(owner: number): void {
    const root = this.words[this.layout.spreadWord(owner) + SPREAD.first];
    if (root !== 0) this.#rest(owner, root);
  }

  #rest(owner: number, node: number): void {
    this.reach(node);
    for (let index = 0; index < this.nodes.count(node); index++) {
      if (this.nodes.level(node) > 0) this.#rest(owner, this.nodes.child(node, index));
      else this.#reachMember(owner, this.nodes.member(node, index));
    }
  }

  #node(owner: number, node: number, level: number, isRoot: boolean): Below {
    this.reach(node);
    const head = this.words[node * 2 + 1];
    const count = this.nodes.count(node);
    assert(kindOf(this.words[node * 2]) === ChunkKind.block, 'a node is a block');
    assert(this.nodes.level(node) === level, 'all leaves are on one level');
    assert(count > 0 && count <= capacityOf(head), 'a node has entries, and no more than it has room for');
    const capacity = level === 0 ? LEAF_CAPACITY : INNER_CAPACITY;
    assert(capacityOf(head) === capacity || (isRoot && level === 0), 'only a single leaf is small');
    assert(!isRoot || level === 0 || count > 1, 'a root has more than one child');
    return level === 0 ? this.#leaf(owner, node, count) : this.#inner(owner, node, level, count);
  }

  #leaf(owner: number, leaf: number, count: number): Below {
    let units = this.layout.units(leaf);
    for (let index = 0; index < count; index++) {
      const member = this.nodes.member(leaf, index);
      const score = this.nodes.score(leaf, index);
      units += this.#reachMember(owner, member);
      assert(this.store.arena.view.getFloat64(member * 8 + 12, true) === score, 'an entry has the score of its member');
      this.#demandOrder(owner, score, member);
    }
    return { units, entries: count, score: this.nodes.score(leaf, 0), member: this.nodes.member(leaf, 0) };
  }

  #inner(owner: number, inner: number, level: number, count: number): Below {
    const { nodes } = this;
    let units = this.layout.units(inner);
    let entries = 0;
    let first: Below | undefined;
    for (let slot = 0; slot < count; slot++) {
      const below = this.#node(owner, nodes.child(inner, slot), level - 1, false);
      assert(nodes.entriesOf(inner, slot) === below.entries, 'a node knows how many entries are below each child');
      if (slot > 0) {
        assert(nodes.score(inner, slot) === below.score, 'a node knows the first score below a child');
        assert(nodes.firstMember(inner, slot) === below.member, 'a node knows the first member below a child');
      }
      first ??= below;
      units += below.units;
      entries += below.entries;
    }
    const { score, member } = first as Below;
    return { units, entries, score, member };
  }

  #reachMember(owner: number, member: number): number {
    const word = this.words[member * 2];
    assert(kindOf(word) === ChunkKind.field, 'a member is marked as a field');
    assert(this.words[member * 2 + OWNER_WORD] === owner, 'a member knows its header');
    assert(this.layout.valueTag(member) === Tag.no && this.layout.keyTag(member) === Tag.text, 'a member is a text');
    const bytes = this.layout.tableKind(owner) === Ties.arrival ? 6 : 0;
    assert(this.layout.valueRoom(member) - slackOf(word) === bytes, 'text and number of arrival fit the member');
    this.reach(member);
    this.fields.add(member);
    return this.layout.units(member);
  }

  #demandOrder(owner: number, score: number, member: number): void {
    const isFirst = this.#member === 0;
    const isRising = this.#score < score || (this.#score === score && this.#tie(owner, this.#member, member) < 0);
    assert(isFirst || isRising, 'entries are in their order');
    this.#score = score;
    this.#member = member;
  }

  #tie(owner: number, one: number, other: number): number {
    if (this.layout.tableKind(owner) === Ties.arrival) return this.#arrival(one) - this.#arrival(other);
    return Buffer.compare(this.#text(one), this.#text(other));
  }

  #arrival(member: number): number {
    const at = this.layout.valuePosition(member);
    const { view } = this.store.arena;
    return view.getUint32(at, true) + view.getUint16(at + 4, true) * 2 ** 32;
  }

  #text(member: number): Uint8Array {
    const at = this.layout.keyPosition(member);
    return this.store.arena.bytes.slice(at, at + this.layout.keyLength(member));
  }
}
