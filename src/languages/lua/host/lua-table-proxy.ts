// `self` and its nested tables as scripts see them: they behave like Lua's tables, but are stored in the cache. A handle is invalid after
// its call. The functions of `object` and `table`: libraries/.

import type { Key, Scalar } from '../../../objects/types/object-type.js';
import { ByteArrayView } from '../../../tables/bytes/byte-array-view.js';
import { OrderedView } from '../../../tables/ordered/ordered-view.js';
import type { Storable, StoredBytes, StoredIndex, StoredTable } from '../../../tables/table-store.js';
import { pushBoolean, pushNative, pushNil, pushValue } from '../libraries/host-functions.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { LuaString, luaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { BOOLEAN, NIL, STRING, TABLE, TYPE_MASK, TYPE_NUMBER, USERDATA } from '../vm/tags.js';
import { Userdata } from '../vm/userdata.js';
import { pushSlot } from '../vm/vm-calls.js';
import { activeCall } from './active-call.js';
import { fieldKey, keyText } from './field-key.js';
import { LuaByteArray } from './lua-byte-array.js';
import { LuaOrderedIndex } from './lua-ordered-index.js';
import { refuseToStore, snapshotOf } from './snapshot.js';

const { ltable, lobject } = fengari;
/** Bytes that V8 allocates for a handle and the table view that it refers to. */
const HANDLE_BYTES = 300;
/** Shorter texts are copied within preallocated memory. */
const FREE_STORED_BYTES = 16 * 1024;
/** Steps of a write and of finding the length, in addition to those that the tables of the cache charge. */
const WRITE_STEPS = 4;
const LENGTH_STEPS = 1;
/** Bytes and steps of starting a walk over a table. */
const WALK_BYTES = 800;
const WALK_STEPS = 80;

export class LuaTableProxy extends Userdata {
  readonly luaType = 'table';
  readonly #call = activeCall.number;

  constructor(private readonly target: StoredTable) {
    super();
  }

  get metatable(): LuaTable {
    return METATABLE;
  }

  /** The table, while its call runs. */
  table(L: LuaState): StoredTable {
    if (this.#call !== activeCall.number) raise(L, 'a table of an earlier call was kept and used');
    return this.target;
  }

  /** The table, if its call runs. */
  get ownTable(): StoredTable | undefined {
    return this.#call === activeCall.number ? this.target : undefined;
  }

  override storedTable(L: LuaState): StoredTable {
    return this.table(L);
  }

  same(other: LuaTableProxy): boolean {
    return this.#call === other.#call && this.target.same(other.target);
  }

  index(L: LuaState, key: TValue, result: TValue): void {
    const table = this.table(L);
    if (key.type === STRING) setValue(result, table.get(keyText(L, key.value as LuaString)));
    else if ((key.type & TYPE_MASK) === TYPE_NUMBER && !Number.isNaN(key.value)) {
      setValue(result, table.get(key.value as number));
    } else result.setnilvalue();
  }

  newIndex(L: LuaState, key: TValue, value: TValue): void {
    const table = this.table(L);
    meter.charge(WRITE_STEPS);
    const name = fieldKey(L, key);
    if (value.type === STRING) table.set(name, storedText(value.value as LuaString));
    else if (value.type === NIL) table.delete(name);
    else if ((value.type & TYPE_MASK) === TYPE_NUMBER) table.set(name, value.value as number);
    else table.set(name, storable(L, value, name));
  }

  /** A border in Lua's sense: the number of elements of a list. */
  length(L: LuaState): number {
    meter.charge(LENGTH_STEPS);
    return this.table(L).length;
  }

  next(L: LuaState, key: TValue): number {
    const table = this.table(L);
    const following = table.nextKey(key.type === NIL ? undefined : fieldKey(L, key));
    if (following === undefined) return pushNil(L);
    if (typeof following === 'number') pushSlot(L).setfltvalue(following);
    else pushSlot(L).setsvalue(luaString(following));
    setValue(pushSlot(L), table.get(following));
    return 2;
  }

  pairs(L: LuaState, self: TValue): number {
    const entries = this.table(L).entries();
    meter.chargeBytes(WALK_BYTES);
    meter.charge(WALK_STEPS);
    pushNative(L, (inner) => {
      this.table(inner);
      meter.charge(1);
      const step = entries.next();
      if (step.done) return pushNil(inner);
      setValue(pushSlot(inner), step.value[0]);
      setValue(pushSlot(inner), step.value[1] as Scalar | StoredTable);
      return 2;
    });
    pushValue(L, self);
    return 2 + pushNil(L);
  }
}

/** A value of Lua as the field can hold it. */
export function storable(L: LuaState, value: TValue, field: Key): Storable {
  if (value.type === STRING) return storedText(value.value as LuaString);
  if ((value.type & TYPE_MASK) === TYPE_NUMBER) return value.value as number;
  if (value.type === BOOLEAN) return value.value as boolean;
  if (value.type === TABLE || value.type === USERDATA) return snapshotOf(L, value, field);
  return refuseToStore(L, value, field);
}

/** A long text is copied before it is stored. */
function storedText(value: LuaString): string {
  const { text } = value;
  if (text.length > FREE_STORED_BYTES) meter.chargeBytes(text.length);
  return text;
}

/** Converts a value of the cache to a Lua value. */
export function setValue(slot: TValue, value: ReturnType<StoredTable['get']> | StoredIndex | StoredBytes): void {
  if (typeof value === 'string') slot.setsvalue(luaString(value));
  else if (typeof value === 'number') slot.setfltvalue(value);
  else if (value === undefined) slot.setnilvalue();
  else if (typeof value === 'boolean') slot.setbvalue(value);
  else {
    meter.chargeBytes(HANDLE_BYTES);
    slot.setuvalue(handleOf(value));
  }
}

function handleOf(value: object): Userdata {
  if (value instanceof OrderedView) return new LuaOrderedIndex(value);
  return value instanceof ByteArrayView ? new LuaByteArray(value) : new LuaTableProxy(value as StoredTable);
}

/** The metatable of all handles, for messages and ==; no script can reach it. */
const METATABLE: LuaTable = makeMetatable();

function makeMetatable(): LuaTable {
  const L = fengari.lstate.lua_newstate();
  const table = ltable.luaH_new(L);
  const field = (name: string, set: (value: TValue) => void) => {
    const value = new lobject.TValue(NIL, null);
    set(value);
    ltable.luaH_setfrom(L, table, new lobject.TValue(STRING, new LuaString(null, name)), value);
  };
  field('__name', (value) => value.setsvalue(new LuaString(null, 'table')));
  field('__eq', (value) =>
    value.setfvalue((inner) => {
      const [a, b] = [inner.stack[inner.ci.funcOff + 1], inner.stack[inner.ci.funcOff + 2]];
      return pushBoolean(
        inner,
        a?.value instanceof LuaTableProxy && b?.value instanceof LuaTableProxy && a.value.same(b.value),
      );
    }),
  );
  ltable.invalidateTMcache(table);
  return table;
}
