// Names of fields of the tables of the cache, from Lua values.

import { MAX_KEY_BYTES } from '../../../tables/table-layout.js';
import { typeName } from '../libraries/host-functions.js';
import type { LuaState, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import type { LuaString } from '../vm/lua-string.js';
import { STRING, TYPE_MASK, TYPE_NUMBER } from '../vm/tags.js';

/** A field's name: a byte string or a number. */
export function fieldKey(L: LuaState, key: TValue): string | number {
  if (key.type === STRING) return keyText(L, key.value as LuaString);
  if ((key.type & TYPE_MASK) !== TYPE_NUMBER)
    return raise(L, `field names are strings or numbers, not ${typeName(key)}`);
  if (Number.isNaN(key.value)) raise(L, 'table index is NaN');
  return key.value as number;
}

/** Refuses a key that is too long for a table, before it is copied anywhere. */
export function keyText(L: LuaState, key: LuaString): string {
  if (key.tsslen() > MAX_KEY_BYTES) raise(L, `a key has at most ${MAX_KEY_BYTES} bytes`);
  return key.text;
}
