// Instructions that the loop calls through a table instead of running them itself. V8 then compiles the loop without them: with all
// instructions in the loop, it worked for up to 200 ms on it while an attacker's script ran.

import { fengari } from './fengari.js';
import type { CallInfo, Instruction, LuaClosure, LuaState, TValue } from './fengari-types.js';
import { meter } from './meter.js';
import { EVENT } from './tags.js';
import {
  branch,
  callIterator,
  equals,
  isFalse,
  lessOrEqual,
  lessThan,
  loadVarargs,
  operand,
  setList,
} from './vm-helpers.js';
import { arithmetic, bitOperation, concatenate, lengthOf, makeClosure, prepareLoop } from './vm-operations.js';

/** Runs instruction `i` of a frame, whose constants are `k` and whose registers start at `base`. */
type RareInstruction = (L: LuaState, ci: CallInfo, i: Instruction, k: TValue[], base: number) => void;

/** MUL is opcode 15; operations and their events have the same order. */
const EVENT_OF_OPCODE = EVENT.mul - 15;

const operation: RareInstruction = (L, _ci, i, k, base) => {
  const { stack } = L;
  const left = operand(stack, k, base, i.B);
  arithmetic(L, i.opcode + EVENT_OF_OPCODE, left, operand(stack, k, base, i.C), stack[base + i.A]);
};

const operationOnBits: RareInstruction = (L, _ci, i, k, base) => {
  const { stack } = L;
  const left = operand(stack, k, base, i.B);
  bitOperation(L, i.opcode + EVENT_OF_OPCODE, left, operand(stack, k, base, i.C), stack[base + i.A]);
};

/** By opcode. */
export const rareInstructions: readonly RareInstruction[] = Object.assign([] as RareInstruction[], {
  // LOADKX
  2: (L, ci, i, k, base) => L.stack[base + i.A].setfrom(k[ci.l_code[ci.l_savedpc++].Ax]),
  // LOADNIL
  4: (L, _ci, i, _k, base) => {
    meter.countdown -= i.B >>> 3;
    for (let slot = base + i.A; slot <= base + i.A + i.B; slot++) L.stack[slot].setnilvalue();
  },
  // SETUPVAL
  9: (L, ci, i, _k, base) => (ci.func.value as LuaClosure).upvals[i.B].setfrom(L.stack[base + i.A]),
  // NEWTABLE
  11: (L, _ci, i, _k, base) => L.stack[base + i.A].sethvalue(fengari.ltable.luaH_new(L)),
  // MUL, MOD, POW, DIV, IDIV
  15: operation,
  16: operation,
  17: operation,
  18: operation,
  19: operation,
  // BAND, BOR, BXOR, SHL, SHR
  20: operationOnBits,
  21: operationOnBits,
  22: operationOnBits,
  23: operationOnBits,
  24: operationOnBits,
  // UNM
  25: (L, _ci, i, _k, base) => arithmetic(L, EVENT.unm, L.stack[base + i.B], L.stack[base + i.B], L.stack[base + i.A]),
  // BNOT
  26: (L, _ci, i, _k, base) =>
    bitOperation(L, EVENT.bnot, L.stack[base + i.B], L.stack[base + i.B], L.stack[base + i.A]),
  // LEN
  28: (L, _ci, i, _k, base) => lengthOf(L, L.stack[base + i.B], L.stack[base + i.A]),
  // CONCAT
  29: (L, _ci, i, _k, base) => {
    concatenate(L, base + i.B, i.C - i.B + 1);
    L.stack[base + i.A].setfrom(L.stack[base + i.B]);
  },
  // EQ
  31: (L, ci, i, k, base) => {
    const a = operand(L.stack, k, base, i.B);
    branch(L, ci, equals(L, a, operand(L.stack, k, base, i.C)) === (i.A !== 0));
  },
  // LT
  32: (L, ci, i, k, base) => {
    const a = operand(L.stack, k, base, i.B);
    branch(L, ci, lessThan(L, a, operand(L.stack, k, base, i.C)) === (i.A !== 0));
  },
  // LE
  33: (L, ci, i, k, base) => {
    const a = operand(L.stack, k, base, i.B);
    branch(L, ci, lessOrEqual(L, a, operand(L.stack, k, base, i.C)) === (i.A !== 0));
  },
  // TESTSET
  35: (L, ci, i, _k, base) => {
    const from = L.stack[base + i.B];
    const isTaken = isFalse(from) === (i.C === 0);
    if (isTaken) L.stack[base + i.A].setfrom(from);
    branch(L, ci, isTaken);
  },
  // FORPREP
  40: (L, ci, i, _k, base) => {
    prepareLoop(L, base + i.A);
    ci.l_savedpc += i.sBx;
  },
  // TFORCALL
  41: (L, ci, i, _k, base) => callIterator(L, ci, base + i.A, i.C),
  // SETLIST
  43: (L, ci, i, _k, base) => setList(L, ci, i, base + i.A),
  // CLOSURE
  44: (L, ci, i, _k, base) => {
    const { p: proto, upvals } = ci.func.value as LuaClosure;
    makeClosure(L, proto.p[i.Bx], upvals, base, L.stack[base + i.A]);
  },
  // VARARG
  45: (L, ci, i, _k, base) => loadVarargs(L, ci, i, base),
} satisfies Record<number, RareInstruction>);
