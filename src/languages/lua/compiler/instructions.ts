// The JavaScript that each instruction becomes. The usual case is written out; the rest is a call of rare-operations.ts or
// concatenation.ts. Calls and returns: call-instructions.ts.

import type { Instruction } from '../vm/fengari-types.js';
import { FREE_LENGTH, type LuaString } from '../vm/lua-string.js';
import { BOOLEAN, NIL, NUMBER, STRING } from '../vm/tags.js';
import { CALL_WRITERS } from './call-instructions.js';
import { type CodeWriter, range, type Writer } from './code-writer.js';
import { CONSTANT, Opcode } from './instruction-layout.js';

const ARITHMETIC: Readonly<Record<number, (a: string, b: string) => string>> = {
  [Opcode.add]: (a, b) => `${a} + ${b}`,
  [Opcode.sub]: (a, b) => `${a} - ${b}`,
  [Opcode.mul]: (a, b) => `${a} * ${b}`,
  [Opcode.pow]: (a, b) => `${a} ** ${b}`,
  [Opcode.div]: (a, b) => `${a} / ${b}`,
  [Opcode.mod]: (a, b) => `modulo(${a}, ${b})`,
  [Opcode.idiv]: (a, b) => `Math.floor(${a} / ${b})`,
};

const isFalse = (value: string) => `(${value} === false || ${value} == null)`;

const arithmetic: Writer = (code, i, pc) => {
  const [a, b] = [code.operand(i.B), code.operand(i.C)];
  const condition = code.areNumbers(i.B, i.C);
  const result = ARITHMETIC[i.opcode](a, b);
  const otherwise = code.operation('calculate', pc, a, b);
  const value = condition === '' ? result : `${condition} ? ${result} : ${otherwise}`;
  code.write(`${code.target(i.A, condition === '')} = ${value};`);
};

const bits: Writer = (code, i, pc) => {
  const other = i.opcode === Opcode.bitNot ? i.B : i.C;
  const value = code.operation('calculate', pc, code.operand(i.B), code.operand(other));
  code.write(`${code.target(i.A)} = ${value};`);
};

const compare =
  (operator: string): Writer =>
  (code, i, pc) => {
    const [a, b] = [code.operand(i.B), code.operand(i.C)];
    const condition = code.areNumbers(i.B, i.C);
    const test = `${a} ${operator} ${b}`;
    const value = condition === '' ? test : `${condition} ? ${test} : ${code.operation('compare', pc, a, b)}`;
    code.branch(pc, `(${value}) === ${i.A !== 0}`);
  };

/** A text that is a table's key as it is. */
function isPlainKey(code: CodeWriter, index: number): boolean {
  const constant = code.constantAt(index);
  if (constant === undefined) return code.isNumber(index);
  return constant.type === NUMBER ? !Number.isNaN(constant.value) : isReplyText(constant);
}

function isReplyText({ type, value }: { readonly type: number; readonly value: unknown }): boolean {
  return type === STRING && (value as LuaString).tsslen() <= FREE_LENGTH;
}

/** The key of a table's map. */
function keyOf(code: CodeWriter, index: number): string {
  const constant = code.constantAt(index);
  return constant?.type === STRING ? code.text(index) : code.operand(index);
}

function readField(code: CodeWriter, i: Instruction, container: string, otherwise: string): void {
  const isPlain = isPlainKey(code, i.C);
  const key = keyOf(code, i.C);
  const check = i.C & CONSTANT || isPlain ? '' : `typeof ${key} !== 'number' || `;
  const read = `(found = plainField(${container}, ${key})) === undefined`;
  const value = i.C & CONSTANT && !isPlain ? otherwise : `${check}${read} ? ${otherwise} : found`;
  code.write(`${code.target(i.A)} = ${value};`);
}

function writeField(code: CodeWriter, i: Instruction, container: string, otherwise: string): void {
  const isPlain = isPlainKey(code, i.B);
  if (i.B & CONSTANT && !isPlain) code.write(`${otherwise};`);
  else {
    const [key, value] = [keyOf(code, i.B), code.operand(i.C)];
    const check = isPlain ? '' : `typeof ${key} === 'number' && `;
    const isNil = code.isNumber(i.C) ? '' : `${value} != null && `;
    code.write(`if (${check}${isNil}(found = plainEntry(${container}, ${key})) !== undefined) fill(found, ${value});`);
    code.write(`else ${otherwise};`);
  }
}

const equal: Writer = (code, i, pc) => {
  const [a, b] = [code.operand(i.B), code.operand(i.C)];
  code.branch(pc, `(${equality(code, i, a, b, pc)}) === ${i.A !== 0}`);
};

function equality(code: CodeWriter, i: Instruction, a: string, b: string, pc: number): string {
  const types = [code.constantAt(i.B)?.type, code.constantAt(i.C)?.type];
  if (types.includes(NIL)) return `${types[0] === NIL ? b : a} == null`;
  if (types.includes(BOOLEAN) || code.isNumber(i.B) || code.isNumber(i.C)) return `${a} === ${b}`;
  return `${a} === ${b} || ${code.operation('equal', pc, a, b)}`;
}

export const WRITERS: Readonly<Record<number, Writer>> = {
  [Opcode.move](code, i) {
    const isNumber = code.isNumber(i.B);
    code.write(`${code.target(i.A, isNumber)} = r${i.B};`);
  },
  [Opcode.loadK](code, { A, Bx }) {
    code.write(`${code.target(A, code.isNumber(CONSTANT | (Bx & 255)) && Bx < 256)} = ${code.constant(Bx)};`);
  },
  [Opcode.loadBool](code, i, pc) {
    code.write(`${code.target(i.A)} = ${i.B !== 0};`);
    if (i.C !== 0) code.write(code.goto(pc + 2));
  },
  [Opcode.loadNil](code, i) {
    for (let slot = i.A; slot <= i.A + i.B; slot++) code.write(`${code.target(slot)} = null;`);
  },
  [Opcode.getUpvalue]: (code, i) => code.write(`${code.target(i.A)} = ${code.upvalue(i.B)}.value;`),
  [Opcode.setUpvalue]: (code, i) => code.write(`fill(${code.upvalue(i.B)}, r${i.A});`),
  [Opcode.getTabUp](code, i, pc) {
    const [box, value] = [code.upvalue(i.B), `${code.upvalue(i.B)}.value`];
    readField(code, i, value, code.operation('get', pc, value, code.operand(i.C), box));
  },
  [Opcode.getTable]: (code, i, pc) =>
    readField(code, i, `r${i.B}`, code.operation('get', pc, `r${i.B}`, code.operand(i.C))),
  [Opcode.setTabUp](code, i, pc) {
    const [box, value] = [code.upvalue(i.A), `${code.upvalue(i.A)}.value`];
    writeField(code, i, value, code.operation('set', pc, value, code.operand(i.B), code.operand(i.C), box));
  },
  [Opcode.setTable]: (code, i, pc) =>
    writeField(code, i, `r${i.A}`, code.operation('set', pc, `r${i.A}`, code.operand(i.B), code.operand(i.C))),
  [Opcode.newTable]: (code, i, pc) => code.write(`${code.target(i.A)} = ${code.operation('newTable', pc)};`),
  [Opcode.self](code, i, pc) {
    // The object first: its register may be one of the two that are written.
    code.write(`const o${pc} = r${i.B}; ${code.target(i.A + 1)} = o${pc};`);
    readField(code, i, `o${pc}`, code.operation('get', pc, `o${pc}`, code.operand(i.C)));
  },
  ...Object.fromEntries(range(Opcode.add, Opcode.idiv + 1).map((opcode) => [opcode, arithmetic])),
  ...Object.fromEntries(range(Opcode.bitAnd, Opcode.shiftRight + 1).map((opcode) => [opcode, bits])),
  [Opcode.bitNot]: bits,
  [Opcode.minus](code, i, pc) {
    const [value, condition] = [`r${i.B}`, code.areNumbers(i.B)];
    const otherwise = code.operation('calculate', pc, value, value);
    code.write(
      `${code.target(i.A, condition === '')} = ${condition === '' ? `-${value}` : `${condition} ? -${value} : ${otherwise}`};`,
    );
  },
  [Opcode.not]: (code, i) => code.write(`${code.target(i.A)} = ${isFalse(`r${i.B}`)};`),
  [Opcode.length]: (code, i, pc) => code.write(`${code.target(i.A)} = ${code.operation('length', pc, `r${i.B}`)};`),
  [Opcode.concat](code, i, pc) {
    const values = range(i.B, i.C + 1).map((slot) => `r${slot}`);
    code.write(`${code.target(i.A)} = ${code.operation('concat', pc, ...values)};`);
  },
  [Opcode.jump]: (code, i, pc) => code.write(code.goto(pc + 1 + i.sBx)),
  [Opcode.equal]: equal,
  [Opcode.less]: compare('<'),
  [Opcode.lessOrEqual]: compare('<='),
  [Opcode.test]: (code, i, pc) => code.branch(pc, `${isFalse(`r${i.A}`)} === ${i.C === 0}`),
  [Opcode.testSet](code, i, pc) {
    code.branch(pc, `${isFalse(`r${i.B}`)} === ${i.C === 0}`, `${code.target(i.A)} = r${i.B}; `);
  },
  [Opcode.forLoop](code, { A, sBx }, pc) {
    code.write(`r${A} += r${A + 2};`);
    code.write(`if (r${A + 2} > 0 ? r${A} <= r${A + 1} : r${A + 1} <= r${A}) { r${A + 3} = r${A};`);
    code.write(code.goto(pc + 1 + sBx), '}');
    code.target(A + 3);
  },
  [Opcode.forPrep](code, { A, sBx }, pc) {
    const numbers = range(A, A + 3);
    const condition = [code.areNumbers(...numbers), `r${A + 2} !== 0`].filter((part) => part !== '').join(' && ');
    code.write(`if (${condition}) r${A} -= r${A + 2};`);
    code.write(`else { prepare(L, ci, ${pc}, ${numbers.map((slot) => `r${slot}`).join(', ')});`);
    code.reload(A, 3);
    code.write('}', code.goto(pc + 1 + sBx));
  },
  [Opcode.forIn](code, { A, sBx }, pc) {
    code.write(`if (r${A + 1} != null) { ${code.target(A)} = r${A + 1};`, code.goto(pc + 1 + sBx), '}');
  },
  ...CALL_WRITERS,
};
