// The virtual machine's loop: runs Fengari's bytecode in place of its own loop, on doubles, with every instruction on
// the meter. One function, longer than a screen, because a call for each instruction would cost more than most
// instructions do. Not for what is rare: vm-operations.ts.

import { fengari } from './fengari.js';
import type { Instruction, LuaClosure, LuaState, Proto, TValue } from './fengari-types.js';
import { meter } from './meter.js';
import * as op from './tags.js';
import { ALL_RESULTS, BOOLEAN, EVENT, FRESH, NIL, NUMBER, TABLE, TAIL_CALLED } from './tags.js';
import { getField, setField } from './vm-access.js';
import { ensureTop, postcall, precall } from './vm-calls.js';
import {
  branch,
  callIterator,
  equals,
  isFalse,
  jump,
  lessOrEqual,
  lessThan,
  loadVarargs,
  operand,
  setList,
} from './vm-helpers.js';
import {
  arithmetic,
  bitOperation,
  concatenate,
  lengthOf,
  makeClosure,
  prepareLoop,
  replaceFrame,
} from './vm-operations.js';

const { lvm, lfunc, ltable } = fengari;

function execute(L: LuaState): void {
  let ci = L.ci;
  ci.callstatus |= FRESH;
  const { stack } = L;
  frame: for (;;) {
    const closure = ci.func.value as LuaClosure;
    const { k } = closure.p;
    const code = ci.l_code;
    const base = ci.l_base;
    for (;;) {
      const i = code[ci.l_savedpc++] as Instruction;
      if (--meter.countdown < 0) meter.refill();
      const ra = stack[base + i.A] as TValue;
      switch (i.opcode) {
        case op.OP_MOVE: {
          const from = stack[base + i.B] as TValue;
          ra.type = from.type;
          ra.value = from.value;
          break;
        }
        case op.OP_LOADK: {
          const from = k[i.Bx] as TValue;
          ra.type = from.type;
          ra.value = from.value;
          break;
        }
        case op.OP_LOADKX:
          ra.setfrom(k[(code[ci.l_savedpc++] as Instruction).Ax] as TValue);
          break;
        case op.OP_LOADBOOL:
          ra.type = BOOLEAN;
          ra.value = i.B !== 0;
          if (i.C !== 0) ci.l_savedpc++;
          break;
        case op.OP_LOADNIL:
          for (let slot = base + i.A; slot <= base + i.A + i.B; slot++) (stack[slot] as TValue).setnilvalue();
          break;
        case op.OP_GETUPVAL: {
          const from = closure.upvals[i.B] as TValue;
          ra.type = from.type;
          ra.value = from.value;
          break;
        }
        case op.OP_GETTABUP:
          getField(L, closure.upvals[i.B] as TValue, operand(stack, k, base, i.C), ra);
          break;
        case op.OP_GETTABLE:
          getField(L, stack[base + i.B] as TValue, operand(stack, k, base, i.C), ra);
          break;
        case op.OP_SETTABUP:
          setField(L, closure.upvals[i.A] as TValue, operand(stack, k, base, i.B), operand(stack, k, base, i.C));
          break;
        case op.OP_SETUPVAL:
          (closure.upvals[i.B] as TValue).setfrom(ra);
          break;
        case op.OP_SETTABLE:
          setField(L, ra, operand(stack, k, base, i.B), operand(stack, k, base, i.C));
          break;
        case op.OP_NEWTABLE:
          ra.value = ltable.luaH_new(L);
          ra.type = TABLE;
          break;
        case op.OP_SELF: {
          const object = stack[base + i.B] as TValue;
          (stack[base + i.A + 1] as TValue).setfrom(object);
          getField(L, object, operand(stack, k, base, i.C), ra);
          break;
        }
        case op.OP_ADD: {
          const a = operand(stack, k, base, i.B);
          const b = operand(stack, k, base, i.C);
          if (a.type === NUMBER && b.type === NUMBER) {
            ra.value = (a.value as number) + (b.value as number);
            ra.type = NUMBER;
          } else arithmetic(L, EVENT.add, a, b, ra);
          break;
        }
        case op.OP_SUB: {
          const a = operand(stack, k, base, i.B);
          const b = operand(stack, k, base, i.C);
          if (a.type === NUMBER && b.type === NUMBER) {
            ra.value = (a.value as number) - (b.value as number);
            ra.type = NUMBER;
          } else arithmetic(L, EVENT.sub, a, b, ra);
          break;
        }
        case op.OP_MUL:
        case op.OP_MOD:
        case op.OP_POW:
        case op.OP_DIV:
        case op.OP_IDIV:
          arithmetic(
            L,
            i.opcode - op.OP_ADD + EVENT.add,
            operand(stack, k, base, i.B),
            operand(stack, k, base, i.C),
            ra,
          );
          break;
        case op.OP_UNM:
          arithmetic(L, EVENT.unm, stack[base + i.B] as TValue, stack[base + i.B] as TValue, ra);
          break;
        case op.OP_BAND:
        case op.OP_BOR:
        case op.OP_BXOR:
        case op.OP_SHL:
        case op.OP_SHR:
          bitOperation(
            L,
            i.opcode - op.OP_ADD + EVENT.add,
            operand(stack, k, base, i.B),
            operand(stack, k, base, i.C),
            ra,
          );
          break;
        case op.OP_BNOT:
          bitOperation(L, EVENT.bnot, stack[base + i.B] as TValue, stack[base + i.B] as TValue, ra);
          break;
        case op.OP_NOT:
          ra.value = isFalse(stack[base + i.B] as TValue);
          ra.type = BOOLEAN;
          break;
        case op.OP_LEN:
          lengthOf(L, stack[base + i.B] as TValue, ra);
          break;
        case op.OP_CONCAT:
          concatenate(L, base + i.B, i.C - i.B + 1);
          ra.setfrom(stack[base + i.B] as TValue);
          break;
        case op.OP_JMP:
          jump(L, ci, i);
          break;
        case op.OP_EQ: {
          const a = operand(stack, k, base, i.B);
          branch(L, ci, equals(L, a, operand(stack, k, base, i.C)) === (i.A !== 0));
          break;
        }
        case op.OP_LT:
        case op.OP_LE: {
          const a = operand(stack, k, base, i.B);
          const b = operand(stack, k, base, i.C);
          branch(L, ci, (i.opcode === op.OP_LT ? lessThan(L, a, b) : lessOrEqual(L, a, b)) === (i.A !== 0));
          break;
        }
        case op.OP_TEST:
          branch(L, ci, isFalse(ra) === (i.C === 0));
          break;
        case op.OP_TESTSET: {
          const from = stack[base + i.B] as TValue;
          const taken = isFalse(from) === (i.C === 0);
          if (taken) ra.setfrom(from);
          branch(L, ci, taken);
          break;
        }
        case op.OP_CALL:
          if (i.B !== 0) L.top = base + i.A + i.B;
          if (precall(L, base + i.A, i.C - 1)) {
            if (i.C !== 0) ensureTop(L, ci.top);
            break;
          }
          ci = L.ci;
          continue frame;
        case op.OP_TAILCALL:
          if (i.B !== 0) L.top = base + i.A + i.B;
          if (precall(L, base + i.A, ALL_RESULTS)) break;
          ci = replaceFrame(L, ci, closure.p.p.length > 0);
          ci.callstatus |= TAIL_CALLED;
          continue frame;
        case op.OP_RETURN: {
          if (closure.p.p.length > 0) lfunc.luaF_close(L, base);
          const isFixed = postcall(L, ci, base + i.A, i.B !== 0 ? i.B - 1 : L.top - base - i.A);
          if (ci.callstatus & FRESH) return;
          ci = L.ci;
          if (isFixed) ensureTop(L, ci.top);
          continue frame;
        }
        case op.OP_FORLOOP: {
          const step = (stack[base + i.A + 2] as TValue).value as number;
          const limit = (stack[base + i.A + 1] as TValue).value as number;
          const index = (ra.value as number) + step;
          if (step > 0 ? index <= limit : limit <= index) {
            ci.l_savedpc += i.sBx;
            ra.value = index;
            (stack[base + i.A + 3] as TValue).setfltvalue(index);
          }
          break;
        }
        case op.OP_FORPREP:
          prepareLoop(L, base + i.A);
          ci.l_savedpc += i.sBx;
          break;
        case op.OP_TFORCALL:
          callIterator(L, ci, base + i.A, i.C);
          break;
        case op.OP_TFORLOOP: {
          const control = stack[base + i.A + 1] as TValue;
          if (control.type !== NIL) {
            ra.setfrom(control);
            ci.l_savedpc += i.sBx;
          }
          break;
        }
        case op.OP_SETLIST:
          setList(L, ci, i, base + i.A);
          break;
        case op.OP_CLOSURE:
          makeClosure(L, closure.p.p[i.Bx] as Proto, closure.upvals, base, ra);
          break;
        case op.OP_VARARG:
          loadVarargs(L, ci, i, base);
          break;
      }
    }
  }
}

lvm.luaV_execute = execute;
