// Copies whole tables, Lua's or the cache's, that are stored in a field of an object. Depth is bounded, so that a
// table that contains itself is refused. Results for clients: libraries/json.ts.

import type { Key, Scalar } from '../../../objects/types/object-type.js';
import { ByteArrayView } from '../../../tables/bytes/byte-array-view.js';
import { OrderedView } from '../../../tables/ordered/ordered-view.js';
import { MAX_DEPTH, PlainTable } from '../../../tables/plain-table.js';
import type { StoredTable } from '../../../tables/table-store.js';
import { typeName } from '../libraries/host-functions.js';
import { isJsonNull, isMarkedList } from '../libraries/json-values.js';
import type { LuaState, LuaTable, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import type { LuaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { BOOLEAN, NIL, STRING, TABLE, TYPE_MASK, TYPE_NUMBER, USERDATA } from '../vm/tags.js';
import type { Userdata } from '../vm/userdata.js';
import { fieldKey } from './field-key.js';
import { attempt } from './lua-special.js';

/** Bytes that V8 allocates for a field of a copy, as in tables/plain-table.ts. */
const FIELD_BYTES = 60;
/** Longer names of fields are cut in messages. */
const MOST_SHOWN = 100;

/** The fields that lead to the table that is being copied, for messages: names are joined only when one is shown. */
const path: Key[] = [];

/** A copy of a table value, for the field that messages name if there is one. */
export function snapshotOf(L: LuaState, value: TValue, field?: Key): PlainTable {
  path.length = 0;
  if (field !== undefined) path.push(field);
  return copied(L, value, 0);
}

function copied(L: LuaState, value: TValue, depth: number): PlainTable {
  if (depth > MAX_DEPTH) raise(L, 'table is nested too deep');
  if (value.type === USERDATA) {
    const stored = (value.value as Userdata).storedTable(L);
    return stored === undefined ? refuse(L, value, pathText()) : snapshotOfStored(L, stored, depth);
  }
  const table = value.value as LuaTable;
  const snapshot = new PlainTable(isMarkedList(table));
  for (const { key, value: field } of table.strong.values()) {
    meter.charge(1);
    meter.chargeBytes(FIELD_BYTES);
    if (field.type === NIL) continue;
    const name = fieldKey(L, key);
    snapshot.fields.push([name, fieldValue(L, field, name, depth)]);
  }
  return snapshot;
}

function fieldValue(L: LuaState, value: TValue, name: Key, depth: number): Scalar | PlainTable {
  if (value.type === STRING) return (value.value as LuaString).text;
  if ((value.type & TYPE_MASK) === TYPE_NUMBER) return value.value as number;
  if (value.type === BOOLEAN) return value.value as boolean;
  path.push(name);
  if (value.type !== TABLE && value.type !== USERDATA) refuse(L, value, pathText());
  const copy = copied(L, value, depth + 1);
  path.pop();
  return copy;
}

/** Raises the error for a value that no field can hold. */
export function refuseToStore(L: LuaState, value: TValue, field: Key): never {
  return refuse(L, value, String(field).slice(0, MOST_SHOWN));
}

function refuse(L: LuaState, value: TValue, field: string): never {
  if (field === '') raise(L, `cannot store a ${typeName(value)}`);
  if (isJsonNull(value)) raise(L, `field '${field}' cannot hold null; leave it out or set it to nil`);
  return raise(L, `field '${field}' cannot hold a ${typeName(value)}`);
}

function pathText(): string {
  return path
    .map((field) => String(field).slice(0, MOST_SHOWN))
    .join('.')
    .slice(0, MOST_SHOWN);
}

function snapshotOfStored(L: LuaState, table: StoredTable, depth: number): PlainTable {
  if (depth > MAX_DEPTH) raise(L, 'table is nested too deep');
  if (table instanceof OrderedView || table instanceof ByteArrayView) return attempt(L, () => table.toPlain());
  const snapshot = new PlainTable(table.isList);
  for (const [key, value] of table.entries()) {
    meter.charge(1);
    meter.chargeBytes(FIELD_BYTES);
    snapshot.fields.push([
      key,
      typeof value === 'object' ? snapshotOfStored(L, value as StoredTable, depth + 1) : value,
    ]);
  }
  return snapshot;
}

/** Adds the snapshot's fields. */
export function fillTable(table: StoredTable, snapshot: PlainTable): void {
  for (const [key, value] of snapshot.fields) table.set(key, value as Scalar);
}
