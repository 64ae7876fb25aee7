// Values of Lua as compiled code has them: a JavaScript number, boolean, null, LuaString, table, function or object of the host, without
// Fengari's box. The class tells the type.

import { fengari } from '../vm/fengari.js';
import type { CallInfo, LuaState, TValue } from '../vm/fengari-types.js';
import { LuaString } from '../vm/lua-string.js';
import { BOOLEAN, CLOSURE, NATIVE, NATIVE_CLOSURE, NIL, NUMBER, STRING, TABLE, THREAD, USERDATA } from '../vm/tags.js';
import { newSlot } from '../vm/vm-calls.js';

const { LClosure, CClosure } = fengari.lobject;
const { Table } = fengari.ltable;
const { lua_State: State } = fengari.lstate;

/** `undefined` is nil as well: it is what a function of JavaScript has for an argument that was not given. */
export type RawValue = unknown;

/** Puts a value into its box. */
export function fill(slot: TValue, raw: RawValue): void {
  if (typeof raw === 'number') {
    slot.type = NUMBER;
    slot.value = raw;
  } else {
    slot.type = typeOf(raw);
    slot.value = raw ?? null;
  }
}

function typeOf(raw: RawValue): number {
  if (raw instanceof LuaString) return STRING;
  if (raw === null || raw === undefined) return NIL;
  if (typeof raw === 'boolean') return BOOLEAN;
  if (typeof raw === 'function') return NATIVE;
  if (raw instanceof Table) return TABLE;
  if (raw instanceof LClosure) return CLOSURE;
  return rareTypeOf(raw);
}

function rareTypeOf(raw: RawValue): number {
  if (raw instanceof CClosure) return NATIVE_CLOSURE;
  return raw instanceof State ? THREAD : USERDATA;
}

/** The box at a place of the stack, with a value in it. Code of Fengari may have deleted the box. */
export function put(L: LuaState, index: number, raw: RawValue): TValue {
  let slot = L.stack[index];
  if (slot === undefined) {
    slot = newSlot();
    L.stack[index] = slot;
  }
  fill(slot, raw);
  return slot;
}

/** A register that was written on the stack. */
export function registerOf(L: LuaState, ci: CallInfo, register: number): RawValue {
  const slot = L.stack[ci.l_base + register];
  return slot === undefined || slot.type === NIL ? null : slot.value;
}
