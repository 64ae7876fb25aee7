// Composes the JavaScript of one function of Lua. Names and numbers in it come from the bytecode's own numbers; texts of the script
// come in as values of variables. Which lines an instruction becomes: instructions.ts.

import type { Instruction, Proto } from '../vm/fengari-types.js';
import { NUMBER } from '../vm/tags.js';
import { CONSTANT, isTest, Layout } from './instruction-layout.js';

export type Writer = (code: CodeWriter, i: Instruction, pc: number) => void;

export class CodeWriter {
  readonly layout: Layout;
  readonly #lines: string[] = [];
  readonly #upvalues = new Set<number>();
  /** Constants that the code mentions, as values and as keys of tables. A function may have any number that it never uses. */
  readonly #constants = new Set<number>();
  readonly #texts = new Set<number>();
  /** Registers that have a number, whatever way led here. */
  readonly #numbers = new Set<number>();

  constructor(private readonly proto: Proto) {
    this.layout = new Layout(proto.code);
  }

  /** The body of a function whose parameters are this function's tools and constants, and which returns two functions: the code with its
      arguments in registers, and the code with its arguments on the stack. */
  body(writers: Readonly<Record<number, Writer>>): string {
    const { code, numparams, maxstacksize } = this.proto;
    for (let pc = 0; pc < code.length; pc++) {
      this.#startBlock(pc);
      writers[code[pc].opcode](this, code[pc], pc);
      // The jump has been written with the test.
      if (isTest(code[pc]) && !this.layout.isJumpTarget(pc + 1)) pc++;
    }
    const parameters = range(0, numparams).map((slot) => `, r${slot}`);
    const onStack = range(0, numparams).map((slot) => `, registerOf(L, ci, ${slot})`);
    const others = range(numparams, maxstacksize).map((slot) => `r${slot} = null`);
    return [
      '"use strict";',
      ...[...this.#constants].map((index) => `const k${index} = constants[${index}].value;`),
      ...[...this.#texts].map((index) => `const t${index} = keyText(constants[${index}]);`),
      `const code = (L, ci, closure, depth${parameters.join('')}) => {`,
      'const { upvals } = closure; const base = ci.l_base; let found, one = false;',
      others.length === 0 ? '' : `let ${others.join(', ')};`,
      ...[...this.#upvalues].map((index) => `const u${index} = upvals[${index}];`),
      ...this.#opening(),
      ...this.#lines,
      this.layout.isForward ? '' : '}',
      '};',
      `return [code, (L, ci, depth) => finish(L, ci, code(L, ci, ci.func.value, depth${onStack.join('')}))];`,
    ].join('\n');
  }

  write(...lines: string[]): void {
    this.#lines.push(...lines);
  }

  /** A register that is written now; whether it gets a number. */
  target(slot: number, isNumber = false): string {
    if (isNumber) this.#numbers.add(slot);
    else this.#numbers.delete(slot);
    return `r${slot}`;
  }

  upvalue(index: number): string {
    this.#upvalues.add(index);
    return `u${index}`;
  }

  /** The value of a register or of a constant. */
  operand(index: number): string {
    return index & CONSTANT ? this.constant(index & 255) : `r${index}`;
  }

  constant(index: number): string {
    const { type, value } = this.proto.k[index];
    if (type !== NUMBER || !Number.isFinite(value)) {
      this.#constants.add(index);
      return `k${index}`;
    }
    return Object.is(value, -0) ? '(-0)' : `(${value})`;
  }

  /** The text of a constant operand, as a table's key. */
  text(index: number): string {
    this.#texts.add(index & 255);
    return `t${index & 255}`;
  }

  /** The box of a constant operand, if it is one. */
  constantAt(index: number): { readonly type: number; readonly value: unknown } | undefined {
    return index & CONSTANT ? this.proto.k[index & 255] : undefined;
  }

  isNumber(index: number): boolean {
    const constant = this.constantAt(index);
    return constant === undefined ? this.#numbers.has(index) : constant.type === NUMBER;
  }

  /** The condition that the operands are numbers, empty if that is known. */
  areNumbers(...operands: readonly number[]): string {
    const unknown = new Set(operands.filter((index) => !this.isNumber(index)));
    return [...unknown].map((index) => `typeof ${this.operand(index)} === 'number'`).join(' && ');
  }

  /** A call of an operation that may fail. */
  operation(name: string, pc: number, ...values: readonly string[]): string {
    return `${name}(L, ci, ${[pc, this.layout.stepsAfter(pc), ...values].join(', ')})`;
  }

  goto(target: number): string {
    return this.layout.isForward ? `break b${target};` : `{ pc = ${target}; continue; }`;
  }

  /** Takes the jump after a test on a condition; before that, does `before`. */
  branch(pc: number, condition: string, before = ''): void {
    const next = this.proto.code[pc + 1];
    if (this.layout.isJumpTarget(pc + 1)) this.write(`if (${condition}) { ${before} } else ${this.goto(pc + 2)}`);
    else this.write(`if (${condition}) { ${before}${this.goto(pc + 2 + next.sBx)} }`);
  }

  /** Reads registers that were written on the stack. */
  reload(from: number, count: number): void {
    for (const slot of range(from, from + count)) this.write(`${this.target(slot)} = registerOf(L, ci, ${slot});`);
  }

  #startBlock(pc: number): void {
    const isTarget = this.layout.targets.has(pc);
    if (isTarget) {
      this.#numbers.clear();
      this.write(this.layout.isForward ? '}' : `case ${pc}:`);
    }
    if (!this.layout.startsSegment(pc)) return;
    const steps = this.layout.stepsFrom(pc);
    this.write(`if ((meter.countdown -= ${steps}) < 0) { ci.l_savedpc = ${pc + 1}; meter.refill(); }`);
  }

  #opening(): string[] {
    const { targets, isForward } = this.layout;
    if (isForward) return [...targets].sort((a, b) => b - a).map((target) => `b${target}: {`);
    return ['let pc = 0; for (;;) switch (pc) {', targets.has(0) ? '' : 'case 0:'];
  }
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
