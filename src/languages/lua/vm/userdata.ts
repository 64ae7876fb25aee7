// The only kind of userdata in scripts: an object of the host that implements field access itself, so that the virtual machine calls it
// directly instead of through the stack.

import type { StoredTable } from '../../../tables/table-store.js';
import type { LuaState, LuaTable, TValue } from './fengari-types.js';

/** With the table of the cache that it may refer to. */
const HOST_OBJECT_BYTES = 300;

export abstract class Userdata {
  /** The fields that Fengari reads. */
  readonly id: number;
  readonly len: number;

  // Each call creates one, and V8 searches for the constructor of the base each time if the class has none of its own.
  constructor() {
    this.id = 0;
    this.len = 0;
  }

  /** The functions that a script finds in it. */
  get functionNames(): readonly string[] {
    return [];
  }

  /** Its bytes in V8's heap while a script keeps it, including those that it refers to. */
  get sizeBytes(): number {
    return HOST_OBJECT_BYTES;
  }

  /** The table of the cache that it represents. */
  storedTable(_L: LuaState): StoredTable | undefined {
    return undefined;
  }

  abstract readonly metatable: LuaTable | null;

  /** The result of `type`. */
  abstract readonly luaType: 'table' | 'userdata';

  abstract index(L: LuaState, key: TValue, result: TValue): void;
  abstract newIndex(L: LuaState, key: TValue, value: TValue): void;
  abstract length(L: LuaState): number;
  /** Pushes the key after the given one and its value, or nil; returns how many it pushed. */
  abstract next(L: LuaState, key: TValue): number;
  /** Pushes the results of `pairs` for `self`; returns how many. */
  abstract pairs(L: LuaState, self: TValue): number;
}
