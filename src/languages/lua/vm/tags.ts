// Fengari's numbers for types of values, statuses and events, as constants that the compiler folds. Checked against Fengari's own by a
// test.

/** Type tags: the lower four bits are Lua's type, the next two its variant. */
export const NIL = 0;
export const BOOLEAN = 1;
export const LIGHT_USERDATA = 2;
/** A double. Fengari's tables also make integers (19) of their keys; both are numbers to us. */
export const NUMBER = 3;
export const TABLE = 5;
export const CLOSURE = 6;
export const USERDATA = 7;
export const THREAD = 8;
export const STRING = 20;
export const NATIVE = 22;
export const NATIVE_CLOSURE = 38;
/** Of the key of a deleted field. */
export const DEAD_KEY = 10;

export const TYPE_MASK = 15;
export const TYPE_NUMBER = 3;
export const TYPE_STRING = 4;
export const TYPE_FUNCTION = 6;

export const ALL_RESULTS = -1;
/** Steps of the frame and the results of a native, measured at 200 to 300 ns. */
export const NATIVE_STEPS = 3;

/** Call status bits. */
export const IN_LUA = 2;
export const FRESH = 8;
export const TAIL_CALLED = 32;

export const OK = 0;
export const YIELD = 1;
/** An error in a message handler. */
export const ERROR_IN_HANDLER = 6;

/** Metamethod events. */
export const EVENT = {
  index: 0,
  newindex: 1,
  len: 4,
  eq: 5,
  add: 6,
  sub: 7,
  mul: 8,
  mod: 9,
  pow: 10,
  div: 11,
  idiv: 12,
  band: 13,
  bor: 14,
  bxor: 15,
  shl: 16,
  shr: 17,
  unm: 18,
  bnot: 19,
  lt: 20,
  le: 21,
  concat: 22,
  call: 23,
} as const;
