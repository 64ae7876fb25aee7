// The random parts of requests: keys, times, values and lines. Commands: requests.ts.

import { MAX_OPEN_LINE_BYTES } from '../../../src/protocols/text/text-parser.js';

/** An integer from 0 to one less than the limit. */
export type Draw = (below: number) => number;

/** Seconds until the item expires; 0 is never, negative is already past. */
export type Lifetime = number;

export interface GrammarOptions {
  /** The prefix of each key, so that clients use different keys. */
  readonly prefix: string;
  readonly keys: number;
  readonly longestValue: number;
  /** Largest item of the server. */
  readonly itemLimit: number;
  /** Whether requests that change more than this client's keys may be made. */
  readonly isAlone: boolean;
  /** Undefined omits `version`, so that its reply can mark the end of a batch. */
  readonly version: string | undefined;
  /** Whether items may be evicted: then no request is sent whose effect would be unknown afterwards. */
  readonly mayEvict: boolean;
  /** Whether the model's clock is the server's, so that replies may show times. */
  readonly isClockExact: boolean;
  /** Whether the server has the object type of `virtual-model.ts`. */
  readonly hasObjects: boolean;
}

export const BAD = 'CLIENT_ERROR bad command line format\r\n';
export const TOO_LONG_KEY = 'k'.repeat(251);

const ODD_KEYS = ['\x01b', 'a\x7f', 'x\ry', '\t', '\xff\x80', '__proto__', 'a\r', '%20', '\x80', 'constructor'];
const NEVER = ['0', '00', '-0', '4294967296'];
const PAST = ['-1', '-2147483648', '2147483648', '4294967295', '1000000000', '9223372036854775807'];
const BOUNDARIES = [0, 1, 20, 21, 255, 256, 1012, 1024, 2047, 2048, 2049, 4095, 4096, 65_535, 65_536, 262_144];
export const COMMAND_LIKE = [
  'flush_all\r\n',
  'END\r\n',
  'VALUE a 0 1\r\n',
  '\r\nflush_all\r\n',
  'delete ',
  '\0',
  '\x80\x01',
  'quit\r\n',
];

export class RequestParts {
  constructor(
    readonly random: Draw,
    readonly options: GrammarOptions,
  ) {}

  line(words: readonly string[]): string {
    const isSpaced = this.random(20) === 0;
    const gap = () => (isSpaced ? ' '.repeat(1 + this.random(this.random(8) === 0 ? 250 : 3)) : ' ');
    let text = '';
    words.forEach((word, index) => {
      text += index === 0 ? word : `${gap()}${word}`;
    });
    if (this.random(30) === 0) text += gap();
    // Of a longer line it would depend on the pieces in which it arrives whether it is refused.
    if (text.length >= MAX_OPEN_LINE_BYTES) text = words.join(' ');
    // A carriage return at the end would belong to a line feed.
    return text.endsWith('\r') ? `${text}\r\n` : `${text}${this.lineEnd()}`;
  }

  lineEnd(): string {
    return this.random(12) === 0 ? '\n' : '\r\n';
  }

  key(): string {
    const { prefix, keys } = this.options;
    const number = this.random(keys);
    if (number < ODD_KEYS.length) return `${prefix}${ODD_KEYS[number]}`;
    return number === ODD_KEYS.length ? prefix.padEnd(250, 'K') : `${prefix}${number}`;
  }

  time(): readonly [text: string, lifetime: Lifetime] {
    const dice = this.random(12);
    if (dice < 8) return [this.pick(NEVER), 0];
    if (dice < 9) return [this.pick(PAST), -1];
    const seconds = this.pick([100, 1000, 5000]);
    return [this.pick([String(seconds), String(seconds), `+${seconds}`, String(2 ** 32 + seconds)]), seconds];
  }

  value(): string {
    const { longestValue } = this.options;
    const dice = this.random(12);
    if (dice < 3)
      return this.pick(['0', '9', '99', '18446744073709551615', '18446744073709551616', '9  ', '1x', '', '007']);
    if (dice < 5) return this.pick(COMMAND_LIKE);
    if (dice < 9) return this.#filled(this.random(100));
    const boundary = this.pick(BOUNDARIES) + this.random(3) - 1;
    return this.#filled(Math.max(0, Math.min(longestValue, dice < 11 ? boundary : this.random(longestValue))));
  }

  /** Bytes that depend on their offset, so that a misplaced piece is detected. */
  #filled(length: number): string {
    const seed = this.random(1_000_000);
    let text = '';
    for (let piece = 0; text.length < length; piece++) text += `<${seed}:${piece}>`;
    return text.slice(0, length);
  }

  pick<T>(of: readonly T[]): T {
    return of[this.random(of.length)];
  }
}
