// Random requests of the text protocol, valid and invalid, each with the data that the model needs. Refused lines come with their reply;
// the replies to the others depend on the cache.

import { CHOSEN_TOKENS, type FixedLine, MetaGrammar, type MetaRequest } from './meta-requests.js';
import {
  BAD,
  COMMAND_LIKE,
  type Draw,
  type GrammarOptions,
  type Lifetime,
  RequestParts,
  TOO_LONG_KEY,
} from './request-parts.js';
import { type VirtualRequest, virtualRequest } from './virtual-model.js';

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
  /** The expiry of gat and gats. */
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

/** Gets the same reply whatever the cache contains. */
export interface FixedRequest extends Sent {
  readonly kind: 'fixed';
  readonly reply: string;
}

export type WireRequest =
  | StoreRequest
  | ListRequest
  | KeyRequest
  | GlobalRequest
  | FixedRequest
  | MetaRequest
  | VirtualRequest;

const ERROR = 'ERROR\r\n';
const BAD_DELTA = 'CLIENT_ERROR invalid numeric delta argument\r\n';
const BAD_TIME = 'CLIENT_ERROR invalid exptime argument\r\n';

const NO_TIME = ['x', '1e3', '--1', '-', '9223372036854775808', '0x10', '1\t'];
const NO_LENGTH = ['-1', 'x', '1e3', '0x10', '+x', '9'.repeat(400)];
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
  ['shutdown', 'SERVER_ERROR: shutdown not enabled\r\n'],
  ['stats detail', 'CLIENT_ERROR usage: stats detail on|off|dump\r\n'],
  ['stats cachedump 1', 'CLIENT_ERROR bad command line\r\n'],
  ['lru_crawler crawl x', 'BADCLASS invalid class id\r\n'],
  ['lru_crawler enable', 'ERROR failed to start lru crawler thread\r\n'],
  ['verbosity 0 noreply', ''],
];

export class Grammar {
  readonly #parts: RequestParts;
  readonly #meta: MetaGrammar;

  constructor(
    private readonly random: Draw,
    private readonly options: GrammarOptions,
    /** A token that the client has received, or undefined. */
    private readonly knownToken: (key: string) => string | undefined,
  ) {
    this.#parts = new RequestParts(random, options);
    this.#meta = new MetaGrammar(this.#parts, options.isClockExact);
  }

  next(): WireRequest {
    const dice = this.random(100);
    if (dice < 40) return this.#meta.next();
    if (dice < 56) return this.#store();
    if (dice < 71) return this.#list();
    if (dice < 76) return this.#key(this.#parts.pick(['incr', 'decr']));
    if (dice < 80) return this.#key('touch');
    if (dice < 83) return this.#key('delete');
    if (dice < 88) return this.#refusedStore();
    if (dice < 90 && this.options.isAlone) return this.#global();
    if (dice < 94 && this.options.hasObjects) return virtualRequest(this.#parts);
    if (dice < 96) return this.#ended(this.#meta.fixed());
    return this.#fixed();
  }

  #store(): StoreRequest {
    const { mayEvict } = this.options;
    const command = this.#parts.pick(['set', 'set', 'set', 'add', 'replace', 'append', 'prepend', 'cas'] as const);
    const key = this.#parts.key();
    const flags = this.#parts.pick([0, 0, 1, 7, 4_294_967_295]);
    const [time, lifetime] = this.#parts.time();
    const isTooLarge = this.random(60) === 0;
    const value = isTooLarge ? 'v'.repeat(this.options.itemLimit + this.random(2000)) : this.#parts.value();
    // A block that is both too large and malformed gets one error or the other, depending on the pieces in which it arrives.
    const isBroken = !isTooLarge && this.random(40) === 0;
    const noreply = this.random(6) === 0 && !(mayEvict && command === 'add');
    const token = this.#token(key, noreply);
    const words = [command, key, this.random(9) === 0 ? `0${flags}` : String(flags), time, String(value.length)];
    if (command === 'cas') words.push(token);
    if (noreply) words.push('noreply');
    else if (this.random(30) === 0) words.push('foo');
    const text = `${this.#parts.line(words)}${value}${isBroken ? this.#parts.pick(['xy', '\r\r', '\n\r', 'x\n']) : '\r\n'}`;
    return { kind: 'store', text, command, key, flags, lifetime, value, token, noreply, isBroken };
  }

  #list(): ListRequest {
    const command = this.#parts.pick(['get', 'get', 'get', 'gets', 'gets', 'gat', 'gats'] as const);
    const touches = command === 'gat' || command === 'gats';
    const [time, lifetime] = this.#parts.time();
    const count = this.random(3) === 0 ? 1 + this.random(30) : 1;
    const keys = Array.from({ length: count }, () => this.#parts.key());
    const endsBadly = this.random(25) === 0;
    const words = [command, ...(touches ? [time] : []), ...keys];
    if (endsBadly) words.push(this.#parts.pick([TOO_LONG_KEY, 'a\0b', '\0', 'k'.repeat(5000)]), ...keys);
    const withTokens = command === 'gets' || command === 'gats';
    return {
      kind: 'list',
      text: this.#parts.line(words),
      withTokens,
      lifetime: touches ? lifetime : null,
      keys,
      endsBadly,
    };
  }

  #key(kind: KeyRequest['kind']): KeyRequest {
    const key = this.#parts.key();
    const [time, lifetime] = this.#parts.time();
    const delta = this.#parts.pick(['0', '1', '9', '1000', '9007199254740993', '18446744073709551615']);
    const noreply = this.random(6) === 0;
    const words: string[] = [kind, key];
    if (kind === 'touch') words.push(time);
    else if (kind !== 'delete') words.push(delta);
    else if (this.random(4) === 0) words.push('0');
    if (noreply) words.push('noreply');
    return { kind, text: this.#parts.line(words), key, lifetime, delta, noreply };
  }

  /** Its block looks like commands, and must not be run. */
  #refusedStore(): FixedRequest {
    const key = this.#parts.key();
    const block = Array.from({ length: 1 + this.random(3) }, () => this.#parts.pick(COMMAND_LIKE)).join('');
    const size = String(block.length);
    if (this.random(3) === 0) {
      const [text, reply] = this.#meta.refusedSet(key, block);
      return { kind: 'fixed', text: `${text}\r\n`, reply };
    }
    const forms: (readonly [line: string, reply: string])[] = [
      [`set ${key} ${this.#parts.pick(['-1', 'x', '1e3', '18446744073709551616'])} 0 ${size}`, BAD],
      [`add ${key} 0 ${this.#parts.pick(NO_TIME)} ${size}`, BAD],
      [`replace ${TOO_LONG_KEY} 0 0 ${size}`, BAD],
      [`append ${key}\0 0 0 ${size}`, BAD],
      [`prepend my ${key} 0 0 ${size}`, BAD],
      [`set my own ${key} 0 0 ${size}`, ERROR],
      [`set my own ${key} 0 0 ${size} noreply`, ERROR],
      [`set ${key} 0 0 ${size} no more`, ERROR],
      [`cas ${key} 0 0 ${size} ${this.#parts.pick(['x', '-1', '18446744073709551616'])}`, BAD],
      [`cas ${key} 0 0 ${size}`, BAD],
      [`cas my own ${key} 0 0 ${size} 1 noreply`, ERROR],
      [`set ${TOO_LONG_KEY} 0 0 ${size} noreply`, ''],
      [`ms ${TOO_LONG_KEY} ${size}`, BAD],
    ];
    const [line, reply] = this.#parts.pick(forms);
    return { kind: 'fixed', text: `${line}\r\n${block}\r\n`, reply };
  }

  #global(): GlobalRequest {
    if (this.random(2) === 0) {
      const seconds = this.#parts.pick([1, 10, 99, 100, 500]);
      return { kind: 'advance', text: `debugtime ${seconds}\r\n`, seconds, noreply: false };
    }
    const noreply = this.random(3) === 0;
    const words = [
      'flush_all',
      ...this.#parts.pick([[], ['0'], ['-1'], ['4294967295']]),
      ...(noreply ? ['noreply'] : []),
    ];
    return { kind: 'flush', text: this.#parts.line(words), seconds: 0, noreply };
  }

  #fixed(): WireRequest {
    const dice = this.random(10);
    if (dice < 5) return this.#ended(this.#parts.pick(FIXED));
    if (dice < 9) return this.#ended(this.#parts.pick(FIXED_OTHERS));
    if (this.random(3) === 0) return this.#ended([`set ${this.#parts.key()} 0 0 ${this.#parts.pick(NO_LENGTH)}`, BAD]);
    const { version } = this.options;
    return version === undefined ? this.#list() : this.#ended(['version', `VERSION ${version}\r\n`]);
  }

  #ended([line, reply]: FixedLine): FixedRequest {
    return { kind: 'fixed', text: `${line}${this.#parts.lineEnd()}`, reply };
  }

  /** Without a reply the model could not know whether a guess has matched. */
  #token(key: string, noreply: boolean): string {
    if (this.random(2) === 0) return this.#parts.pick(CHOSEN_TOKENS);
    const known = noreply || this.random(4) === 0 ? undefined : this.knownToken(key);
    return known ?? String(10 ** 15 + this.random(1000));
  }
}
