// The methods of ordered indexes in scripts. What they do, and what they refuse: tables/ordered/ordered-view.ts.

import type { Direction, Ranked, Scalar } from '../../../objects/types/object-type.js';
import type { StoredIndex } from '../../../tables/table-store.js';
import { pushNil } from '../libraries/host-functions.js';
import { markList } from '../libraries/json-values.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable } from '../vm/fengari-types.js';
import { luaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { NIL } from '../vm/tags.js';
import { pushSlot } from '../vm/vm-calls.js';
import { attempt, LuaSpecial, nativesOf, pushScalar, type SpecialKind, type SpecialMethod } from './lua-special.js';

const { ltable, lobject } = fengari;
/** Steps of an element of a list, and of one that is itself a list of member and score. */
const ELEMENT_STEPS = 4;
const ELEMENT_BYTES = 160;
const PAIR_STEPS = 12;
const PAIR_BYTES = 900;

/** By the name under which a script finds it. */
const METHODS: Readonly<Record<string, SpecialMethod<StoredIndex>>> = {
  count: (index) => index.count,
  set: (index, member: string, score: number) => index.set(member, score),
  get: (index, member: string) => index.get(member),
  highest: (index, members: string, between: string) => index.highest(members, between),
  delete: (index, member: string) => index.delete(member),
  rank: (index, member: string, direction?: Direction) => index.rank(member, direction),
  at: (index, rank: number, direction?: Direction) => index.at(rank, direction),
  range: (index, from: number, to: number, direction?: Direction) => index.range(from, to, direction),
  members: (index, from: number, to: number, direction?: Direction) => index.members(from, to, direction),
  join: (index, from: number, to: number, direction: Direction, after: string, between?: string) =>
    index.join(from, to, direction, after, between),
  between: (index, lowest: number, highest: number, direction?: Direction, limit?: number) =>
    index.between(lowest, highest, direction, limit),
  countBetween: (index, lowest: number, highest: number) => index.countBetween(lowest, highest),
  first: (index) => index.first(),
  last: (index) => index.last(),
  popFirst: (index) => index.popFirst(),
  popLast: (index) => index.popLast(),
};

/** Methods that give one member and its score, as two values. */
const PAIRS = ['at', 'first', 'last', 'popFirst', 'popLast'];

const NOUN = 'ordered index';

const KIND: SpecialKind = {
  noun: NOUN,
  natives: nativesOf(
    NOUN,
    METHODS,
    (L, value) => (value instanceof LuaOrderedIndex ? value.view(L) : undefined),
    (name) => (PAIRS.includes(name) ? pushPair : pushResult),
  ),
  setAdvice: 'use set(member, score) with a colon',
  listAdvice: 'use ipairs over its range(1, -1)',
};

function pushPair(L: LuaState, result: unknown): number {
  if (result === undefined) return pushNil(L);
  const [member, score] = result as Ranked;
  pushSlot(L).setsvalue(luaString(member));
  pushSlot(L).setfltvalue(score);
  return 2;
}

function pushResult(L: LuaState, result: unknown): number {
  if (result === undefined) return pushNil(L);
  if (!Array.isArray(result)) return pushScalar(L, result as Scalar);
  pushSlot(L).sethvalue(listOf(L, result));
  return 1;
}

/** A list of members, or of lists of a member and its score. */
function listOf(L: LuaState, elements: readonly unknown[]): LuaTable {
  const isOfPairs = Array.isArray(elements[0]);
  meter.charge(elements.length * (isOfPairs ? PAIR_STEPS : ELEMENT_STEPS));
  meter.chargeBytes(elements.length * (isOfPairs ? PAIR_BYTES : ELEMENT_BYTES));
  const table = ltable.luaH_new(L);
  if (elements.length === 0) markList(table);
  const slot = new lobject.TValue(NIL, null);
  for (let index = 0; index < elements.length; index++) {
    const element = elements[index];
    if (Array.isArray(element)) slot.sethvalue(pairTable(L, element as Ranked));
    else slot.setsvalue(luaString(element as string));
    ltable.luaH_setint(table, index + 1, slot);
  }
  return table;
}

function pairTable(L: LuaState, [member, score]: Ranked): LuaTable {
  const table = ltable.luaH_new(L);
  const slot = new lobject.TValue(NIL, null);
  slot.setsvalue(luaString(member));
  ltable.luaH_setint(table, 1, slot);
  slot.setfltvalue(score);
  ltable.luaH_setint(table, 2, slot);
  return table;
}

export class LuaOrderedIndex extends LuaSpecial<StoredIndex> {
  constructor(protected readonly target: StoredIndex) {
    super();
  }

  protected get kind(): SpecialKind {
    return KIND;
  }

  length(L: LuaState): number {
    return attempt(L, () => this.view(L).count);
  }
}
