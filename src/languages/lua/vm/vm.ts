// The virtual machine's loop: runs Fengari's bytecode in place of its own loop, on doubles, with every instruction on
// the meter. One function, longer than a screen, because a call for each instruction would cost more than most
// instructions do. Rare cases: vm-operations.ts.

import { notePlace } from '../../../objects/calls/thrown.js';
import { DEEPEST_COMPILED, FRAMES_OF_NATIVE, interpreter } from '../compiler/calls.js';
import { noteFrame } from '../compiler/compile.js';
import { fengari } from './fengari.js';
import type { LuaClosure, LuaState } from './fengari-types.js';
import { position } from './lua-error.js';
import { meter } from './meter.js';
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
/** ADD is opcode 13; operations and their events have the same order. */
const EVENT_OF_OPCODE = EVENT.add - 13;

// Fengari's opcodes as numbers: V8 compiles a switch to a jump table only if its cases are literals.
function execute(L: LuaState, depth: number): void {
  let ci = L.ci;
  ci.callstatus |= FRESH;
  const { stack } = L;
  frame: for (;;) {
    const closure = ci.func.value as LuaClosure;
    if (ci.l_savedpc === 0 && mayCompile(L, depth)) {
      if (closure.p.compiled === undefined) noteFrame(L, closure.p);
      const { compiled } = closure.p;
      if (compiled !== undefined) {
        if (!compiled(L, ci, depth + 1)) continue;
        if (ci.callstatus & FRESH) return;
        const isFixed = ci.nresults !== ALL_RESULTS;
        ci = L.ci;
        if (isFixed) ensureTop(L, ci.top);
        continue;
      }
    }
    const { k } = closure.p;
    const code = ci.l_code;
    const base = ci.l_base;
    for (;;) {
      const i = code[ci.l_savedpc++];
      if (--meter.countdown < 0) meter.refill();
      const ra = stack[base + i.A];
      switch (i.opcode) {
        case 0: {
          // MOVE
          const from = stack[base + i.B];
          ra.type = from.type;
          ra.value = from.value;
          break;
        }
        case 1: {
          // LOADK
          const from = k[i.Bx];
          ra.type = from.type;
          ra.value = from.value;
          break;
        }
        case 2: // LOADKX
          ra.setfrom(k[code[ci.l_savedpc++].Ax]);
          break;
        case 3: // LOADBOOL
          ra.type = BOOLEAN;
          ra.value = i.B !== 0;
          if (i.C !== 0) ci.l_savedpc++;
          break;
        case 4: // LOADNIL
          meter.countdown -= i.B >>> 3;
          for (let slot = base + i.A; slot <= base + i.A + i.B; slot++) stack[slot].setnilvalue();
          break;
        case 5: {
          // GETUPVAL
          const from = closure.upvals[i.B];
          ra.type = from.type;
          ra.value = from.value;
          break;
        }
        case 6: // GETTABUP
          getField(L, closure.upvals[i.B], operand(stack, k, base, i.C), ra);
          break;
        case 7: // GETTABLE
          getField(L, stack[base + i.B], operand(stack, k, base, i.C), ra);
          break;
        case 8: // SETTABUP
          setField(L, closure.upvals[i.A], operand(stack, k, base, i.B), operand(stack, k, base, i.C));
          break;
        case 9: // SETUPVAL
          closure.upvals[i.B].setfrom(ra);
          break;
        case 10: // SETTABLE
          setField(L, ra, operand(stack, k, base, i.B), operand(stack, k, base, i.C));
          break;
        case 11: // NEWTABLE
          ra.value = ltable.luaH_new(L);
          ra.type = TABLE;
          break;
        case 12: {
          // SELF
          const object = stack[base + i.B];
          stack[base + i.A + 1].setfrom(object);
          getField(L, object, operand(stack, k, base, i.C), ra);
          break;
        }
        case 13: {
          // ADD
          const a = operand(stack, k, base, i.B);
          const b = operand(stack, k, base, i.C);
          if (a.type === NUMBER && b.type === NUMBER) {
            ra.value = (a.value as number) + (b.value as number);
            ra.type = NUMBER;
          } else arithmetic(L, EVENT.add, a, b, ra);
          break;
        }
        case 14: {
          // SUB
          const a = operand(stack, k, base, i.B);
          const b = operand(stack, k, base, i.C);
          if (a.type === NUMBER && b.type === NUMBER) {
            ra.value = (a.value as number) - (b.value as number);
            ra.type = NUMBER;
          } else arithmetic(L, EVENT.sub, a, b, ra);
          break;
        }
        case 15: // MUL
        case 16: // MOD
        case 17: // POW
        case 18: // DIV
        case 19: // IDIV
          arithmetic(L, i.opcode + EVENT_OF_OPCODE, operand(stack, k, base, i.B), operand(stack, k, base, i.C), ra);
          break;
        case 25: // UNM
          arithmetic(L, EVENT.unm, stack[base + i.B], stack[base + i.B], ra);
          break;
        case 20: // BAND
        case 21: // BOR
        case 22: // BXOR
        case 23: // SHL
        case 24: // SHR
          bitOperation(L, i.opcode + EVENT_OF_OPCODE, operand(stack, k, base, i.B), operand(stack, k, base, i.C), ra);
          break;
        case 26: // BNOT
          bitOperation(L, EVENT.bnot, stack[base + i.B], stack[base + i.B], ra);
          break;
        case 27: // NOT
          ra.value = isFalse(stack[base + i.B]);
          ra.type = BOOLEAN;
          break;
        case 28: // LEN
          lengthOf(L, stack[base + i.B], ra);
          break;
        case 29: // CONCAT
          concatenate(L, base + i.B, i.C - i.B + 1);
          ra.setfrom(stack[base + i.B]);
          break;
        case 30: // JMP
          jump(L, ci, i);
          break;
        case 31: {
          // EQ
          const a = operand(stack, k, base, i.B);
          branch(L, ci, equals(L, a, operand(stack, k, base, i.C)) === (i.A !== 0));
          break;
        }
        case 32: // LT
        case 33: {
          // LE
          const a = operand(stack, k, base, i.B);
          const b = operand(stack, k, base, i.C);
          branch(L, ci, (i.opcode === 32 /* LT */ ? lessThan(L, a, b) : lessOrEqual(L, a, b)) === (i.A !== 0));
          break;
        }
        case 34: // TEST
          branch(L, ci, isFalse(ra) === (i.C === 0));
          break;
        case 35: {
          // TESTSET
          const from = stack[base + i.B];
          const taken = isFalse(from) === (i.C === 0);
          if (taken) ra.setfrom(from);
          branch(L, ci, taken);
          break;
        }
        case 36: // CALL
          if (i.B !== 0) L.top = base + i.A + i.B;
          if (precall(L, base + i.A, i.C - 1)) {
            if (i.C !== 0) ensureTop(L, ci.top);
            break;
          }
          ci = L.ci;
          continue frame;
        case 37: // TAILCALL
          if (i.B !== 0) L.top = base + i.A + i.B;
          if (precall(L, base + i.A, ALL_RESULTS)) break;
          ci = replaceFrame(L, ci, closure.p.p.length > 0);
          ci.callstatus |= TAIL_CALLED;
          continue frame;
        case 38: {
          // RETURN
          if (closure.p.p.length > 0) lfunc.luaF_close(L, base);
          const isFixed = postcall(L, ci, base + i.A, i.B !== 0 ? i.B - 1 : L.top - base - i.A);
          if (ci.callstatus & FRESH) return;
          ci = L.ci;
          if (isFixed) ensureTop(L, ci.top);
          continue frame;
        }
        case 39: {
          // FORLOOP
          const step = stack[base + i.A + 2].value as number;
          const limit = stack[base + i.A + 1].value as number;
          const index = (ra.value as number) + step;
          if (step > 0 ? index <= limit : limit <= index) {
            ci.l_savedpc += i.sBx;
            ra.value = index;
            stack[base + i.A + 3].setfltvalue(index);
          }
          break;
        }
        case 40: // FORPREP
          prepareLoop(L, base + i.A);
          ci.l_savedpc += i.sBx;
          break;
        case 41: // TFORCALL
          callIterator(L, ci, base + i.A, i.C);
          break;
        case 42: {
          // TFORLOOP
          const control = stack[base + i.A + 1];
          if (control.type !== NIL) {
            ra.setfrom(control);
            ci.l_savedpc += i.sBx;
          }
          break;
        }
        case 43: // SETLIST
          setList(L, ci, i, base + i.A);
          break;
        case 44: // CLOSURE
          makeClosure(L, closure.p.p[i.Bx], closure.upvals, base, ra);
          break;
        case 45: // VARARG
          loadVarargs(L, ci, i, base);
          break;
      }
    }
  }
}

/** Compiled code nests on the stack of JavaScript, and cannot be left by a coroutine that yields: the loop runs deep calls and coroutines. */
function mayCompile(L: LuaState, depth: number): boolean {
  return depth < DEEPEST_COMPILED && L === L.l_G.mainthread;
}

interpreter.run = (L, depth) => {
  const { compiled } = (L.ci.func.value as LuaClosure).p;
  if (compiled !== undefined && depth < DEEPEST_COMPILED && compiled(L, L.ci, depth + 1)) return;
  execute(L, depth);
};

/** Fengari rethrows an error of the host only while its stack has room; scripts could catch the others. */
lvm.luaV_execute = (L) => {
  try {
    execute(L, L.nCcalls * FRAMES_OF_NATIVE);
  } catch (thrown) {
    if (thrown instanceof Error) notePlace(thrown, position(L).slice(0, -2));
    meter.passOn(thrown);
  }
};
