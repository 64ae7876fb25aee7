// pcall and xpcall, which catch errors of the script and never the end of the call: a used-up budget or a failing host
// passes through them. Also compiling text.

import { forgetLexer } from '../vm/compile-costs.js';
import { fengari } from '../vm/fengari.js';
import type { LuaClosure, LuaState, Native, Proto } from '../vm/fengari-types.js';
import { bytesOf } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { ALL_RESULTS, LIGHT_USERDATA, OK, YIELD } from '../vm/tags.js';
import { argumentCount, checkAny, checkFunction, pushBoolean, pushText, pushValue } from './host-functions.js';

const { lapi } = fengari;
/** Fixed steps of compiling a text. */
const COMPILE_STEPS = 1000;
/** Steps of compiling a byte; the compiler itself charges only repeated work (compile-costs.ts). */
const STEPS_PER_SOURCE_BYTE = 7;
const BYTES_PER_SOURCE_BYTE = 64;
/** Steps of setting up a protected call. */
const PROTECT_STEPS = 10;
/** C Lua's LUA_IDSIZE: longer names are truncated in messages anyway. */
const LONGEST_CHUNK_NAME = 60;

/** Rethrows the end of the call if that was caught. */
export function passFatal(): void {
  if (meter.fatal !== undefined) throw meter.fatal;
}

/** Results of a protected call: all that it left after `extra` slots, or false and the error. */
function finish(L: LuaState, status: number, extra: number): number {
  passFatal();
  if (status === OK || status === YIELD) return argumentCount(L) - extra;
  const error = L.stack[L.top - 1];
  pushBoolean(L, false);
  pushValue(L, error);
  return 2;
}

const pcall: Native = (L) => {
  checkAny(L, 1, 'pcall');
  meter.charge(PROTECT_STEPS);
  pushBoolean(L, true);
  lapi.lua_rotate(L, 1, 1);
  return finish(L, lapi.lua_pcallk(L, argumentCount(L) - 2, ALL_RESULTS, 0, 0, finish), 0);
};

const xpcall: Native = (L) => {
  const count = argumentCount(L);
  checkFunction(L, 2, 'xpcall');
  meter.charge(PROTECT_STEPS);
  pushBoolean(L, true);
  pushValue(L, L.stack[L.ci.funcOff + 1]);
  lapi.lua_rotate(L, 3, 2);
  return finish(L, lapi.lua_pcallk(L, count - 2, ALL_RESULTS, 2, 2, finish), 2);
};

export const PROTECT_FUNCTIONS: Readonly<Record<string, Native>> = { pcall, xpcall };

/** Called by Fengari with any JavaScript error that is not a Lua error: stores it, and prevents its conversion to a Lua error. */
export const refuseNativeErrors: Native = (L) => {
  const thrown = L.stack[L.top - 1];
  return meter.end(thrown.type === LIGHT_USERDATA ? thrown.value : new Error('unknown error'));
};

const TEXT_MODE = bytesOf('t');

/** Compiles text; pushes the function, or pushes the error message and returns false. */
export function compile(L: LuaState, source: Uint8Array, chunkName: string): boolean {
  meter.charge(COMPILE_STEPS + source.length * STEPS_PER_SOURCE_BYTE);
  meter.chargeBytes(source.length * BYTES_PER_SOURCE_BYTE);
  let rest: Uint8Array | null = source.length === 0 ? null : source;
  const reader = () => {
    const piece = rest;
    rest = null;
    return piece;
  };
  const status = lapi.lua_load(L, reader, null, bytesOf(chunkName.slice(0, LONGEST_CHUNK_NAME)), TEXT_MODE);
  forgetLexer();
  passFatal();
  if (status !== OK) return false;
  const line = lineThatSetsEnvironment((L.stack[L.top - 1].value as LuaClosure).p);
  if (line === undefined) return true;
  pushText(L, `${chunkName.replace(/^@/, '')}:${line}: _ENV cannot be set: write local _ENV = ...`);
  return false;
}

const SETUPVAL = 9;

/** Setting the `_ENV` around a function would last for all later calls, and let their globals last, too. */
function lineThatSetsEnvironment({ code, upvalues, lineinfo, p }: Proto): number | undefined {
  const environment = upvalues.findIndex(({ name }) => name?.text === '_ENV');
  if (environment >= 0) {
    const at = code.findIndex(({ opcode, B }) => opcode === SETUPVAL && B === environment);
    if (at >= 0) return lineinfo[at];
  }
  for (const inner of p) {
    const line = lineThatSetsEnvironment(inner);
    if (line !== undefined) return line;
  }
  return undefined;
}
