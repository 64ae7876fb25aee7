// Fengari's numbers for types of values, opcodes, statuses and events, as constants that the compiler folds. Checked
// against Fengari's own by a test. Not for values of ours.

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

export const TYPE_MASK = 15;
export const TYPE_NUMBER = 3;
export const TYPE_STRING = 4;
export const TYPE_FUNCTION = 6;

export const ALL_RESULTS = -1;

/** Call status bits. */
export const IN_LUA = 2;
export const FRESH = 8;
export const TAIL_CALLED = 32;

export const OK = 0;
export const YIELD = 1;

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

export const OP_MOVE = 0;
export const OP_LOADK = 1;
export const OP_LOADKX = 2;
export const OP_LOADBOOL = 3;
export const OP_LOADNIL = 4;
export const OP_GETUPVAL = 5;
export const OP_GETTABUP = 6;
export const OP_GETTABLE = 7;
export const OP_SETTABUP = 8;
export const OP_SETUPVAL = 9;
export const OP_SETTABLE = 10;
export const OP_NEWTABLE = 11;
export const OP_SELF = 12;
export const OP_ADD = 13;
export const OP_SUB = 14;
export const OP_MUL = 15;
export const OP_MOD = 16;
export const OP_POW = 17;
export const OP_DIV = 18;
export const OP_IDIV = 19;
export const OP_BAND = 20;
export const OP_BOR = 21;
export const OP_BXOR = 22;
export const OP_SHL = 23;
export const OP_SHR = 24;
export const OP_UNM = 25;
export const OP_BNOT = 26;
export const OP_NOT = 27;
export const OP_LEN = 28;
export const OP_CONCAT = 29;
export const OP_JMP = 30;
export const OP_EQ = 31;
export const OP_LT = 32;
export const OP_LE = 33;
export const OP_TEST = 34;
export const OP_TESTSET = 35;
export const OP_CALL = 36;
export const OP_TAILCALL = 37;
export const OP_RETURN = 38;
export const OP_FORLOOP = 39;
export const OP_FORPREP = 40;
export const OP_TFORCALL = 41;
export const OP_TFORLOOP = 42;
export const OP_SETLIST = 43;
export const OP_CLOSURE = 44;
export const OP_VARARG = 45;
