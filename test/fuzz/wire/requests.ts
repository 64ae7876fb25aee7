// Random requests of the text protocol, well-formed and not, each with what the model needs to know about it. Lines that are refused come
// with their reply; what the others are answered depends on the cache.

/** A whole number from 0 to one less than the limit. */
export type Draw = (below: number) => number;

/** Seconds until the item expires; 0 is never, negative is already past. */
type Lifetime = number;

interface Sent {
  /** The bytes, one character each. */
  readonly text: string;
}

export interface StoreRequest extends Sent {
  readonly kind: 'store';
  readonly command: 'set' | 'add' | 'replace' | 'append' | 'prepend' | 'cas';
  readonly key: string;
  readonly flags: number;
  readonly lifetime: Lifetime;
  readonly value: string;
  readonly token: string;
  readonly noreply: boolean;
  /** The block does not end where it should. */
  readonly isBroken: boolean;
}

export interface ListRequest extends Sent {
  readonly kind: 'list';
  readonly withTokens: boolean;
  /** Of gat and gats. */
  readonly lifetime: Lifetime | null;
  readonly keys: readonly string[];
  /** After these keys comes one that is refused. */
  readonly endsBadly: boolean;
}

export interface KeyRequest extends Sent {
  readonly kind: 'delete' | 'touch' | 'incr' | 'decr';
  readonly key: string;
  readonly lifetime: Lifetime;
  /** In decimal digits. */
  readonly delta: string;
  readonly noreply: boolean;
}

export interface GlobalRequest extends Sent {
  readonly kind: 'flush' | 'advance';
  readonly seconds: number;
  readonly noreply: boolean;
}

/** Answered the same whatever the cache holds. */
export interface FixedRequest extends Sent {
  readonly kind: 'fixed';
  readonly reply: string;
}

export type WireRequest = StoreRequest | ListRequest | KeyRequest | GlobalRequest | FixedRequest;

export interface GrammarOptions {
  /** Stands before each key, so that clients do not meet. */
  readonly prefix: string;
  readonly keys: number;
  readonly longestValue: number;
  /** Largest item of the server. */
  readonly itemLimit: number;
  /** Whether requests that change more than this client's keys may be made. */
  readonly isAlone: boolean;
  /** undefined leaves `version` out, whose reply is then free to end a batch. */
  readonly version: string | undefined;
  /** Whether items may be evicted: then nothing is sent whose effect could not be told afterwards. */
  readonly mayEvict: boolean;
}

export const BAD = 'CLIENT_ERROR bad command line format\r\n';
const ERROR = 'ERROR\r\n';
const BAD_DELTA = 'CLIENT_ERROR invalid numeric delta argument\r\n';
const BAD_TIME = 'CLIENT_ERROR invalid exptime argument\r\n';

const ODD_KEYS = ['\x01b', 'a\x7f', 'x\ry', '\t', '\xff\x80', '__proto__', 'a\r', '%20', '\x80', 'constructor'];
const TOO_LONG_KEY = 'k'.repeat(251);

const NEVER = ['0', '00', '-0', '4294967296'];
const PAST = ['-1', '-2147483648', '2147483648', '4294967295', '1000000000', '9223372036854775807'];
const NO_TIME = ['x', '1e3', '--1', '-', '9223372036854775808', '0x10', '1\t'];
const NO_LENGTH = ['-1', 'x', '1e3', '0x10', '+x', '9'.repeat(400)];
const BOUNDARIES = [0, 1, 20, 21, 255, 256, 1012, 1024, 2047, 2048, 2049, 4095, 4096, 65_535, 65_536, 262_144];
const COMMAND_LIKE = [
  'flush_all\r\n',
  'END\r\n',
  'VALUE a 0 1\r\n',
  '\r\nflush_all\r\n',
  'delete ',
  '\0',
  '\x80\x01',
  'quit\r\n',
];

/** Lines with the same reply at all times. */
const FIXED: readonly (readonly [line: string, reply: string])[] = [
  ...['   ', '  get a', ' version', 'foo', 'foo bar', 'GET a', 'geta', 'mgs', 'mg\ta', 'decr a 1 2 3', 'touch a 1 2 3'],
  ...['verbosity 1 2 3', 'stats foo', 'stats maps', 'lru', 'lru mode', 'lru temp_ttl', 'slabs', 'cache_memlimit'],
  ...['lru_crawler', 'lru_crawler foo', 'debugtimes', '~\xff\xfe\x80', 'x'.repeat(2000), 'get\0a', 'version\t'],
  ...['\tget a', '\x01\x02\x03\x04'],
].map((line) => [line, ERROR] as const);

const FIXED_OTHERS: readonly (readonly [line: string, reply: string])[] = [
  ...['gat x a', 'gat 1e3 a', 'gats 9223372036854775808 a', 'flush_all x', 'touch a x', 'touch a 1e3 foo'].map(
    (line) => [line, BAD_TIME] as const,
  ),
  ...['incr a x', 'incr a -1', 'decr a 18446744073709551616', 'incr a 1e3'].map((line) => [line, BAD_DELTA] as const),
  ...[`touch ${TOO_LONG_KEY} 0`, `incr ${TOO_LONG_KEY} 1`, `delete ${TOO_LONG_KEY}`, 'delete a\0', 'verbosity x'].map(
    (line) => [line, BAD] as const,
  ),
  ...['', ' ', 'x', '\0', 'get', 'gets', 'get  ', 'gat', 'gat 0', 'gats -1', 'set', 'set a', 'set a 0 0'].map(
    (line) => [line, BAD] as const,
  ),
  ...['cas a 0 0', 'incr', 'incr a', 'touch', 'touch a', 'delete', 'verbosity'].map((line) => [line, BAD] as const),
  ...['touch a x noreply', 'incr a x noreply', 'verbosity x noreply', 'flush_all x noreply'].map(
    (line) => [line, ''] as const,
  ),
  ...['stats extstore', 'stats detail dump', 'stats cachedump 2 0'].map((line) => [line, 'END\r\n'] as const),
  ['mn a', 'MN\r\n'],
  ['mg', BAD],
  ['mg a Tx', 'CLIENT_ERROR bad token in command line format\r\n'],
  ['shutdown', 'SERVER_ERROR: shutdown not enabled\r\n'],
  ['stats detail', 'CLIENT_ERROR usage: stats detail on|off|dump\r\n'],
  ['stats cachedump 1', 'CLIENT_ERROR bad command line\r\n'],
  ['lru_crawler metadump x', 'BADCLASS invalid class id\r\n'],
  ['lru_crawler enable', 'ERROR failed to start lru crawler thread\r\n'],
  ['verbosity 0 noreply', ''],
];

export class Grammar {
  constructor(
    private readonly random: Draw,
    private readonly options: GrammarOptions,
    /** A token that the client was told, or undefined. */
    private readonly knownToken: (key: string) => string | undefined,
  ) {}

  next(): WireRequest {
    const dice = this.random(100);
    if (dice < 28) return this.#store();
    if (dice < 55) return this.#list();
    if (dice < 63) return this.#key(this.#pick(['incr', 'decr']));
    if (dice < 70) return this.#key('touch');
    if (dice < 75) return this.#key('delete');
    if (dice < 83) return this.#refusedStore();
    if (dice < 85 && this.options.isAlone) return this.#global();
    return this.#fixed();
  }

  #store(): StoreRequest {
    const { mayEvict } = this.options;
    const command = this.#pick(['set', 'set', 'set', 'add', 'replace', 'append', 'prepend', 'cas'] as const);
    const key = this.#key1();
    const flags = this.#pick([0, 0, 1, 7, 4_294_967_295]);
    const [time, lifetime] = this.#time();
    const isTooLarge = this.random(60) === 0;
    const value = isTooLarge ? 'v'.repeat(this.options.itemLimit + this.random(2000)) : this.#value();
    // Whether a block that is both too large and broken is refused for the one or the other depends on how it arrives.
    const isBroken = !isTooLarge && this.random(40) === 0;
    const noreply = this.random(6) === 0 && !(mayEvict && command === 'add');
    const token = this.#token(key, noreply);
    const words = [command, key, this.random(9) === 0 ? `0${flags}` : String(flags), time, String(value.length)];
    if (command === 'cas') words.push(token);
    if (noreply) words.push('noreply');
    else if (this.random(30) === 0) words.push('foo');
    const text = `${this.#line(words)}${value}${isBroken ? this.#pick(['xy', '\r\r', '\n\r', 'x\n']) : '\r\n'}`;
    return { kind: 'store', text, command, key, flags, lifetime, value, token, noreply, isBroken };
  }

  #list(): ListRequest {
    const command = this.#pick(['get', 'get', 'get', 'gets', 'gets', 'gat', 'gats'] as const);
    const touches = command === 'gat' || command === 'gats';
    const [time, lifetime] = this.#time();
    const count = this.random(3) === 0 ? 1 + this.random(30) : 1;
    const keys = Array.from({ length: count }, () => this.#key1());
    const endsBadly = this.random(25) === 0;
    const words = [command, ...(touches ? [time] : []), ...keys];
    if (endsBadly) words.push(this.#pick([TOO_LONG_KEY, 'a\0b', '\0', 'k'.repeat(5000)]), ...keys);
    const withTokens = command === 'gets' || command === 'gats';
    return {
      kind: 'list',
      text: this.#line(words),
      withTokens,
      lifetime: touches ? lifetime : null,
      keys,
      endsBadly,
    };
  }

  #key(kind: KeyRequest['kind']): KeyRequest {
    const key = this.#key1();
    const [time, lifetime] = this.#time();
    const delta = this.#pick(['0', '1', '9', '1000', '9007199254740993', '18446744073709551615']);
    const noreply = this.random(6) === 0;
    const words: string[] = [kind, key];
    if (kind === 'touch') words.push(time);
    else if (kind !== 'delete') words.push(delta);
    else if (this.random(4) === 0) words.push('0');
    if (noreply) words.push('noreply');
    return { kind, text: this.#line(words), key, lifetime, delta, noreply };
  }

  /** Its block looks like commands, and must not be run. */
  #refusedStore(): FixedRequest {
    const key = this.#key1();
    const block = Array.from({ length: 1 + this.random(3) }, () => this.#pick(COMMAND_LIKE)).join('');
    const size = String(block.length);
    const forms: (readonly [line: string, reply: string])[] = [
      [`set ${key} ${this.#pick(['-1', 'x', '1e3', '18446744073709551616'])} 0 ${size}`, BAD],
      [`add ${key} 0 ${this.#pick(NO_TIME)} ${size}`, BAD],
      [`replace ${TOO_LONG_KEY} 0 0 ${size}`, BAD],
      [`append ${key}\0 0 0 ${size}`, BAD],
      [`prepend my ${key} 0 0 ${size}`, BAD],
      [`set my own ${key} 0 0 ${size}`, ERROR],
      [`set my own ${key} 0 0 ${size} noreply`, ERROR],
      [`set ${key} 0 0 ${size} no more`, ERROR],
      [`cas ${key} 0 0 ${size} ${this.#pick(['x', '-1', '18446744073709551616'])}`, BAD],
      [`cas ${key} 0 0 ${size}`, BAD],
      [`cas my own ${key} 0 0 ${size} 1 noreply`, ERROR],
      [`set ${TOO_LONG_KEY} 0 0 ${size} noreply`, ''],
      [`ms ${key} ${size} !`, BAD],
      [`ms ${key} ${size} T0 g`, 'CLIENT_ERROR invalid flag\r\n'],
      [`ms ${key} ${size} MX q`, 'CLIENT_ERROR invalid mode for ms M token\r\n'],
      [`ms ${TOO_LONG_KEY} ${size}`, BAD],
    ];
    const [line, reply] = this.#pick(forms);
    return { kind: 'fixed', text: `${line}\r\n${block}\r\n`, reply };
  }

  #global(): GlobalRequest {
    if (this.random(2) === 0) {
      const seconds = this.#pick([1, 10, 99, 100, 500]);
      return { kind: 'advance', text: `debugtime ${seconds}\r\n`, seconds, noreply: false };
    }
    const noreply = this.random(3) === 0;
    const words = ['flush_all', ...this.#pick([[], ['0'], ['-1'], ['4294967295']]), ...(noreply ? ['noreply'] : [])];
    return { kind: 'flush', text: this.#line(words), seconds: 0, noreply };
  }

  #fixed(): WireRequest {
    const dice = this.random(10);
    if (dice < 5) return this.#ended(this.#pick(FIXED));
    if (dice < 9) return this.#ended(this.#pick(FIXED_OTHERS));
    if (this.random(3) === 0) return this.#ended([`set ${this.#key1()} 0 0 ${this.#pick(NO_LENGTH)}`, BAD]);
    const { version } = this.options;
    return version === undefined ? this.#list() : this.#ended(['version', `VERSION ${version}\r\n`]);
  }

  #ended([line, reply]: readonly [string, string]): FixedRequest {
    return { kind: 'fixed', text: `${line}${this.#lineEnd()}`, reply };
  }

  #line(words: readonly string[]): string {
    const isSpaced = this.random(20) === 0;
    const gap = () => (isSpaced ? ' '.repeat(1 + this.random(this.random(8) === 0 ? 250 : 3)) : ' ');
    let text = '';
    words.forEach((word, index) => {
      text += index === 0 ? word : `${gap()}${word}`;
    });
    if (this.random(30) === 0) text += gap();
    // A carriage return at the end would belong to a line feed.
    return text.endsWith('\r') ? `${text}\r\n` : `${text}${this.#lineEnd()}`;
  }

  #lineEnd(): string {
    return this.random(12) === 0 ? '\n' : '\r\n';
  }

  #key1(): string {
    const { prefix, keys } = this.options;
    const number = this.random(keys);
    if (number < ODD_KEYS.length) return `${prefix}${ODD_KEYS[number]}`;
    return number === ODD_KEYS.length ? prefix.padEnd(250, 'K') : `${prefix}${number}`;
  }

  #time(): readonly [text: string, lifetime: Lifetime] {
    const dice = this.random(12);
    if (dice < 8) return [this.#pick(NEVER), 0];
    if (dice < 9) return [this.#pick(PAST), -1];
    const seconds = this.#pick([100, 1000, 5000]);
    return [this.random(3) === 0 ? String(2 ** 32 + seconds) : String(seconds), seconds];
  }

  #value(): string {
    const { longestValue } = this.options;
    const dice = this.random(12);
    if (dice < 3)
      return this.#pick(['0', '9', '99', '18446744073709551615', '18446744073709551616', '9  ', '1x', '', '007']);
    if (dice < 5) return this.#pick(COMMAND_LIKE);
    if (dice < 9) return this.#filled(this.random(100));
    const boundary = this.#pick(BOUNDARIES) + this.random(3) - 1;
    return this.#filled(Math.max(0, Math.min(longestValue, dice < 11 ? boundary : this.random(longestValue))));
  }

  /** Bytes that tell where they belong, so that a piece in the wrong place is seen. */
  #filled(length: number): string {
    const seed = this.random(1_000_000);
    let text = '';
    for (let piece = 0; text.length < length; piece++) text += `<${seed}:${piece}>`;
    return text.slice(0, length);
  }

  /** Without a reply nobody would know whether a guess has hit. */
  #token(key: string, noreply: boolean): string {
    const known = noreply || this.random(4) === 0 ? undefined : this.knownToken(key);
    return known ?? String(10 ** 15 + this.random(1000));
  }

  #pick<T>(of: readonly T[]): T {
    return of[this.random(of.length)];
  }
}
