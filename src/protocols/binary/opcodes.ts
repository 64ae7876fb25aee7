// The requests of the binary protocol, each declared once: number, command, form and the allowed parts of its frame. The parser's rules,
// dispatch, rights and the reference in README.md derive from these rows.

import { Command, type CommandName, NEEDS } from '../../operations/command-table.js';
import { ArithmeticOption, ReadOption, WriteKind } from '../../operations/outcomes.js';
import { ANY_RIGHT } from '../../operations/rights.js';

interface OpcodeRow {
  readonly opcode: number;
  readonly name: string;
  /** The command of the table whose rights it needs and under whose name a method is called. */
  readonly command?: CommandName;
  /** If it has no command of the table: the rights of which a client needs one, or EVERYBODY. */
  readonly needs?: number;
  /** The same request without the less interesting reply: the miss of a retrieval, the success of any other. */
  readonly quiet?: number;
  readonly extrasBytes?: number;
  /** The extras may be missing. */
  readonly extrasOptional?: boolean;
  readonly key?: 'required' | 'optional';
  readonly hasValue?: boolean;
  /** The reply to a retrieval repeats the key. */
  readonly returnsKey?: boolean;
  /** ReadOptions. */
  readonly read?: number;
  readonly write?: WriteKind;
  readonly arithmetic?: number;
}

/** Includes clients that have not logged in. */
export const EVERYBODY = -1;

const { withCas, touch } = ReadOption;
const STORAGE = { extrasBytes: 8, key: 'required', hasValue: true } as const;
const JOINING = { key: 'required', hasValue: true } as const;
const ARITHMETIC = { extrasBytes: 20, key: 'required' } as const;
const TOUCHING = { extrasBytes: 4, key: 'required', command: 'gat', read: withCas | touch } as const;
const READING = { key: 'required', command: 'get', read: withCas } as const;
const SASL = { key: 'required', hasValue: true, needs: EVERYBODY } as const;

export const OPCODE_ROWS: readonly OpcodeRow[] = [
  { ...READING, opcode: 0x00, name: 'get', quiet: 0x09 },
  { ...READING, opcode: 0x0c, name: 'getk', quiet: 0x0d, returnsKey: true },
  { ...TOUCHING, opcode: 0x1d, name: 'gat', quiet: 0x1e },
  { ...TOUCHING, opcode: 0x23, name: 'gatk', quiet: 0x24, returnsKey: true },
  { ...STORAGE, opcode: 0x01, name: 'set', quiet: 0x11, command: 'set', write: WriteKind.set },
  { ...STORAGE, opcode: 0x02, name: 'add', quiet: 0x12, command: 'add', write: WriteKind.add },
  { ...STORAGE, opcode: 0x03, name: 'replace', quiet: 0x13, command: 'replace', write: WriteKind.replace },
  { ...JOINING, opcode: 0x0e, name: 'append', quiet: 0x19, command: 'append', write: WriteKind.append },
  { ...JOINING, opcode: 0x0f, name: 'prepend', quiet: 0x1a, command: 'prepend', write: WriteKind.prepend },
  {
    ...ARITHMETIC,
    opcode: 0x05,
    name: 'increment',
    quiet: 0x15,
    command: 'incr',
    arithmetic: ArithmeticOption.none,
  },
  {
    ...ARITHMETIC,
    opcode: 0x06,
    name: 'decrement',
    quiet: 0x16,
    command: 'decr',
    arithmetic: ArithmeticOption.decrement,
  },
  { opcode: 0x04, name: 'delete', quiet: 0x14, command: 'delete', key: 'required' },
  { opcode: 0x1c, name: 'touch', command: 'touch', extrasBytes: 4, key: 'required' },
  { opcode: 0x08, name: 'flush', quiet: 0x18, command: 'flushAll', extrasBytes: 4, extrasOptional: true },
  { opcode: 0x10, name: 'stat', command: 'stats', key: 'optional' },
  { opcode: 0x07, name: 'quit', quiet: 0x17, needs: ANY_RIGHT },
  { opcode: 0x0a, name: 'noop', needs: ANY_RIGHT },
  { opcode: 0x0b, name: 'version', needs: EVERYBODY },
  { opcode: 0x20, name: 'sasl list', needs: EVERYBODY },
  { ...SASL, opcode: 0x21, name: 'sasl auth' },
  { ...SASL, opcode: 0x22, name: 'sasl step' },
];

export const OPCODE_COUNT = 256;

interface Form {
  readonly row: OpcodeRow;
  readonly isQuiet: boolean;
}

/** By opcode; quiet forms are rows of their own. */
const FORMS: readonly (Form | undefined)[] = Array.from({ length: OPCODE_COUNT }, (_, opcode) => {
  const row = OPCODE_ROWS.find((candidate) => candidate.opcode === opcode || candidate.quiet === opcode);
  return row === undefined ? undefined : { row, isQuiet: row.opcode !== opcode };
});

function byOpcode<Value>(read: (form: Form) => Value | undefined, otherwise: Value): readonly Value[] {
  return FORMS.map((form) => (form === undefined ? otherwise : (read(form) ?? otherwise)));
}

/** The allowed parts of a frame, as bits; 0 for an unknown opcode. */
export const FrameRule = { extrasMask: 0xff, isKnown: 0x100, key: 0x200, noKey: 0x400, value: 0x800, noExtras: 0x1000 };

export const FRAME_RULES = Int32Array.from(
  byOpcode(({ row }) => {
    const { extrasBytes = 0, extrasOptional, hasValue, key } = row;
    const keyRule = (key === undefined ? 0 : FrameRule.key) | (key === 'required' ? 0 : FrameRule.noKey);
    const valueRule = hasValue === true ? FrameRule.value : 0;
    const extrasRule = extrasBytes === 0 || extrasOptional === true ? FrameRule.noExtras : 0;
    return FrameRule.isKnown | extrasBytes | keyRule | valueRule | extrasRule;
  }, 0),
);

export const IS_QUIET: readonly boolean[] = byOpcode(({ isQuiet }) => isQuiet, false);
export const RETURNS_KEY: readonly boolean[] = byOpcode(({ row }) => row.returnsKey, false);
export const READ_OPTIONS: readonly number[] = byOpcode(({ row }) => row.read, 0);
export const WRITE_KINDS: readonly WriteKind[] = byOpcode<WriteKind>(({ row }) => row.write, WriteKind.set);
export const ARITHMETIC_OPTIONS: readonly number[] = byOpcode(({ row }) => row.arithmetic, 0);
export const COMMAND_OF: readonly Command[] = byOpcode(
  ({ row }) => (row.command === undefined ? undefined : Command[row.command]),
  Command.version,
);
/** The command as which a request is counted and timed; -1 if it has none. */
export const COUNTED_AS: readonly Command[] = byOpcode(
  ({ row }) => (row.command === undefined ? undefined : Command[row.command]),
  -1,
);
/** The rights of which a client needs one, by opcode. */
export const OPCODE_NEEDS: readonly number[] = byOpcode(
  ({ row }) => (row.command === undefined ? row.needs : NEEDS[Command[row.command]]),
  0,
);
