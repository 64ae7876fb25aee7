// Fengari's instructions as the compiler reads them: their numbers, where they jump, what they charge. What they do: instructions.ts.

import type { Instruction, Proto } from '../vm/fengari-types.js';

// biome-ignore format: a table
export const Opcode = {
  move: 0, loadK: 1, loadBool: 3, loadNil: 4, getUpvalue: 5, getTabUp: 6, getTable: 7, setTabUp: 8, setUpvalue: 9, setTable: 10, newTable: 11,
  self: 12, add: 13, sub: 14, mul: 15, mod: 16, pow: 17, div: 18, idiv: 19, bitAnd: 20, shiftRight: 24, minus: 25, bitNot: 26, not: 27, length: 28,
  concat: 29, jump: 30, equal: 31, less: 32, lessOrEqual: 33, test: 34, testSet: 35, call: 36, tailCall: 37, return: 38, forLoop: 39, forPrep: 40,
  forCall: 41, forIn: 42, setList: 43,
} as const;

/** In operands: the number of a constant, not of a register. */
export const CONSTANT = 256;
/** A frame of V8's interpreter holds all registers: with this many, a hundred nested frames take 100 KB of its stack. */
const MOST_REGISTERS = 100;
/** By weight; compiled in about 4 ms. */
const LONGEST_CODE = 500;
/** Registers of an instruction that become as much code as a simple instruction, as a power of 2. */
const REGISTERS_PER_WEIGHT_BITS = 2;

/** Functions that make functions share their registers with them; those with `...` have a frame of another form. */
export function canCompile({ code, is_vararg, p, maxstacksize }: Proto): boolean {
  if (is_vararg || p.length > 0 || maxstacksize > MOST_REGISTERS) return false;
  return code.length <= LONGEST_CODE && code.every(isKnown) && weightOf(code) <= LONGEST_CODE;
}

/** How much code instructions become, in simple instructions: one that reads or writes many registers becomes a line for each. */
export function weightOf(code: readonly Instruction[]): number {
  return code.reduce((sum, i) => sum + 1 + (registersOf(i) >>> REGISTERS_PER_WEIGHT_BITS), 0);
}

function registersOf({ opcode, B, C }: Instruction): number {
  switch (opcode) {
    case Opcode.call:
      return B + C;
    case Opcode.loadNil:
    case Opcode.tailCall:
    case Opcode.return:
    case Opcode.setList:
      return B;
    case Opcode.forCall:
      return C;
    case Opcode.concat:
      return C - B;
    default:
      return 0;
  }
}

function isKnown({ opcode, A, C }: Instruction): boolean {
  if (opcode === Opcode.setList) return C !== 0;
  if (opcode === Opcode.jump) return A === 0;
  return opcode <= Opcode.setList && opcode !== LOAD_LONG_CONSTANT;
}

const LOAD_LONG_CONSTANT = 2;

/** A test takes the jump after it, or skips it. */
export function isTest({ opcode }: Instruction): boolean {
  return opcode >= Opcode.equal && opcode <= Opcode.testSet;
}

/** Whether it ends a round of a loop. */
export function isBackwards({ opcode, sBx }: Instruction): boolean {
  return opcode === Opcode.forLoop || opcode === Opcode.forIn || (opcode === Opcode.jump && sBx < 0);
}

/** Where a jump can lead from an instruction, apart from the next one. */
function targetOf(code: readonly Instruction[], pc: number): number | undefined {
  const i = code[pc];
  switch (i.opcode) {
    case Opcode.jump:
    case Opcode.forLoop:
    case Opcode.forPrep:
    case Opcode.forIn:
      return pc + 1 + i.sBx;
    case Opcode.loadBool:
      return i.C === 0 ? undefined : pc + 2;
    default:
      return isTest(i) ? pc + 2 : undefined;
  }
}

/** Instructions after which steps are counted anew: jumps and returns, and calls, since the called function may fail. */
function endsSegment(code: readonly Instruction[], pc: number): boolean {
  const { opcode } = code[pc];
  if (opcode === Opcode.call || opcode === Opcode.tailCall || opcode === Opcode.forCall) return true;
  if (opcode === Opcode.return) return true;
  return targetOf(code, pc) !== undefined && !isTest(code[pc]);
}

function stepsOf({ opcode, B }: Instruction): number {
  return opcode === Opcode.loadNil ? 1 + (B >>> 3) : 1;
}

/** Where code is divided: at the targets of jumps, and into segments that are charged as a whole when they begin. */
export class Layout {
  readonly targets: ReadonlySet<number>;
  /** Code without loops. */
  readonly isForward: boolean;
  readonly #starts = new Set<number>([0]);

  constructor(readonly code: readonly Instruction[]) {
    const targets = new Set<number>();
    let isForward = true;
    for (let pc = 0; pc < code.length; pc++) {
      const target = targetOf(code, pc);
      if (target !== undefined) {
        targets.add(target);
        this.#starts.add(target);
        if (target <= pc) isForward = false;
      }
      if (endsSegment(code, pc)) this.#starts.add(pc + 1);
    }
    this.targets = targets;
    this.isForward = isForward;
  }

  startsSegment(pc: number): boolean {
    return this.#starts.has(pc);
  }

  /** Whether the jump after a test can be reached in another way than through the test. */
  isJumpTarget(pc: number): boolean {
    return this.targets.has(pc);
  }

  /** Steps of the instructions from `from` to the end of its segment. The jump after a test is part of the test. */
  stepsFrom(from: number): number {
    let steps = 0;
    for (let pc = from; pc < this.code.length && (pc === from || !this.#starts.has(pc)); pc++) {
      steps += stepsOf(this.code[pc]);
      if (isTest(this.code[pc]) && !this.isJumpTarget(pc + 1)) pc++;
    }
    return steps;
  }

  /** Steps of the rest of the segment after an instruction. */
  stepsAfter(pc: number): number {
    return this.stepsFrom(pc) - stepsOf(this.code[pc]);
  }
}
