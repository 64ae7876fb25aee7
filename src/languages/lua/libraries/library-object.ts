// The `object` library: bulk operations that replace loops in scripts. Functions rather than methods, since
// any name after a colon could be a field. Single fields are read and written as in any table.

import type { Ties } from '../../../objects/types/object-type.js';
import type { StoredTable } from '../../../tables/table-store.js';
import { fieldKey } from '../host/field-key.js';
import { attempt, plainValue } from '../host/lua-special.js';
import { LuaTableProxy, setValue } from '../host/lua-table-proxy.js';
import type { LuaState, Native } from '../vm/fengari-types.js';
import { meter } from '../vm/meter.js';
import { NIL } from '../vm/tags.js';
import { pushSlot } from '../vm/vm-calls.js';
import {
  argument,
  argumentError,
  checkNumber,
  checkText,
  optionalText,
  pushBoolean,
  pushNumber,
  pushText,
  typeName,
} from './host-functions.js';
import { spliceStored } from './stored-lists.js';

/** Steps of finding a field, and of removing one, in addition to those that the tables of the cache charge. */
const LOOKUP_STEPS = 4;
const DELETE_STEPS = 20;
/** Of making an ordered index or a byte array. */
const MAKING_STEPS = 500;
/** Of removing all fields, in addition to those of their number. */
const CLEAR_STEPS = 600;
/** Freeing this many fields takes a step, as a power of 2. */
const CLEARED_PER_STEP_BITS = 3;

export function objectArgument(L: LuaState, n: number, name: string): StoredTable {
  const value = argument(L, n);
  if (!(value.value instanceof LuaTableProxy)) argumentError(L, n, name, `object expected, got ${typeName(value)}`);
  return value.value.table(L);
}

/** object.count(self): its number of fields, which is stored and not counted. */
const count: Native = (L) => pushNumber(L, objectArgument(L, 1, 'count').count);
count.ofValue = (object) => (object instanceof LuaTableProxy ? object.ownTable?.count : undefined);

const join: Native = (L) => {
  const object = objectArgument(L, 1, 'join');
  const what = checkText(L, 2, 'join');
  if (what !== 'keys' && what !== 'values' && what !== 'entries') {
    return argumentError(L, 2, 'join', "'keys', 'values' or 'entries' expected");
  }
  return pushText(L, object.join(what, optionalText(L, 3, 'join', ''), optionalText(L, 4, 'join', '')));
};

/** Opens something in a field of the table, and charges for it if the field is new. */
function making<Opened>(table: StoredTable, open: () => Opened): Opened {
  const { count } = table;
  const opened = open();
  if (table.count !== count) meter.charge(MAKING_STEPS);
  return opened;
}

export const OBJECT_FUNCTIONS: Readonly<Record<string, Native>> = {
  count,
  /** object.has(self, key) */
  has: (L) => {
    meter.charge(LOOKUP_STEPS);
    return pushBoolean(L, objectArgument(L, 1, 'has').has(fieldKey(L, argument(L, 2))));
  },
  /** object.delete(self, key): whether there was such a field. */
  delete: (L) => {
    meter.charge(DELETE_STEPS);
    return pushBoolean(L, objectArgument(L, 1, 'delete').delete(fieldKey(L, argument(L, 2))));
  },
  /** object.add(self, key, n): adds to a number, which is 0 if there is no such field; the sum. */
  add: (L) => {
    meter.charge(LOOKUP_STEPS);
    const key = fieldKey(L, argument(L, 2));
    const by = plainValue(L, argument(L, 3));
    const table = objectArgument(L, 1, 'add');
    const sum = attempt(L, () => table.add(key, by as number));
    return pushNumber(L, sum);
  },
  /** object.splice(list, start, removed, ...): removes elements and puts others in their place; a list of those removed. */
  splice: (L) => {
    const start = checkNumber(L, 2, 'splice');
    const removed = argument(L, 3).type === NIL ? undefined : checkNumber(L, 3, 'splice');
    return spliceStored(L, objectArgument(L, 1, 'splice'), start, removed);
  },
  /** object.clear(self): removes all fields. */
  clear: (L) => {
    const object = objectArgument(L, 1, 'clear');
    meter.charge(CLEAR_STEPS + (object.count >>> CLEARED_PER_STEP_BITS));
    object.clear();
    return 0;
  },
  /** object.ordered(self, key, ties): the ordered index at the key, made if there is none. `ties`: 'arrival' or 'bytes'. */
  ordered: (L) => {
    meter.charge(LOOKUP_STEPS);
    const key = fieldKey(L, argument(L, 2));
    const ties = argument(L, 3).type === NIL ? undefined : checkText(L, 3, 'ordered');
    const table = objectArgument(L, 1, 'ordered');
    const index = making(table, () => attempt(L, () => table.ordered(key, ties as Ties | undefined)));
    setValue(pushSlot(L), index);
    return 1;
  },
  /** object.bytes(self, key, length): the byte array at the key, made with that length if there is none. */
  bytes: (L) => {
    meter.charge(LOOKUP_STEPS);
    const key = fieldKey(L, argument(L, 2));
    const length = argument(L, 3).type === NIL ? undefined : checkNumber(L, 3, 'bytes');
    const table = objectArgument(L, 1, 'bytes');
    const array = making(table, () => attempt(L, () => table.bytes(key, length)));
    setValue(pushSlot(L), array);
    return 1;
  },
  /** object.join(self, 'keys' | 'values' | 'entries', after, between): one string of all fields. */
  join,
};
