// The content of a cache after binary requests, as a plain Map, and the reply that each request must get.

import type { ReplyFrame } from '../../protocols/binary/frames.js';
import { type BinaryStep, isQuiet, NOT_MADE } from './binary-requests.js';
import { decremented, incremented, numberOf } from './numbers.js';

interface Entry {
  readonly value: string;
  readonly flags: number;
  /** In seconds of the model; 0 is never. */
  readonly expiresAt: number;
  /** The token that the server has sent; undefined if it has sent none since the last change. */
  readonly token: bigint | undefined;
}

interface Expected {
  readonly status: number;
  readonly value: string;
  readonly flags?: number;
  readonly key?: string;
  /** Whether the reply has the token of the item. */
  readonly hasToken?: boolean;
}

const RELATIVE_LIMIT_SECONDS = 2_592_000;
/** The bytes that an item needs in addition to key and value if it uses every option. */
const ITEM_OVERHEAD_BYTES = 52;

const NOT_FOUND: Expected = { status: 1, value: 'Not found' };
const EXISTS: Expected = { status: 2, value: 'Data exists for key.' };
const TOO_LARGE: Expected = { status: 3, value: 'Too large.' };
const NOT_STORED: Expected = { status: 5, value: 'Not stored.' };
const NON_NUMERIC: Expected = { status: 6, value: 'Non-numeric server-side value for incr or decr' };
const UNKNOWN: Expected = { status: 0x81, value: 'Unknown command' };
const STORED: Expected = { status: 0, value: '', hasToken: true };
const DONE: Expected = { status: 0, value: '' };

export class BinaryModel {
  readonly #entries = new Map<string, Entry>();
  /** Tokens that have been sent; none may be used again after a change. */
  readonly #told = new Set<string>();
  #now = 0;

  constructor(private readonly itemLimit: number) {}

  knownToken(key: string): bigint | undefined {
    return this.#find(key)?.token;
  }

  advance(seconds: number): void {
    this.#now += seconds;
  }

  /** The value and flags at a key, as a text client gets them. */
  read(key: string): { readonly value: string; readonly flags: number } | undefined {
    return this.#find(key);
  }

  /** Applies a request and removes its reply, if one is expected, from the front; throws if the reply is wrong. */
  check(step: BinaryStep, cas: bigint, opaque: number, replies: ReplyFrame[]): void {
    const expected = this.#apply(step, cas);
    if (expected === undefined) return;
    const reply = replies.shift();
    const { flags, hasToken = false, key = '', status, value } = expected;
    const extras = flags === undefined ? '' : flags.toString(16).padStart(8, '0');
    const wanted = { opaque, status, key, value, extras };
    const got = reply && { ...pick(reply), extras: reply.extras.toString('hex') };
    if (JSON.stringify(got) !== JSON.stringify(wanted)) {
      throw new Error(`${shown(step)} was answered ${shown(got)} instead of ${shown(wanted)}`);
    }
    if (hasToken) this.#takeToken(step, (reply as ReplyFrame).cas);
    else if (reply?.cas !== 0n) throw new Error(`${shown(step)} was answered with a token`);
  }

  #takeToken(step: BinaryStep, token: bigint): void {
    const entry = this.#entries.get(step.key);
    if (entry === undefined) return;
    const isRight = entry.token === undefined ? token !== 0n && !this.#told.has(String(token)) : entry.token === token;
    if (!isRight) throw new Error(`${shown(step)} was answered with the token ${token}`);
    this.#told.add(String(token));
    this.#entries.set(step.key, { ...entry, token });
  }

  /** Undefined means no reply. */
  #apply(step: BinaryStep, cas: bigint): Expected | undefined {
    const { name } = step;
    if (name === 'noop') return DONE;
    if (name === 'unknown') return UNKNOWN;
    if (/^g/.test(name)) return this.#retrieve(step);
    if (name === 'touch') return this.#touch(step);
    const expected = /^del/.test(name)
      ? this.#delete(step, cas)
      : /^(incr|decr)/.test(name)
        ? this.#count(step, cas)
        : /^(app|prep)/.test(name)
          ? this.#join(step, cas)
          : this.#store(step, cas);
    return expected.status === 0 && isQuiet(name) ? undefined : expected;
  }

  #retrieve(step: BinaryStep): Expected | undefined {
    const { key, name } = step;
    const entry = this.#find(key);
    const returnsKey = /kq?$/.test(name);
    if (entry === undefined) {
      if (isQuiet(name)) return undefined;
      return returnsKey ? { status: 1, value: '', key } : NOT_FOUND;
    }
    if (name.startsWith('gat')) this.#entries.set(key, { ...entry, expiresAt: this.#expiry(step.exptime) });
    const { flags, value } = entry;
    return { status: 0, value, flags, hasToken: true, ...(returnsKey ? { key } : {}) };
  }

  #touch({ exptime, key }: BinaryStep): Expected {
    const entry = this.#find(key);
    if (entry === undefined) return NOT_FOUND;
    this.#entries.set(key, { ...entry, expiresAt: this.#expiry(exptime) });
    return { status: 0, value: '', flags: entry.flags, hasToken: true };
  }

  #store({ exptime, flags, key, name, value }: BinaryStep, cas: bigint): Expected {
    const old = this.#find(key);
    if (!this.#fits(key, value)) {
      if (name.startsWith('set') && cas === 0n) this.#entries.delete(key);
      return TOO_LARGE;
    }
    if (cas !== 0n) {
      if (old === undefined) return NOT_FOUND;
      if (old.token !== cas) return EXISTS;
    } else if (name.startsWith('add') && old !== undefined) return EXISTS;
    else if (name.startsWith('replace') && old === undefined) return NOT_FOUND;
    this.#entries.set(key, { value, flags, expiresAt: this.#expiry(exptime), token: undefined });
    return STORED;
  }

  #join({ key, name, value }: BinaryStep, cas: bigint): Expected {
    if (!this.#fits(key, value)) return TOO_LARGE;
    const old = this.#find(key);
    if (old === undefined) return NOT_STORED;
    if (cas !== 0n && old.token !== cas) return EXISTS;
    const joined = name.startsWith('append') ? old.value + value : value + old.value;
    if (!this.#fits(key, joined)) return NOT_STORED;
    this.#entries.set(key, { ...old, value: joined, token: undefined });
    return STORED;
  }

  #count({ delta, exptime, initial, key, name }: BinaryStep, cas: bigint): Expected {
    const old = this.#find(key);
    if (old === undefined) {
      if (exptime === NOT_MADE) return NOT_FOUND;
      this.#entries.set(key, { value: initial, flags: 0, expiresAt: this.#expiry(exptime), token: undefined });
      return { status: 0, value: bytes64(BigInt(initial)), hasToken: true };
    }
    if (old.value === '') return NON_NUMERIC;
    if (cas !== 0n && old.token !== cas) return EXISTS;
    const number = numberOf(old.value);
    if (number === undefined) return NON_NUMERIC;
    const change = BigInt(delta);
    const sum = name.startsWith('incr') ? incremented(number, change) : decremented(number, change);
    this.#entries.set(key, { ...old, value: String(sum).padEnd(old.value.length), token: undefined });
    return { status: 0, value: bytes64(sum), hasToken: true };
  }

  #delete({ key }: BinaryStep, cas: bigint): Expected {
    const old = this.#find(key);
    if (old === undefined) return NOT_FOUND;
    if (cas !== 0n && old.token !== cas) return EXISTS;
    this.#entries.delete(key);
    return DONE;
  }

  #fits(key: string, value: string): boolean {
    return ITEM_OVERHEAD_BYTES + key.length + value.length <= this.itemLimit;
  }

  #find(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || (entry.expiresAt !== 0 && entry.expiresAt <= this.#now) ? undefined : entry;
  }

  /** Beyond 30 days it is a time since 1970: in the past, or too far in the future for any sequence. */
  #expiry(exptime: number): number {
    if (exptime === 0) return 0;
    if (exptime >= 2 ** 31) return 0;
    return exptime > RELATIVE_LIMIT_SECONDS ? -1 : this.#now + exptime;
  }
}

function pick({ key, opaque, status, value }: ReplyFrame) {
  return { opaque, status, key, value };
}

function shown(what: unknown): string {
  const text = JSON.stringify(what) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 300)} ... ${text.slice(-90)}` : text;
}

function bytes64(number: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(number);
  return bytes.toString('latin1');
}
