// Lists of objects: what table.insert, table.remove and object.splice do with them, in one step of the cache rather than element by element. The
// rules: tables/lists.ts. Lists of Lua's own tables: library-table.ts.

import { MethodError } from '../../../tables/call-errors.js';
import type { Literal, Scalar } from '../../../tables/table.js';
import type { Storable, StoredTable } from '../../../tables/table-store.js';
import { TableView } from '../../../tables/table-view.js';
import { attempt } from '../host/lua-special.js';
import { LuaTableProxy, storable } from '../host/lua-table-proxy.js';
import type { LuaState, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { meter } from '../vm/meter.js';
import { NIL } from '../vm/tags.js';
import { pushSlot } from '../vm/vm-calls.js';
import { argument, argumentCount } from './host-functions.js';
import { setLiteral } from './json.js';

/** What a change, and an element that becomes a value of Lua, cost in addition to what the tables of the cache charge. */
const CHANGE_STEPS = 60;
const ELEMENT_STEPS = 4;
const ELEMENT_BYTES = 160;
/** What messages call the field of a value that has no position yet, as in tables/literals.ts. */
const ELEMENT = 'element';

/** The object's table, if it is one. Private copies of objects, which scripts in the original's style change, are none. */
export function storedList(L: LuaState, value: TValue): TableView | undefined {
  if (!(value.value instanceof LuaTableProxy)) return undefined;
  const table = value.value.table(L);
  return table instanceof TableView ? table : undefined;
}

/** Puts a value before the element at the position, or at the end. */
export function insertStored(L: LuaState, list: TableView, position: number, value: TValue): void {
  meter.charge(CHANGE_STEPS);
  const element = storable(L, value, ELEMENT);
  attempt(L, () => list.splice(position, 0, element));
}

/** Removes the element at the position, and pushes it. */
export function removeStored(L: LuaState, list: TableView, position: number): number {
  meter.charge(CHANGE_STEPS);
  const [removed] = attempt(L, () => list.splice(position, 1));
  return pushPlain(L, removed);
}

/** Removes elements, puts the further arguments in their place, and pushes a list of what was removed. */
export function spliceStored(L: LuaState, list: StoredTable, start: number, removed: number | undefined): number {
  meter.charge(CHANGE_STEPS);
  const values: Storable[] = [];
  for (let n = 4; n <= argumentCount(L); n++) {
    if (argument(L, n).type === NIL) raise(L, 'a list has no elements that are nil');
    values.push(storable(L, argument(L, n), ELEMENT));
  }
  return pushPlain(
    L,
    attempt(L, () => list.splice(start, removed, ...values)),
  );
}

function pushPlain(L: LuaState, value: Scalar | Literal | undefined): number {
  if (Array.isArray(value)) {
    meter.charge(value.length * ELEMENT_STEPS);
    meter.chargeBytes(value.length * ELEMENT_BYTES);
  }
  if (!setLiteral(L, pushSlot(L), value)) throw new MethodError('the element is nested too deep');
  return 1;
}
