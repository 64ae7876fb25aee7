// Values that JSON has and Lua does not: null, and empty arrays.

import type { LuaState, LuaTable, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { Userdata } from '../vm/userdata.js';

/** `json.null`: the value of JSON's null when read, so that a list keeps its length. It cannot be stored. */
class NullValue extends Userdata {
  readonly luaType = 'userdata';
  readonly metatable = null;

  index(L: LuaState): void {
    raise(L, 'json.null has no fields');
  }

  newIndex(L: LuaState): void {
    raise(L, 'json.null has no fields');
  }

  length(L: LuaState): number {
    return raise(L, 'json.null has no length');
  }

  next(L: LuaState): number {
    return raise(L, 'json.null has no fields');
  }

  pairs(L: LuaState): number {
    return raise(L, 'json.null has no fields');
  }
}

export const JSON_NULL = new NullValue();

export function isJsonNull(value: TValue): boolean {
  return value.value === JSON_NULL;
}

/** Tables that are arrays while they are empty. */
const lists = new WeakSet<LuaTable>();

export function markList(table: LuaTable): void {
  lists.add(table);
}

export function isMarkedList(table: LuaTable): boolean {
  return lists.has(table);
}
