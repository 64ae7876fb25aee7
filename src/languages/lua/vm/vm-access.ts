// Reading and writing fields in the virtual machine: tables, metamethods, strings' methods, objects of the host.

import { isFixed, refuseFrozen } from '../host/frozen.js';
import { fengari } from './fengari.js';
import type { LuaState, LuaTable, TValue } from './fengari-types.js';
import { raise } from './lua-error.js';
import { bytesOf, FREE_LENGTH, type LuaString, luaS_hashlongstr } from './lua-string.js';
import { meter } from './meter.js';
import { EVENT, NIL, STRING, TABLE, TYPE_FUNCTION, TYPE_MASK, USERDATA } from './tags.js';
import type { Userdata } from './userdata.js';
import { NIL_VALUE } from './vm-tables.js';

const { ltable, ltm, ldebug } = fengari;
/** Longer chains of __index are treated as loops. */
const LONGEST_CHAIN = 100;
const INDEX = bytesOf('index');

/** The value object of a field, or Lua's nil; raw. */
export function rawField(_L: LuaState, table: LuaTable, key: TValue): TValue {
  if (key.type === STRING) {
    const string = key.value as LuaString;
    const { known } = string;
    const entry = table.strong.get(known !== null && known.length <= FREE_LENGTH ? known : luaS_hashlongstr(string));
    return entry === undefined ? NIL_VALUE : entry.value;
  }
  // No table contains the key nil or NaN.
  return table.strong.get(key.value)?.value ?? NIL_VALUE;
}

/** result = container[key] */
export function getField(L: LuaState, container: TValue, key: TValue, result: TValue): void {
  let target = container;
  for (let link = 0; link < LONGEST_CHAIN; link++) {
    if (target.type === USERDATA) {
      (target.value as Userdata).index(L, key, result);
      return;
    }
    let handler: TValue | null;
    if (target.type === TABLE) {
      const table = target.value as LuaTable;
      const field = rawField(L, table, key);
      if (field.type !== NIL) {
        result.type = field.type;
        result.value = field.value;
        return;
      }
      handler = table.metatable === null ? null : ltm.fasttm(L, table.metatable, EVENT.index);
      if (handler === null) {
        result.setnilvalue();
        return;
      }
    } else {
      handler = ltm.luaT_gettmbyobj(L, target, EVENT.index);
      if (handler.type === NIL) ldebug.luaG_typeerror(L, target, INDEX);
    }
    if ((handler.type & TYPE_MASK) === TYPE_FUNCTION) {
      ltm.luaT_callTM(L, handler, target, key, result, 1);
      return;
    }
    target = handler;
    meter.charge(2);
  }
  raise(L, "'__index' chain too long; possible loop");
}

/** container[key] = value */
export function setField(L: LuaState, container: TValue, key: TValue, value: TValue): void {
  let target = container;
  for (let link = 0; link < LONGEST_CHAIN; link++) {
    if (target.type === USERDATA) {
      (target.value as Userdata).newIndex(L, key, value);
      return;
    }
    let handler: TValue | null;
    if (target.type === TABLE) {
      const table = target.value as LuaTable;
      if (table.metatable !== null && isFixed(table, key)) refuseFrozen(L, table, key);
      handler = table.metatable === null ? null : ltm.fasttm(L, table.metatable, EVENT.newindex);
      if (handler === null || rawField(L, table, key).type !== NIL) {
        ltable.luaH_setfrom(L, table, key, value);
        table.flags = 0;
        return;
      }
    } else {
      handler = ltm.luaT_gettmbyobj(L, target, EVENT.newindex);
      if (handler.type === NIL) ldebug.luaG_typeerror(L, target, INDEX);
    }
    if ((handler.type & TYPE_MASK) === TYPE_FUNCTION) {
      ltm.luaT_callTM(L, handler, target, key, value, 0);
      return;
    }
    target = handler;
    meter.charge(2);
  }
  raise(L, "'__newindex' chain too long; possible loop");
}
