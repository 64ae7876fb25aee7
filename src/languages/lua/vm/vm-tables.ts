// Lua's tables as the virtual machine uses them: Fengari's, except that each allocation and each step of a search is on the meter, and
// that any double can be a key. Fields with metamethods: vm-access.ts.

import { fengari } from './fengari.js';
import type { LuaState, LuaTable, TableEntry, TValue } from './fengari-types.js';
import { type LuaString, luaS_hashlongstr } from './lua-string.js';
import { meter } from './meter.js';
import { DEAD_KEY, NIL, NUMBER, STRING } from './tags.js';

const { ltable, ldebug } = fengari;

/** Bytes in V8's heap of a table with its two maps, and of a field with its key, value and map entry. Measured: 470 and
    150 to 250 bytes. */
export const TABLE_BYTES = 480;
export const FIELD_BYTES = 220;
const { TValue: Value } = fengari.lobject;
const NIL_KEY = Buffer.from('table index is nil', 'latin1');
const NAN_KEY = Buffer.from('table index is NaN', 'latin1');
/** The value of a missing field. */
export const NIL_VALUE: TValue = Object.freeze(new Value(NIL, null));
/** A deleted field moves from one map to another. */
const BURY_STEPS = 4;
const INVALID_KEY = Buffer.from("invalid key to 'next'", 'latin1');

const newTable = ltable.luaH_new;
ltable.luaH_new = (L) => {
  meter.chargeBytes(TABLE_BYTES);
  return newTable(L);
};

ltable.luaH_setfrom = (L, table, key, value) => {
  if (key.type === NIL) ldebug.luaG_runerror(L, NIL_KEY);
  if (Number.isNaN(key.value)) ldebug.luaG_runerror(L, NAN_KEY);
  const hash = hashOf(key);
  if (value.type === NIL) bury(table, hash);
  else put(table, hash, key.type, key.value, value);
};

ltable.luaH_getint = (table, key) => table.strong.get(key)?.value ?? NIL_VALUE;

ltable.luaH_setint = (table, key, value) => {
  if (value.type === NIL) bury(table, key);
  else put(table, key, NUMBER, key, value);
};

/** The key of a table's map: equal for equal keys of Lua. */
function hashOf(key: TValue): unknown {
  return key.type === STRING ? luaS_hashlongstr(key.value as LuaString) : key.value;
}

function put(table: LuaTable, hash: unknown, keyType: number, key: unknown, value: TValue): void {
  const { strong } = table;
  const known = strong.get(hash);
  if (known !== undefined) {
    known.value.type = value.type;
    known.value.value = value.value;
    return;
  }
  meter.chargeBytes(FIELD_BYTES);
  // Keys that were deleted are needed by a traversal only, which must not add fields.
  if (table.dead_strong.size > 0) table.dead_strong.clear();
  table.dead_weak = undefined;
  const last = table.l;
  const entry = { key: new Value(keyType, key), value: new Value(value.type, value.value), p: last, n: undefined };
  if (last === undefined) table.f = entry;
  else last.n = entry;
  table.l = entry;
  strong.set(hash, entry);
}

/** Takes a field out of the table; its key still leads a traversal to the next one. */
function bury(table: LuaTable, hash: unknown): void {
  const entry = table.strong.get(hash);
  if (entry === undefined) return;
  meter.charge(BURY_STEPS);
  table.strong.delete(hash);
  entry.key.type = DEAD_KEY;
  entry.key.value = null;
  (entry as { value: TValue | undefined }).value = undefined;
  const { p: before, n: after } = entry;
  entry.p = undefined;
  if (before !== undefined) before.n = after;
  if (after !== undefined) after.p = before;
  if (table.f === entry) table.f = after;
  if (table.l === entry) table.l = before;
  if ((typeof hash === 'object' && hash !== null) || typeof hash === 'function') {
    table.dead_weak ??= new WeakMap();
    table.dead_weak.set(hash, entry);
  } else table.dead_strong.set(hash, entry);
}

/** A border: n such that t[n] exists, or n is 0, and t[n + 1] does not. The number of fields usually is one. */
ltable.luaH_getn = ({ strong }) => {
  const { size } = strong;
  if (size === 0) return 0;
  if (strong.has(size) && !strong.has(size + 1)) return size;
  let low = 0;
  let high = size + 1;
  let steps = 1;
  while (strong.has(high)) {
    low = high;
    high *= 2;
    steps++;
  }
  while (high - low > 1) {
    const middle = Math.floor(low + (high - low) / 2);
    if (middle === low || middle === high) break;
    if (strong.has(middle)) low = middle;
    else high = middle;
    steps++;
  }
  meter.charge(steps >>> 1);
  return low;
};

/** Puts the key and value after those in the slot. Deleted keys lead on to their successors, over any number of other deleted ones. */
ltable.luaH_next = (L, table, keySlot) => {
  const following = entryAfter(L, table, L.stack[keySlot]);
  if (following === undefined) return false;
  L.stack[keySlot].setfrom(following.key);
  L.stack[keySlot + 1].setfrom(following.value);
  return true;
};

function entryAfter(L: LuaState, table: LuaTable, key: TValue): TableEntry | undefined {
  if (key.type === NIL) return table.f;
  const hash = hashOf(key);
  const live = table.strong.get(hash);
  if (live !== undefined) return live.n;
  const isObject = typeof hash === 'object' || typeof hash === 'function';
  const dead = (isObject ? table.dead_weak?.get(hash as object) : undefined) ?? table.dead_strong.get(hash);
  if (dead === undefined) return ldebug.luaG_runerror(L, INVALID_KEY);
  let entry = dead.n;
  for (; entry !== undefined && entry.key.type === DEAD_KEY; entry = entry.n) meter.charge(1);
  return entry;
}
