// The results of methods in Lua, as the invocation takes them. Calling the methods: lua-type.ts.

import type { RawResult } from '../../../objects/types/loaded-type.js';
import { MethodError } from '../../../tables/call-errors.js';
import { makeValue, typeName } from '../libraries/host-functions.js';
import { toJson } from '../libraries/json.js';
import { isJsonNull } from '../libraries/json-values.js';
import type { LuaState, TValue } from '../vm/fengari-types.js';
import type { LuaString } from '../vm/lua-string.js';
import { BOOLEAN, NATIVE, NIL, STRING, TABLE, TYPE_MASK, TYPE_NUMBER, USERDATA } from '../vm/tags.js';
import { LuaSpecial } from './lua-special.js';
import { LuaTableProxy } from './lua-table-proxy.js';
import type { Sandbox } from './sandbox.js';

/** Converts a method's result for the invocation. */
export function resultOf(sandbox: Sandbox, value: TValue, L: LuaState): RawResult {
  if (value.type === STRING) return (value.value as LuaString).text;
  if (value.type === NIL) return undefined;
  if ((value.type & TYPE_MASK) === TYPE_NUMBER) return value.value as number;
  if (value.type === BOOLEAN) return value.value as boolean;
  if (value.type === USERDATA && value.value instanceof LuaTableProxy) return value.value.table(L);
  if (value.type === USERDATA && value.value instanceof LuaSpecial) return value.value.view(L).toJson();
  if (isJsonNull(value)) return undefined;
  if (value.type === TABLE) return jsonOf(sandbox, makeValue(value.type, value.value), L);
  throw new MethodError(`returned a ${typeName(value)}`);
}

/** Runs inside a protected call, since the table may hold values that JSON cannot express. */
function jsonOf(sandbox: Sandbox, table: TValue, thread: LuaState): string {
  let json = '';
  const native = makeValue(NATIVE, (L: LuaState) => {
    json = toJson(L, table);
    return 0;
  });
  sandbox.call(native, () => {}, thread);
  return json;
}
