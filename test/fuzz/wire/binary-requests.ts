// Random requests of the binary protocol, each as plain data that can be kept in a file, and their bytes.

import { frame, numberExtras, Opcode, type OpcodeName, storageExtras, uint32 } from '../../protocols/binary/frames.js';
import type { Draw } from './request-parts.js';

/** The token of a request: none, the last one that was sent for its key, or one that no item has. */
export type TokenChoice = 'none' | 'known' | 'wrong';

export interface BinaryStep {
  readonly name: OpcodeName | 'unknown';
  /** Characters are bytes. */
  readonly key: string;
  readonly value: string;
  readonly flags: number;
  readonly exptime: number;
  readonly delta: string;
  readonly initial: string;
  readonly token: TokenChoice;
}

export const NOT_MADE = 0xffff_ffff;
const WRONG_TOKEN = 10n ** 15n;
const UNKNOWN_OPCODE = 0x66;

const NAMES: readonly BinaryStep['name'][] = [
  ...(['get', 'getq', 'getk', 'getkq', 'gat', 'gatq', 'gatk', 'gatkq', 'touch', 'touch'] as const),
  ...(['set', 'set', 'set', 'setq', 'add', 'addq', 'replace', 'replaceq'] as const),
  ...(['append', 'appendq', 'prepend', 'prependq', 'delete', 'deleteq'] as const),
  ...(['increment', 'incrementq', 'decrement', 'decrementq', 'increment', 'noop', 'unknown'] as const),
];
const WORDS = [
  '',
  '0',
  '7',
  '99',
  '18446744073709551615',
  '18446744073709551616',
  '12  ',
  'x',
  'get a\r\n',
  '\x80\x01',
];
const LENGTHS = [20, 21, 255, 256, 1000, 2047, 2048, 2049, 4095, 4096, 65_500, 65_536, 200_000, 299_800, 300_100];
const NUMBERS = ['0', '1', '9', '1000', '9007199254740993', '18446744073709551615'];
const EXPTIMES = [0, 0, 0, 100, 1000, 2_592_001, 0xffff_fffe];

export class BinaryGrammar {
  constructor(
    private readonly random: Draw,
    private readonly keys: readonly string[],
  ) {}

  next(): BinaryStep {
    const name = this.#pick(NAMES);
    return {
      name,
      key: this.#pick(this.keys),
      value: this.#value(),
      flags: this.#pick([0, 0, 5, 0xffff_ffff]),
      exptime: isArithmetic(name) && this.random(3) === 0 ? NOT_MADE : this.#pick(EXPTIMES),
      delta: this.#pick(NUMBERS),
      initial: this.#pick(NUMBERS),
      token: this.#pick(['none', 'none', 'none', 'known', 'known', 'wrong'] as const),
    };
  }

  #value(): string {
    const dice = this.random(10);
    if (dice < 5) return this.#pick(WORDS);
    const length = dice < 8 ? this.random(100) : this.#pick(LENGTHS);
    // Bytes that depend on their offset, so that a misplaced piece is detected.
    const seed = this.random(1000);
    let text = '';
    for (let piece = 0; text.length < length; piece++) text += `<${seed}:${piece}>`;
    return text.slice(0, length);
  }

  #pick<T>(of: readonly T[]): T {
    return of[this.random(of.length)];
  }
}

function isArithmetic(name: string): boolean {
  return name.startsWith('increment') || name.startsWith('decrement');
}

export function isQuiet(name: BinaryStep['name']): boolean {
  return name.endsWith('q');
}

/** The token of a step, given the last one that was sent. */
export function tokenOf({ name, token }: BinaryStep, known: bigint | undefined): bigint {
  if (token === 'none' || !/^(set|add|repl|app|prep|del|incr|decr)/.test(name)) return 0n;
  return token === 'known' && known !== undefined ? known : WRONG_TOKEN;
}

export function bytesOf(step: BinaryStep, cas: bigint, opaque: number): Buffer {
  const { delta, exptime, flags, initial, key, name, value } = step;
  if (name === 'unknown') return frame(UNKNOWN_OPCODE, { key, value, opaque });
  const opcode = Opcode[name];
  if (name === 'noop') return frame(opcode, { opaque });
  if (/^(set|add|repl)/.test(name))
    return frame(opcode, { key, value, cas, opaque, extras: storageExtras(flags, exptime) });
  if (/^(app|prep)/.test(name)) return frame(opcode, { key, value, cas, opaque });
  if (isArithmetic(name)) {
    return frame(opcode, { key, cas, opaque, extras: numberExtras(BigInt(delta), BigInt(initial), exptime) });
  }
  if (/^(gat|touch)/.test(name)) return frame(opcode, { key, opaque, extras: uint32(exptime) });
  return frame(opcode, { key, cas, opaque });
}
