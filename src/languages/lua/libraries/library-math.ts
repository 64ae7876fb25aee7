// The math library on doubles.

import type { LuaState, LuaTable, Native } from '../vm/fengari-types.js';
import { meter } from '../vm/meter.js';
import { NIL, NUMBER } from '../vm/tags.js';
import {
  argument,
  argumentCount,
  argumentError,
  checkAny,
  checkInteger,
  checkNumber,
  isNumber,
  makeLibrary,
  makeValue,
  pushBoolean,
  pushNil,
  pushNumber,
  pushText,
  setTableField,
} from './host-functions.js';

/** Steps of making a BigInt of a double, which has up to 1024 bits. */
const BIG_INTEGER_STEPS = 5;

function unary(name: string, compute: (x: number) => number): Native {
  const native: Native = (L) => pushNumber(L, compute(checkNumber(L, 1, name)));
  native.ofNumber = compute;
  return native;
}

function extreme(name: string, choose: (a: number, b: number) => number): Native {
  const native: Native = (L) => {
    let result = checkNumber(L, 1, name);
    const count = argumentCount(L);
    for (let n = 2; n <= count; n++) result = choose(result, checkNumber(L, n, name));
    return pushNumber(L, result);
  };
  native.ofNumbers = choose;
  return native;
}

const random: Native = (L) => {
  if (argumentCount(L) === 0) return pushNumber(L, Math.random());
  const low = argumentCount(L) > 1 ? checkInteger(L, 1, 'random') : 1;
  const high = checkInteger(L, argumentCount(L) > 1 ? 2 : 1, 'random');
  if (low > high) argumentError(L, 1, 'random', 'interval is empty');
  if (!Number.isSafeInteger(high - low)) argumentError(L, 1, 'random', 'interval too large');
  return pushNumber(L, low + Math.floor(Math.random() * (high - low + 1)));
};

const log: Native = (L) => {
  const x = checkNumber(L, 1, 'log');
  if (argument(L, 2).type === NIL) return pushNumber(L, Math.log(x));
  const base = checkNumber(L, 2, 'log');
  if (base === 2) return pushNumber(L, Math.log2(x));
  return pushNumber(L, base === 10 ? Math.log10(x) : Math.log(x) / Math.log(base));
};

const modf: Native = (L) => {
  const x = checkNumber(L, 1, 'modf');
  const whole = Math.trunc(x);
  pushNumber(L, whole);
  return 1 + pushNumber(L, Number.isFinite(x) ? x - whole : 0);
};

const frexp: Native = (L) => {
  const x = checkNumber(L, 1, 'frexp');
  if (x === 0 || !Number.isFinite(x)) return pushNumber(L, x) + pushNumber(L, 0);
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
  let mantissa = x * 2 ** -exponent;
  while (Math.abs(mantissa) < 0.5) {
    mantissa *= 2;
    exponent--;
  }
  while (Math.abs(mantissa) >= 1) {
    mantissa /= 2;
    exponent++;
  }
  return pushNumber(L, mantissa) + pushNumber(L, exponent);
};

const tointeger: Native = (L) => {
  const value = checkAny(L, 1, 'tointeger');
  if (!isNumber(value) || !Number.isInteger(value.value)) return pushNil(L);
  return pushNumber(L, value.value as number);
};

const type: Native = (L) => {
  const value = checkAny(L, 1, 'type');
  if (!isNumber(value)) return pushNil(L);
  return pushText(L, Number.isInteger(value.value) ? 'integer' : 'float');
};

const fmod: Native = (L) => pushNumber(L, checkNumber(L, 1, 'fmod') % checkNumber(L, 2, 'fmod'));

/** The bits of an integer, read without a sign. */
function unsigned(L: LuaState, n: number): bigint {
  const value = checkInteger(L, n, 'ult');
  if (!Number.isFinite(value)) argumentError(L, n, 'ult', 'number has no integer representation');
  meter.charge(BIG_INTEGER_STEPS);
  return BigInt.asUintN(64, BigInt(value));
}

const MATH_FUNCTIONS: Readonly<Record<string, Native>> = {
  abs: unary('abs', Math.abs),
  acos: unary('acos', Math.acos),
  asin: unary('asin', Math.asin),
  atan: (L) =>
    pushNumber(L, Math.atan2(checkNumber(L, 1, 'atan'), argument(L, 2).type === NIL ? 1 : checkNumber(L, 2, 'atan'))),
  atan2: (L) => pushNumber(L, Math.atan2(checkNumber(L, 1, 'atan2'), checkNumber(L, 2, 'atan2'))),
  ceil: unary('ceil', Math.ceil),
  cos: unary('cos', Math.cos),
  cosh: unary('cosh', Math.cosh),
  deg: unary('deg', (x) => (x * 180) / Math.PI),
  exp: unary('exp', Math.exp),
  floor: unary('floor', Math.floor),
  fmod,
  frexp,
  ldexp: (L) => pushNumber(L, checkNumber(L, 1, 'ldexp') * 2 ** checkInteger(L, 2, 'ldexp')),
  log,
  log10: unary('log10', Math.log10),
  max: extreme('max', Math.max),
  min: extreme('min', Math.min),
  mod: fmod,
  modf,
  pow: (L) => pushNumber(L, checkNumber(L, 1, 'pow') ** checkNumber(L, 2, 'pow')),
  rad: unary('rad', (x) => (x * Math.PI) / 180),
  random,
  // Random numbers come from V8; a seed has no effect.
  randomseed: () => 0,
  sin: unary('sin', Math.sin),
  sinh: unary('sinh', Math.sinh),
  sqrt: unary('sqrt', Math.sqrt),
  tan: unary('tan', Math.tan),
  tanh: unary('tanh', Math.tanh),
  tointeger,
  type,
  ult: (L) => pushBoolean(L, unsigned(L, 1) < unsigned(L, 2)),
};

export function makeMathLibrary(L: LuaState): LuaTable {
  const library = makeLibrary(L, MATH_FUNCTIONS);
  const constants = {
    pi: Math.PI,
    huge: Number.POSITIVE_INFINITY,
    maxinteger: Number.MAX_SAFE_INTEGER,
    mininteger: Number.MIN_SAFE_INTEGER,
  };
  for (const [name, value] of Object.entries(constants)) setTableField(L, library, name, makeValue(NUMBER, value));
  return library;
}
