// Objects of the host that scripts in the original's style call with a colon: the store, items, the command.

import { argument, argumentError, pushNil } from '../libraries/host-functions.js';
import type { LuaState, LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import type { LuaString } from '../vm/lua-string.js';
import { STRING } from '../vm/tags.js';
import { Userdata } from '../vm/userdata.js';

/** Methods by name; the first argument of a call is `self`. */
export type MethodTable = ReadonlyMap<string, Native>;

export abstract class MethodObject extends Userdata {
  readonly luaType = 'userdata';
  protected abstract readonly kind: string;
  protected abstract readonly methods: MethodTable;

  get metatable(): LuaTable | null {
    return null;
  }

  override get functionNames(): readonly string[] {
    return [...this.methods.keys()];
  }

  index(L: LuaState, key: TValue, result: TValue): void {
    const name = key.type === STRING ? (key.value as LuaString).text : '';
    const native = this.methods.get(name);
    if (native === undefined) raise(L, `${this.kind} has no method '${name.slice(0, 50)}'`);
    result.setfvalue(native);
  }

  newIndex(L: LuaState): void {
    raise(L, `${this.kind} has no fields`);
  }

  length(L: LuaState): number {
    return raise(L, `${this.kind} has no length`);
  }

  next(L: LuaState): number {
    return pushNil(L);
  }

  pairs(L: LuaState): number {
    return raise(L, `${this.kind} has no fields`);
  }
}

/** The object before the colon. */
export function selfOf<T>(L: LuaState, kind: new (...values: never[]) => T, name: string): T {
  const { value } = argument(L, 1);
  if (!(value instanceof kind)) return argumentError(L, 1, name, 'call it with a colon');
  return value;
}
