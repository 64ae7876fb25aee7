// `call.config` in scripts: the settings of the type as frozen tables, made once for a state. A type without settings makes none until a
// call reads them.

import type { Settings } from '../../../objects/types/object-type.js';
import { NO_SETTINGS } from '../../../objects/types/type-settings.js';
import { MethodError } from '../../../tables/call-errors.js';
import { makeValue } from '../libraries/host-functions.js';
import { setLiteral } from '../libraries/json.js';
import type { LuaState, LuaTable, TValue } from '../vm/fengari-types.js';
import { NIL, TABLE } from '../vm/tags.js';
import { freeze } from './frozen.js';

const NAME = 'call.config';
const REASON = 'it comes from the configuration';

/** By the state that all coroutines of a script share. */
const configs = new WeakMap<object, TValue>();

/** Returns the table, which the state keeps. */
export function giveConfig(L: LuaState, settings: Settings): TValue {
  const config = makeValue(NIL, null);
  if (!setLiteral(L, config, settings)) throw new MethodError(`${NAME} is nested too deep`);
  freezeAll(L, config.value as LuaTable, NAME);
  configs.set(L.l_G, config);
  return config;
}

export function configOf(L: LuaState): LuaTable {
  return (configs.get(L.l_G) ?? giveConfig(L, NO_SETTINGS)).value as LuaTable;
}

function freezeAll(L: LuaState, table: LuaTable, name: string): void {
  for (const { key, value } of table.strong.values()) {
    if (value.type !== TABLE) continue;
    const field = (key.value as { text?: string }).text ?? String(key.value);
    freezeAll(L, value.value as LuaTable, `${name}.${field}`);
  }
  freeze(L, table, name, undefined, REASON);
}
