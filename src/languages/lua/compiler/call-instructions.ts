// The JavaScript that calls and returns become. A call with a fixed number of arguments and at most one result needs no boxes if it is one of
// compiled code, or of a native that needs no frame. A call of which all results are wanted usually has one as well: then the variable
// `one` is true, and that result is in its register; else all results are on the stack.

import type { Instruction } from '../vm/fengari-types.js';
import { ALL_RESULTS, NATIVE_STEPS } from '../vm/tags.js';
import { DEEPEST_COMPILED } from './calls.js';
import { type CodeWriter, range, type Writer } from './code-writer.js';
import { Opcode } from './instruction-layout.js';

const RETURN_STEPS = 1;

/** How the code uses the result of a call. */
interface Uses {
  /** Of a native without a frame. */
  readonly native: (value: string) => string;
  /** Of compiled code, which is in `found`. */
  readonly direct: string;
  /** Of any other call. */
  readonly other: (call: string) => string;
}

function usesOf(code: CodeWriter, { A, C }: Instruction): Uses {
  const finished = `finishTail(L, base + ${A}, depth)`;
  const back = 'L.ci = ci; L.top = ci.top;';
  if (C === 0) {
    const to = code.target(A);
    return {
      native: (value) => `${to} = ${value}; one = true;`,
      direct: `if (found === TAIL) { ${finished}; one = false; } else if (found === ON_STACK) one = false; else { ${to} = found; one = true; ${back} }`,
      other: (call) => `${call}; one = false;`,
    };
  }
  const to = C === 2 ? `${code.target(A)} = ` : '';
  return {
    native: (value) => `${to}${value};`,
    direct: `${to}found === TAIL ? ${finished} : found; ${back}`,
    other: (call) => `${to}${call};`,
  };
}

/** A call with the function and its arguments in registers. `isOpen`: the instruction takes any number of arguments, which now is known. */
function fixedCall(code: CodeWriter, i: Instruction, pc: number, values: readonly string[], isOpen: boolean): void {
  const [callee, ...given] = values;
  const uses = usesOf(code, i);
  const wanted = i.C === 0 ? ALL_RESULTS : i.C - 1;
  const frame = `openFrame(L, ${callee}, base + ${i.A}, ${given.length}, ${wanted})`;
  code.write(`ci.l_savedpc = ${pc + 1};`, `if (${isDirect(callee)}) {`);
  code.write(`found = ${callee}.p.direct(L, ${[frame, callee, 'depth + 1', ...given].join(', ')}); ${uses.direct} }`);
  nativeCall(code, callee, given, NATIVE_STEPS, uses.native);
  const top = isOpen ? topAfter(i, values) : '';
  code.write(`else { ${top} ${uses.other(`call(L, ci, ${[pc, 'depth', ...values].join(', ')})`)} }`);
}

function isDirect(callee: string): string {
  return `${callee} instanceof Closure && ${callee}.p.direct !== undefined && depth < ${DEEPEST_COMPILED}`;
}

/** A call of a native that needs no frame for these arguments. */
function nativeCall(
  code: CodeWriter,
  callee: string,
  given: readonly string[],
  steps: number,
  use: (value: string) => string,
): void {
  if (given.length > 2) return;
  const charge = `meter.countdown -= ${steps};`;
  if (given.length > 0) {
    const areNumbers = given.map((value) => `typeof ${value} === 'number'`).join(' && ');
    const native = `${callee}.${given.length === 1 ? 'ofNumber' : 'ofNumbers'}`;
    code.write(`else if (typeof ${callee} === 'function' && ${native} !== undefined && ${areNumbers}) {`);
    code.write(`${charge} ${use(`${native}(${given.join(', ')})`)} }`);
  }
  if (given.length > 1) return;
  code.write(`else if (typeof ${callee} === 'function' && ${callee}.ofValue !== undefined`);
  code.write(`&& (found = ${callee}.ofValue(${given.join('')})) !== undefined) { ${charge} ${use('found')} }`);
}

/** A call over the stack. */
function anyCall(code: CodeWriter, i: Instruction, pc: number, values: readonly string[]): void {
  const text = `call(L, ci, ${[pc, 'depth', ...values].join(', ')})`;
  if (i.C === 0) code.write(`${text}; one = false;`);
  else if (i.C === 2) code.write(`${code.target(i.A)} = ${text};`);
  else {
    code.write(`${text};`);
    code.reload(i.A, i.C - 1);
  }
}

/** A call of which several results are wanted, with a known number of arguments. */
function severalResults(
  code: CodeWriter,
  i: Instruction,
  pc: number,
  values: readonly string[],
  isOpen: boolean,
): void {
  if (isOpen) code.write(topAfter(i, values));
  anyCall(code, i, pc, values);
}

/** Makes the last of the values the last argument of a call with any number of arguments. */
function topAfter({ A }: Instruction, values: readonly string[]): string {
  return `L.top = base + ${A + values.length};`;
}

function fixedTailCall(code: CodeWriter, i: Instruction, pc: number, values: readonly string[], isOpen: boolean): void {
  const [callee, ...given] = values;
  const frame = `reopenFrame(L, ci, ${pc}, ${callee}, ${given.length})`;
  code.write(`ci.l_savedpc = ${pc + 1};`, `if (${isDirect(callee)})`);
  code.write(`return ${callee}.p.direct(L, ${[frame, callee, 'depth + 1', ...given].join(', ')});`);
  nativeCall(code, callee, given, NATIVE_STEPS + RETURN_STEPS, (value) => `return ${value};`);
  const top = isOpen ? topAfter(i, values) : '';
  code.write(`${top} if (!tailCall(L, ci, ${[pc, ...values].join(', ')})) return TAIL;`);
}

/** The register of the call before, all of whose results an instruction takes. */
function openRegister(code: CodeWriter, pc: number): number {
  return code.layout.code[pc - 1].A;
}

function registers(from: number, to: number): string[] {
  return range(from, to).map((slot) => `r${slot}`);
}

/** Code for one result of the call before, and for results on the stack. */
function eitherWay(
  code: CodeWriter,
  pc: number,
  first: number,
  one: (values: string[]) => void,
  many: (values: string[]) => void,
): void {
  const last = openRegister(code, pc);
  code.write('if (one) {');
  one(registers(first, last + 1));
  code.write('} else {');
  many(registers(first, last));
  code.write('}');
}

export const CALL_WRITERS: Readonly<Record<number, Writer>> = {
  [Opcode.call](code, i, pc) {
    const fixed = i.C > 2 ? severalResults : fixedCall;
    if (i.B !== 0) fixed(code, i, pc, registers(i.A, i.A + i.B), false);
    else {
      const one = (values: string[]) => fixed(code, i, pc, values, true);
      eitherWay(code, pc, i.A, one, (values) => anyCall(code, i, pc, values));
    }
  },
  [Opcode.tailCall](code, i, pc) {
    if (i.B !== 0) fixedTailCall(code, i, pc, registers(i.A, i.A + i.B), false);
    else {
      const many = (values: string[]) =>
        code.write(`if (!tailCall(L, ci, ${[pc, ...values].join(', ')})) return TAIL;`);
      eitherWay(code, pc, i.A, (values) => fixedTailCall(code, i, pc, values, true), many);
    }
    // Only a native comes back, with its results on the stack.
    code.write('one = false;');
  },
  [Opcode.return](code, i, pc) {
    const returnMany = (values: string[]) => code.write(`return returnMany(L, ci, ${[pc, ...values].join(', ')});`);
    if (i.B === 2) code.write(`return r${i.A};`);
    else if (i.B !== 0) returnMany(registers(i.A, i.A + i.B - 1));
    else {
      const one = (values: string[]) => {
        code.write(topAfter(i, values));
        returnMany(values);
      };
      eitherWay(code, pc, i.A, one, returnMany);
    }
  },
  [Opcode.forCall](code, { A, C }, pc) {
    code.write(`iterate(L, ci, ${[pc, ...registers(A, A + 3)].join(', ')});`);
    code.reload(A + 3, C);
  },
  [Opcode.setList](code, i, pc) {
    const fill = (values: string[]) => code.write(`${code.operation('fillList', pc, ...values)};`);
    if (i.B !== 0) fill(registers(i.A, i.A + i.B + 1));
    else {
      const one = (values: string[]) => {
        code.write(topAfter(i, values));
        fill(values);
      };
      eitherWay(code, pc, i.A, one, fill);
    }
  },
};
