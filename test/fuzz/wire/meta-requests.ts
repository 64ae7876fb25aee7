// Random requests of the meta protocol, valid and invalid, each with the data that the model needs. Their replies: meta-model.ts.

import { type RequestParts, TOO_LONG_KEY } from './request-parts.js';

export interface MetaRequest {
  readonly kind: 'meta';
  /** The bytes, one character each. */
  readonly text: string;
  readonly command: 'mg' | 'ms' | 'md' | 'ma' | 'me';
  readonly key: string;
  /** The key as written in the line: in base64 with the flag b. */
  readonly sentKey: string;
  /** The flags as written in the line, each a letter with its token. */
  readonly flags: readonly string[];
  /** For ms. */
  readonly value: string;
  /** The block does not end where it should. */
  readonly isBroken: boolean;
}

/** A line that gets the same reply whatever the cache contains, and that reply. */
export type FixedLine = readonly [line: string, reply: string];

/** Tokens that requests set and compare: far above those that the server reaches, and one below and one above all of them. */
export const CHOSEN_TOKENS: readonly string[] = ['1000000001', '1000000002', '1000000003', '9007199254740993'];
const COMPARED_TOKENS = [...CHOSEN_TOKENS, ...CHOSEN_TOKENS, '0', '1000000000', '+1000000002', '18446744073709551615'];

const NUMBERS = ['0', '1', '7', '+7', '007', '1000', '9007199254740993', '18446744073709551615'];
const RECACHE_TIMES = ['0', '50', '101', '+2000', '1000000', '-1', '2592001', '4294967295'];
/** Up to 31 bytes that do not end a word. */
const OPAQUE_ENDINGS = ['', '', '', '\xff\x80', '\x01', '=', 'x'.repeat(20)];

/** Bytes of a key that still fit in base64. */
const LONGEST_ENCODED_KEY = 186;

const BAD_FORMAT = 'CLIENT_ERROR bad command line format\r\n';
const BAD_TOKEN = 'CLIENT_ERROR bad token in command line format\r\n';
const DUPLICATE = 'CLIENT_ERROR duplicate flag\r\n';
const INVALID = 'CLIENT_ERROR invalid flag\r\n';
const BAD_KEY = 'CLIENT_ERROR error decoding key\r\n';
const TOO_MANY = 'CLIENT_ERROR options flags are too long\r\n';
const LONG_OPAQUE = 'CLIENT_ERROR opaque token too long\r\n';
const WRONG_FLAG = 'CLIENT_ERROR invalid or duplicate flag\r\n';
const SET_MODE = 'CLIENT_ERROR invalid mode for ms M token\r\n';
const COUNT_MODE = 'CLIENT_ERROR invalid mode for ma M token\r\n';
const BAD_INITIAL = 'CLIENT_ERROR invalid numeric initial value\r\n';

/** Flags that are wrong in any command except ma, and the error line: of several wrong tokens, the last one counts. */
const WRONG_FLAGS: readonly (readonly [flags: string, reply: string])[] = [
  ...['T', 'Tx', 'N', 'N1e3', 'Rx', 'R', 'C', 'C-1', 'C18446744073709551616', 'Ex', 'E', 'T9223372036854775808'].map(
    (flag) => [flag, BAD_TOKEN] as const,
  ),
  ...['T--1', 'T1x', 'T+-1', 'Dx Tx', 'Jx Dx Cx', 'k q Tx Fx', 'Fx Tx', 'q k s v Nx Rx'].map(
    (flags) => [flags, BAD_TOKEN] as const,
  ),
  ...['v v', 'k q k', 'O1 O2', 'T1 T2', 'Tx v v', 'v v z', 'v v Tx'].map((flags) => [flags, DUPLICATE] as const),
  ...['z', 'A', 'Q', 'Tx z', 'z v v', 'v zebra'].map((flags) => [flags, INVALID] as const),
  ...['!', '1', '\x01', '\xff', 'q !', '_'].map((flags) => [flags, BAD_FORMAT] as const),
  ...['Fx', 'F', 'F-1', 'F18446744073709551616', 'k Fx q'].map((flags) => [flags, BAD_FORMAT] as const),
  ...['J', 'J-1', 'Tx Jx', 'J18446744073709551616'].map((flags) => [flags, BAD_INITIAL] as const),
  ...[`O${'1'.repeat(32)}`, `k O${'1'.repeat(500)} q`].map((flags) => [flags, LONG_OPAQUE] as const),
  [`O${'1'.repeat(32)} Tx`, BAD_TOKEN],
  [`O${'1'.repeat(32)} v v`, DUPLICATE],
  ['k '.repeat(30), TOO_MANY],
];

const BAD_BASE64: readonly string[] = ['!!!!', 'YQ', 'YQ=', 'YQ===', '====', '=', 'Y===', 'YQ==YQ==', '_-_-'];

const FIXED: readonly FixedLine[] = [
  ...['mn', 'mn a', 'mn q k', 'mn \xff'].map((line) => [line, 'MN\r\n'] as const),
  ...['mg', 'ms', 'md', 'ma', 'me', 'mg ', 'ms  ', 'ms a', 'ms a S1', 'ms a x', 'ms a -1'].map(
    (line) => [line, BAD_FORMAT] as const,
  ),
  ...[`mg ${TOO_LONG_KEY} v`, `md ${TOO_LONG_KEY}`, `ma ${TOO_LONG_KEY} q`, `me ${TOO_LONG_KEY}`, 'mg a\0 v'].map(
    (line) => [line, BAD_FORMAT] as const,
  ),
  ...BAD_BASE64.flatMap((key) => [[`mg ${key} b v`, BAD_KEY] as const, [`ma ${key} b`, WRONG_FLAG] as const]),
  ...BAD_BASE64.map((key) => [`me ${key} b`, BAD_FORMAT] as const),
  ...['mx a', 'mgg a', 'MG a', 'm a', 'm'.repeat(300)].map((line) => [line, 'ERROR\r\n'] as const),
  ...WRONG_FLAGS.flatMap(([flags, reply]) => [[`mg a ${flags}`, reply] as const, [`md a ${flags}`, reply] as const]),
  ...WRONG_FLAGS.map(
    ([flags, reply]) => [`ma a ${flags}`, reply === TOO_MANY || reply === LONG_OPAQUE ? reply : WRONG_FLAG] as const,
  ),
  ...['MZ', 'Mx q', 'q Ms'].map((flags) => [`ma a ${flags}`, COUNT_MODE] as const),
  [`ma a O${'1'.repeat(32)} MZ`, COUNT_MODE],
];

/** Errors of ms, whose block is discarded anyway. */
const REFUSED_SETS: readonly (readonly [flags: string, reply: string])[] = [
  ...WRONG_FLAGS,
  ...['MZ', 'Me', 'q MZ', `O${'1'.repeat(32)} MZ`].map((flags) => [flags, SET_MODE] as const),
];

export class MetaGrammar {
  #opaque = 0;

  constructor(
    private readonly parts: RequestParts,
    /** Whether replies may show times, because the model's clock is the server's. */
    private readonly showsTimes: boolean,
  ) {}

  next(): MetaRequest {
    const dice = this.parts.random(20);
    if (dice < 8) return this.#request('mg', this.#getFlags());
    if (dice < 14) return this.#set();
    if (dice < 16) return this.#request('md', this.#deleteFlags());
    if (dice < 19) return this.#request('ma', this.#countFlags());
    return this.#request('me', []);
  }

  fixed(): FixedLine {
    return this.parts.pick(FIXED);
  }

  /** A refused line with its block, which must not be run. */
  refusedSet(key: string, block: string): FixedLine {
    const { parts } = this;
    const [flags, reply] = parts.pick(REFUSED_SETS);
    if (parts.random(6) === 0) return [`ms ${parts.pick(BAD_BASE64)} ${block.length} b\r\n${block}`, BAD_KEY];
    return [`ms ${key} ${block.length} ${flags}\r\n${block}`, reply];
  }

  #set(): MetaRequest {
    const { parts } = this;
    const isTooLarge = parts.random(60) === 0;
    const value = isTooLarge ? 'v'.repeat(parts.options.itemLimit + parts.random(2000)) : parts.value();
    // Which of two errors is reported depends on how the block arrives.
    const isBroken = !isTooLarge && parts.random(40) === 0;
    return this.#request('ms', this.#setFlags(), value, isBroken);
  }

  #request(command: MetaRequest['command'], some: readonly string[], value = '', isBroken = false): MetaRequest {
    const { parts } = this;
    const key = parts.key();
    const isEncoded = key.length <= LONGEST_ENCODED_KEY && parts.random(5) === 0;
    const sentKey = isEncoded ? Buffer.from(key, 'latin1').toString('base64') : key;
    const flags = isEncoded ? this.#shuffled(['b', ...some]) : some;
    const length = parts.random(12) === 0 ? `0${value.length}` : String(value.length);
    const line = parts.line([command, sentKey, ...(command === 'ms' ? [length] : []), ...flags]);
    const end = isBroken ? parts.pick(['xy', '\r\r', '\n\r', 'x\n']) : '\r\n';
    const text = command === 'ms' ? `${line}${value}${end}` : line;
    return { kind: 'meta', text, command, key, sentKey, flags, value, isBroken };
  }

  #getFlags(): readonly string[] {
    const { parts, showsTimes } = this;
    const makes = this.#mayMake() ? [`N${this.#time()}`] : [];
    return this.#some([
      ...['v', 'v', 'c', 'f', 'h', 's', 'u', ...(showsTimes ? ['t', 'l'] : [])],
      ...[`T${this.#time()}`, `R${this.#recacheTime()}`, `C${parts.pick(COMPARED_TOKENS)}`],
      ...[...makes, `E${parts.pick(CHOSEN_TOKENS)}`, 'I', 'x', 'D3', 'MZ', 'F9'],
    ]);
  }

  #setFlags(): readonly string[] {
    const { parts } = this;
    const mode = parts.pick(['E', 'A', 'P', 'R', 'S', '']);
    const makes = mode === 'S' || mode === 'E' || this.#mayMake() ? [`N${this.#time()}`] : [];
    return this.#some(
      ['c', 's', `F${parts.pick(['0', '5', '4294967295', '+5'])}`, `T${this.#time()}`, 'I', 't', 'x', 'u'].concat(
        `C${parts.pick(COMPARED_TOKENS)}`,
        `E${parts.pick(CHOSEN_TOKENS)}`,
        makes,
      ),
      // With an old token the value is stored as stale.
      [...(mode === '' ? [] : [`M${mode}`]), ...(parts.random(5) === 0 ? ['I', 'C1000000000'] : [])],
    );
  }

  #deleteFlags(): readonly string[] {
    const { parts } = this;
    const flags = [
      `C${parts.pick(COMPARED_TOKENS)}`,
      `E${parts.pick(CHOSEN_TOKENS)}`,
      `T${this.#time()}`,
      'I',
      'I',
      'x',
    ];
    return this.#some([...flags, 'F7', 'v', 's', 't']);
  }

  #countFlags(): readonly string[] {
    const { parts, showsTimes } = this;
    const mode = parts.pick(['I', '+', 'D', '-']);
    const makes = this.#mayMake() ? [`N${this.#time()}`] : [];
    return this.#some([
      ...['v', 'v', 'c', ...(showsTimes ? ['t'] : []), `T${this.#time()}`, `M${mode}`, 's', 'I', 'x', ...makes],
      ...[`D${parts.pick(NUMBERS)}`, `J${parts.pick(NUMBERS)}`, `C${parts.pick(COMPARED_TOKENS)}`],
      `E${parts.pick(CHOSEN_TOKENS)}`,
    ]);
  }

  /** If the item may have been evicted, the model could not know whether the request has created it. */
  #mayMake(): boolean {
    return !this.parts.options.mayEvict;
  }

  #time(): string {
    const [text] = this.parts.time();
    return text;
  }

  #recacheTime(): string {
    return this.parts.pick(RECACHE_TIMES);
  }

  /** Some of the flags, none twice, and those that all commands accept, in any order. */
  #some(flags: readonly string[], always: readonly string[] = []): readonly string[] {
    const { parts } = this;
    const isNew = (flag: string, index: number) =>
      flags.indexOf(flag) === index && always.every((other) => other[0] !== flag[0]);
    // Tokens that the model knows make comparisons succeed.
    const chosen = flags.filter((flag, index) => isNew(flag, index) && parts.random(flag[0] === 'E' ? 2 : 4) === 0);
    const isQuiet = parts.random(5) === 0;
    const common = [...(isQuiet ? ['q'] : []), ...(parts.random(3) === 0 ? ['k'] : [])];
    // A unique opaque token distinguishes no reply from the reply to the next request.
    if ((isQuiet && parts.options.mayEvict) || parts.random(4) === 0) {
      common.push(`O${this.#opaque++}${parts.pick(OPAQUE_ENDINGS)}`);
    }
    if (parts.random(30) === 0) common.push('Pfoo', 'L');
    // What follows the letter of such a flag does not count.
    const isLong = parts.random(3) === 0;
    const lengthened = common.map((flag) => (isLong && flag === 'k' ? flag.repeat(parts.pick([2, 1500])) : flag));
    return this.#shuffled([...chosen, ...lengthened, ...always]);
  }

  #shuffled(flags: readonly string[]): readonly string[] {
    const mixed = flags.map((flag) => [this.parts.random(1000), flag] as const).sort(([a], [b]) => a - b);
    return mixed.map(([, flag]) => flag);
  }
}
