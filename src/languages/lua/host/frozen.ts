// Tables that methods may read but not change: the libraries, the settings, and the globals of a type once its script has run. A special metatable marks
// them, so that writes to other tables cost nothing extra. The rules of `self`: lua-table-proxy.ts.

import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import type { LuaString } from '../vm/lua-string.js';
import { STRING } from '../vm/tags.js';

/** The metatable of a frozen table, with the table's name for messages. */
interface FrozenMetatable extends LuaTable {
  frozenAs?: string;
  /** The only fields that cannot be set; undefined when none can. */
  frozenFields?: ReadonlySet<string> | undefined;
  /** Why, for messages. */
  frozenReason?: string;
}

/** Longer names are cut in messages; most names of globals are shorter. */
const LONGEST_NAME = 60;

/** Makes the table, or only these fields of it, read-only for scripts. Reads are unchanged, including those through __index. */
export function freeze(
  L: LuaState,
  table: LuaTable,
  name: string,
  fields?: ReadonlySet<string>,
  reason = 'libraries are read-only',
): void {
  const metatable = fengari.ltable.luaH_new(L);
  for (const { key, value } of table.metatable?.strong.values() ?? []) {
    fengari.ltable.luaH_setfrom(L, metatable, key, value);
  }
  fengari.ltable.invalidateTMcache(metatable);
  (metatable as FrozenMetatable).frozenAs = name;
  (metatable as FrozenMetatable).frozenFields = fields;
  (metatable as FrozenMetatable).frozenReason = reason;
  table.metatable = metatable;
}

export function isFrozen({ metatable }: LuaTable): boolean {
  return metatable !== null && (metatable as FrozenMetatable).frozenAs !== undefined;
}

/** Whether the table is frozen, and this field with it. */
export function isFixed(table: LuaTable, key: TValue): boolean {
  if (!isFrozen(table)) return false;
  const fields = (table.metatable as FrozenMetatable).frozenFields;
  return fields === undefined || (key.type === STRING && fields.has((key.value as LuaString).text));
}

/** Throws an error that names the field and says why it cannot be set. */
export function refuseFrozen(L: LuaState, { metatable }: LuaTable, key: TValue): never {
  const { frozenAs: table, frozenFields, frozenReason } = metatable as FrozenMetatable;
  const field = key.type === STRING ? (key.value as LuaString).text.slice(0, LONGEST_NAME) : '?';
  if (table !== '_G') return raise(L, `${table}.${field} cannot be set: ${frozenReason}`);
  if (frozenFields !== undefined) raise(L, `global '${field}' cannot be set in a method: all scripts share it`);
  return raise(
    L,
    `global '${field}' cannot be set in a method: make it local, or keep it in self (globals are fixed once a script is loaded)`,
  );
}
