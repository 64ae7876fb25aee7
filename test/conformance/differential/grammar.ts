// The interface of a protocol for the comparison: random commands, and a marker after each by which replies are separated.

import type { Random } from '../../bench/load/random.js';
import type { ProtocolName } from '../recorded/load.js';

/** CAS values of one server by key, as its replies have shown them. */
export type Tokens = ReadonlyMap<string, string>;

export interface Command {
  /** The text for a failure's message. */
  readonly title: string;
  /** The bytes for a server that has shown these CAS values. */
  bytes(tokens: Tokens): Buffer;
  /** Whether it must be sent alone. */
  readonly isAlone?: boolean;
}

export interface Grammar {
  readonly protocol: ProtocolName;
  /** Empties the cache before a sequence. */
  readonly flush: Command;
  /** CAS values that commands set explicitly. */
  readonly chosenCas: ReadonlySet<string>;
  next(pick: Pick): Command;
  /** The marker after the command with this number. */
  mark(number: number): Buffer;
  /** The replies to commands whose markers have arrived, each without its marker. */
  split(received: Buffer, firstNumber: number): readonly Buffer[];
  /** CAS values shown by a reply, by key. */
  tokensOf(reply: Buffer): ReadonlyMap<string, string>;
}

/** Random choices. */
export class Pick {
  constructor(private readonly random: Random) {}

  below(limit: number): number {
    return this.random.below(limit);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }

  /** True once in `times` calls on average. */
  rarely(times: number): boolean {
    return this.below(times) === 0;
  }
}

/** Few keys, so that commands affect each other; one has the longest allowed length. */
export const KEYS: readonly string[] = ['a', 'b', 'c', 'd\x01\xff', 'k'.repeat(250)];
export const TOO_LONG_KEY = 'k'.repeat(251);

/** Expiry times at the limits of memcached's parser; none is reached while a sequence runs. */
export const EXPIRY_TIMES: readonly string[] = [
  ...['0', '0', '0', '100', '1000', '-1', '2592000', '2592001', '2147483647', '2147483648', '4294967295'],
  ...['4294967296', '-2147483648', '9223372036854775807', '00100'],
];

export const NUMBERS: readonly string[] = ['0', '1', '5', '99', '1000', '4294967296', '9223372036854775807'];
export const DELTAS: readonly string[] = ['0', '1', '7', '100', '4294967295', '18446744073709551615'];

export const WORDS: readonly string[] = ['', 'x', 'some words', 'END\r\nVALUE a 0 1\r\n', '\xff\0\n', 'y'.repeat(300)];
