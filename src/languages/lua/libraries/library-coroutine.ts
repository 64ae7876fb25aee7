// Coroutines. Every instruction of every coroutine counts on the one meter of the call, and a call that must end does
// not stop at a resume. They are not threads of the operating system.

import { fengari } from '../vm/fengari.js';
import type { LuaState, Native } from '../vm/fengari-types.js';
import { LONGEST_POSITION, position, raise } from '../vm/lua-error.js';
import { concatenated, type LuaString, luaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { OK, STRING, THREAD, YIELD } from '../vm/tags.js';
import { pushSlot } from '../vm/vm-calls.js';
import {
  argument,
  argumentCount,
  argumentError,
  checkFunction,
  checkLength,
  makeValue,
  pushBoolean,
  pushHolder,
  pushText,
  pushValue,
} from './host-functions.js';
import { passFatal } from './library-protect.js';

const { lapi, ldo, lstate } = fengari;
/** A state with its first frame and an empty stack; slots and frames are charged as they come. */
const COROUTINE_BYTES = 1200;
const COROUTINE_STEPS = 140;

function makeCoroutine(L: LuaState, name: string): LuaState {
  const body = checkFunction(L, 1, name);
  meter.chargeBytes(COROUTINE_BYTES);
  meter.charge(COROUTINE_STEPS);
  const coroutine = lstate.lua_newthread(L);
  pushValue(coroutine, body);
  return coroutine;
}

function coroutineArgument(L: LuaState, name: string): LuaState {
  const value = argument(L, 1);
  if (value.type !== THREAD) argumentError(L, 1, name, 'coroutine expected');
  return value.value as LuaState;
}

/** Runs the coroutine with the top `count` values; pushes its results and returns their number, or pushes the error and returns -1. */
function resume(L: LuaState, coroutine: LuaState, count: number): number {
  meter.charge(COROUTINE_STEPS + 5 * count);
  if (!lapi.lua_checkstack(coroutine, count)) return failure(L, 'too many arguments to resume');
  if (coroutine.status === OK && coroutine.top - coroutine.ci.funcOff - 1 === 0) {
    return failure(L, 'cannot resume dead coroutine');
  }
  lapi.lua_xmove(L, coroutine, count);
  const status = ldo.lua_resume(coroutine, L, count);
  passFatal();
  if (status !== OK && status !== YIELD) {
    lapi.lua_xmove(coroutine, L, 1);
    return -1;
  }
  const results = coroutine.top - coroutine.ci.funcOff - 1;
  meter.charge(3 * results);
  if (!lapi.lua_checkstack(L, results + 1)) return failure(L, 'too many results to resume');
  lapi.lua_xmove(coroutine, L, results);
  return results;
}

function failure(L: LuaState, message: string): number {
  pushText(L, message);
  return -1;
}

function statusOf(L: LuaState, coroutine: LuaState): string {
  if (L === coroutine) return 'running';
  if (coroutine.status === YIELD) return 'suspended';
  if (coroutine.status !== OK) return 'dead';
  if (coroutine.ci !== coroutine.base_ci) return 'normal';
  return coroutine.top - coroutine.ci.funcOff - 1 === 0 ? 'dead' : 'suspended';
}

const wrap: Native = (L) => {
  const coroutine = makeCoroutine(L, 'wrap');
  L.top--;
  const held = makeValue(THREAD, coroutine);
  const step: Native = (inner) => {
    const results = resume(inner, coroutine, argumentCount(inner));
    if (results >= 0) return results;
    const error = inner.stack[inner.top - 1];
    if (error?.type === STRING) {
      const text = error.value as LuaString;
      checkLength(inner, text.tsslen() + LONGEST_POSITION);
      error.setsvalue(concatenated(luaString(position(inner)), text));
    }
    return fengari.ldebug.luaG_errormsg(inner);
  };
  return pushHolder(L, step, [held]);
};

const resumeNative: Native = (L) => {
  const results = resume(L, coroutineArgument(L, 'resume'), argumentCount(L) - 1);
  pushBoolean(L, results >= 0);
  const count = results >= 0 ? results : 1;
  lapi.lua_rotate(L, -(count + 1), 1);
  return count + 1;
};

export const COROUTINE_FUNCTIONS: Readonly<Record<string, Native>> = {
  create: (L) => {
    makeCoroutine(L, 'create');
    return 1;
  },
  wrap,
  resume: resumeNative,
  yield: (L) => {
    if (!ldo.lua_isyieldable(L)) raise(L, 'attempt to yield from outside a coroutine');
    ldo.lua_yield(L, argumentCount(L));
    return 0;
  },
  status: (L) => pushText(L, statusOf(L, coroutineArgument(L, 'status'))),
  isyieldable: (L) => pushBoolean(L, ldo.lua_isyieldable(L)),
  running: (L) => {
    const slot = pushSlot(L);
    slot.type = THREAD;
    slot.value = L;
    pushBoolean(L, L.l_G.mainthread === L);
    return 2;
  },
};
