// Ordered indexes of an object as scripts see them: an object with methods, `board:set("ann", 7)`. A handle dies with its call. What the methods
// do, and what they refuse: tables/ordered/ordered-view.ts.

import type { Direction, Ranked } from '../../../objects/types/object-type.js';
import { MethodError } from '../../../tables/call-errors.js';
import type { StoredIndex, StoredTable } from '../../../tables/table-store.js';
import { argument, argumentError, pushNil, typeName } from '../libraries/host-functions.js';
import { markList } from '../libraries/json-values.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { type LuaString, luaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { BOOLEAN, NIL, STRING, TYPE_MASK, TYPE_NUMBER } from '../vm/tags.js';
import { Userdata } from '../vm/userdata.js';
import { pushSlot } from '../vm/vm-calls.js';
import { activeCall } from './active-call.js';
import { keyText } from './field-key.js';

const { ltable, lobject } = fengari;
/** Steps of a method, in addition to those that the index charges. */
const METHOD_STEPS = 8;
/** Of an element of a list, and of one that is itself a list of member and score. */
const ELEMENT_STEPS = 4;
const ELEMENT_BYTES = 160;
const PAIR_STEPS = 12;
const PAIR_BYTES = 900;

type AnyMethod = (index: StoredIndex, ...args: unknown[]) => unknown;
type Method = (index: StoredIndex, ...args: never[]) => unknown;

/** By the name under which a script finds it. */
const METHODS: Readonly<Record<string, Method>> = {
  count: (index) => index.count,
  set: (index, member: string, score: number) => index.set(member, score),
  get: (index, member: string) => index.get(member),
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

const ORDERED_METHODS = Object.keys(METHODS);

const NATIVES: ReadonlyMap<string, Native> = new Map(
  Object.entries(METHODS).map(([name, method]) => [name, nativeOf(name, method)]),
);

function nativeOf(name: string, method: Method): Native {
  const isPair = PAIRS.includes(name);
  return (L) => {
    meter.charge(METHOD_STEPS);
    const self = argument(L, 1).value;
    if (!(self instanceof LuaOrderedIndex)) {
      argumentError(L, 1, name, `ordered index expected, got ${typeName(argument(L, 1))}; call it with a colon`);
    }
    const index = self.view(L);
    const first = plainValue(L, argument(L, 2));
    const second = plainValue(L, argument(L, 3));
    const third = plainValue(L, argument(L, 4));
    const fourth = plainValue(L, argument(L, 5));
    const fifth = plainValue(L, argument(L, 6));
    const result = attempt(L, () => (method as AnyMethod)(index, first, second, third, fourth, fifth));
    if (isPair && result !== undefined) return pushPair(L, result as Ranked);
    setResult(L, pushSlot(L), result);
    return 1;
  };
}

/** What the index refuses becomes an error that the script may catch. */
export function attempt<T>(L: LuaState, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MethodError) raise(L, error.message);
    throw error;
  }
}

/** What the tables of the cache check: a scalar, nothing, or an object of any kind, which they refuse. */
export function plainValue(L: LuaState, value: TValue): unknown {
  if (value.type === STRING) return keyText(L, value.value as LuaString);
  if ((value.type & TYPE_MASK) === TYPE_NUMBER || value.type === BOOLEAN) return value.value;
  return value.type === NIL ? undefined : {};
}

function pushPair(L: LuaState, [member, score]: Ranked): number {
  pushSlot(L).setsvalue(luaString(member));
  pushSlot(L).setfltvalue(score);
  return 2;
}

function setResult(L: LuaState, slot: TValue, result: unknown): void {
  if (typeof result === 'string') slot.setsvalue(luaString(result));
  else if (typeof result === 'number') slot.setfltvalue(result);
  else if (typeof result === 'boolean') slot.setbvalue(result);
  else if (Array.isArray(result)) slot.sethvalue(listOf(L, result));
  else slot.setnilvalue();
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

export class LuaOrderedIndex extends Userdata {
  readonly luaType = 'userdata';
  readonly #call = activeCall.number;

  constructor(private readonly target: StoredIndex) {
    super();
  }

  override get functionNames(): readonly string[] {
    return ORDERED_METHODS;
  }

  get metatable(): LuaTable | null {
    return null;
  }

  /** The index, while its call runs. */
  view(L: LuaState): StoredIndex {
    if (this.#call !== activeCall.number) raise(L, 'an ordered index of an earlier call was kept and used');
    return this.target;
  }

  override storedTable(L: LuaState): StoredTable | undefined {
    return attempt(L, () => this.view(L).toPlain());
  }

  index(L: LuaState, key: TValue, result: TValue): void {
    const name = key.type === STRING ? (key.value as LuaString).text : '';
    const native = NATIVES.get(name);
    if (native === undefined) {
      raise(L, `an ordered index has no method '${name.slice(0, 50)}'; it has ${ORDERED_METHODS.join(', ')}`);
    }
    result.setfvalue(native);
  }

  newIndex(L: LuaState): void {
    raise(L, 'an ordered index has no fields; use set(member, score) with a colon');
  }

  length(L: LuaState): number {
    return attempt(L, () => this.view(L).count);
  }

  next(L: LuaState): number {
    return pushNil(L);
  }

  pairs(L: LuaState): number {
    return raise(L, 'an ordered index has no list of fields; use ipairs over its range(1, -1)');
  }
}
