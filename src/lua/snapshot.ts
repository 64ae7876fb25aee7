// Copies of whole tables, Lua's or the cache's, on their way into a field of an object. Depth is bounded, so that a
// table that contains itself is refused. Not for results to clients, which json.ts writes.

import type { RawTable } from '../objects/loaded-type.js';
import type { Key, Scalar, Table } from '../objects/object-type.js';
import type { LuaState, LuaTable, TValue } from './fengari-types.js';
import { raise } from './lua-error.js';
import type { LuaString } from './lua-string.js';
import { meter } from './meter.js';
import { typeName } from './native.js';
import { fieldKey, TableHandle } from './table-handle.js';
import { BOOLEAN, NIL, STRING, TABLE, TYPE_MASK, TYPE_NUMBER, USERDATA } from './tags.js';

/** Nested deeper is refused. */
export const DEEPEST_TABLE = 32;
const FIELD_BYTES = 60;

export type Snapshot = Map<Key, Scalar | Snapshot>;

/** A copy of a table value. */
export function snapshotOf(L: LuaState, value: TValue, depth = 0): Snapshot {
  if (depth > DEEPEST_TABLE) raise(L, 'table is nested too deep');
  if (value.type === USERDATA) {
    if (!(value.value instanceof TableHandle)) return raise(L, `cannot store a ${typeName(value)}`);
    return snapshotOfStored(L, value.value.table(L), depth);
  }
  const snapshot: Snapshot = new Map();
  for (const { key, value: field } of (value.value as LuaTable).strong.values()) {
    meter.charge(1);
    meter.chargeBytes(FIELD_BYTES);
    if (field.type !== NIL) snapshot.set(fieldKey(L, key), fieldValue(L, field, depth));
  }
  return snapshot;
}

function fieldValue(L: LuaState, value: TValue, depth: number): Scalar | Snapshot {
  if (value.type === STRING) return (value.value as LuaString).text;
  if ((value.type & TYPE_MASK) === TYPE_NUMBER) return value.value as number;
  if (value.type === BOOLEAN) return value.value as boolean;
  if (value.type === TABLE || value.type === USERDATA) return snapshotOf(L, value, depth + 1);
  return raise(L, `cannot store a ${typeName(value)}`);
}

function snapshotOfStored(L: LuaState, table: Table, depth: number): Snapshot {
  if (depth > DEEPEST_TABLE) raise(L, 'table is nested too deep');
  const snapshot: Snapshot = new Map();
  for (const [key, value] of table.entries()) {
    meter.charge(1);
    meter.chargeBytes(FIELD_BYTES);
    snapshot.set(key, typeof value === 'object' ? snapshotOfStored(L, value, depth + 1) : value);
  }
  return snapshot;
}

/** Makes the field a nested table with the snapshot's content. */
export function writeSnapshot(table: RawTable, key: Key, snapshot: Snapshot): void {
  table.set(key, {});
  fillTable(table.rawChild(key), snapshot);
}

/** Adds the snapshot's fields. */
export function fillTable(table: RawTable, snapshot: Snapshot): void {
  for (const [key, value] of snapshot) {
    if (value instanceof Map) writeSnapshot(table, key, value);
    else table.set(key, value);
  }
}
