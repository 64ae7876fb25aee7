// What a cache holds after requests, as a plain Map, and whether the replies to them are right to the byte. Where items may be evicted,
// each may also be missing, but is never wrong.

import {
  BAD,
  type GlobalRequest,
  type KeyRequest,
  type ListRequest,
  type StoreRequest,
  type WireRequest,
} from './requests.js';

interface Entry {
  readonly value: string;
  readonly flags: number;
  /** In seconds of the model; 0 is never. */
  readonly expiresAt: number;
  /** As the server told it, undefined if nobody has asked since the last change. */
  readonly token: string | undefined;
}

/** What a request comes to if its key holds this or that. */
interface Outcome {
  readonly reply: string;
  /** What the key holds then; undefined is nothing. */
  readonly entry: Entry | undefined;
}

export interface ModelOptions {
  /** Largest item: header, key and value. */
  readonly itemLimit: number;
  readonly mayEvict: boolean;
}

const MAX64 = 2n ** 64n;
const MAX_NUMBER_BYTES = 63 * 1024;
/** What an item needs besides key and value if it uses every option. */
const ITEM_OVERHEAD_BYTES = 52;

export class WireModel {
  readonly #entries = new Map<string, Entry>();
  /** Tokens that were told of each key; none may come again after a change. */
  readonly #tokens = new Map<string, Set<string>>();
  #now = 0;

  constructor(private readonly options: ModelOptions) {}

  knownToken(key: string): string | undefined {
    return this.#find(key)?.token;
  }

  /** Position after the reply to the request, which begins at `at`; undefined if it is wrong. */
  check(request: WireRequest, reply: string, at: number): number | undefined {
    switch (request.kind) {
      case 'fixed':
        return after(reply, at, request.reply);
      case 'list':
        return this.#checkList(request, reply, at);
      case 'flush':
      case 'advance':
        return this.#checkGlobal(request, reply, at);
      default: {
        const outcome = (entry: Entry | undefined) =>
          request.kind === 'store' ? this.#stored(request, entry) : this.#changed(request, entry);
        return this.#checkKey(
          request,
          outcome,
          reply,
          at,
          request.kind === 'store' ? this.#guessed(request) : undefined,
        );
      }
    }
  }

  #checkKey(
    { key, noreply }: { readonly key: string; readonly noreply: boolean },
    outcomeOf: (entry: Entry | undefined) => Outcome,
    reply: string,
    at: number,
    exchanged?: Outcome,
  ): number | undefined {
    const entry = this.#find(key);
    const outcomes = [outcomeOf(entry)];
    if (entry !== undefined && this.options.mayEvict) outcomes.push(outcomeOf(undefined));
    if (exchanged !== undefined && entry?.token === undefined) outcomes.push(exchanged);
    for (const outcome of outcomes) {
      const end = after(reply, at, noreply ? '' : outcome.reply);
      if (end === undefined) continue;
      this.#put(key, outcome.entry);
      return end;
    }
    return undefined;
  }

  #stored(request: StoreRequest, old: Entry | undefined): Outcome {
    const { command, isBroken, token, value } = request;
    if (isBroken) return { reply: 'CLIENT_ERROR bad data chunk\r\n', entry: old };
    if (!this.#fits(request.key, value)) return this.#tooLarge(command, old);
    const entry = { value, flags: request.flags, expiresAt: this.#expiry(request.lifetime), token: undefined };
    const stored = { reply: 'STORED\r\n', entry };
    const notStored = { reply: 'NOT_STORED\r\n', entry: old };
    switch (command) {
      case 'set':
        return stored;
      case 'add':
        return old === undefined ? stored : notStored;
      case 'replace':
        return old === undefined ? notStored : stored;
      case 'cas':
        if (old === undefined) return { reply: 'NOT_FOUND\r\n', entry: undefined };
        return old.token === token ? stored : { reply: 'EXISTS\r\n', entry: old };
      default: {
        if (old === undefined) return notStored;
        const joined = command === 'append' ? old.value + value : value + old.value;
        if (!this.#fits(request.key, joined)) return this.#tooLarge(command, old);
        return { reply: 'STORED\r\n', entry: { ...old, value: joined, token: undefined } };
      }
    }
  }

  /** A cas with a small number may hit a token that nobody was told. */
  #guessed(request: StoreRequest): Outcome | undefined {
    const { command, flags, isBroken, lifetime, noreply, token, value } = request;
    if (command !== 'cas' || isBroken || noreply || token.length > 9 || !this.#fits(request.key, value))
      return undefined;
    return { reply: 'STORED\r\n', entry: { value, flags, expiresAt: this.#expiry(lifetime), token: undefined } };
  }

  /** A failed set must not leave the old value to be read as the new one. */
  #tooLarge(command: string, old: Entry | undefined): Outcome {
    return { reply: 'SERVER_ERROR object too large for cache\r\n', entry: command === 'set' ? undefined : old };
  }

  #changed(request: KeyRequest, old: Entry | undefined): Outcome {
    if (old === undefined) return { reply: 'NOT_FOUND\r\n', entry: undefined };
    if (request.kind === 'delete') return { reply: 'DELETED\r\n', entry: undefined };
    if (request.kind === 'touch') {
      return { reply: 'TOUCHED\r\n', entry: { ...old, expiresAt: this.#expiry(request.lifetime) } };
    }
    const number = numberOf(old.value);
    if (number === undefined) {
      return { reply: 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n', entry: old };
    }
    const delta = BigInt(request.delta);
    const sum = request.kind === 'incr' ? (number + delta) % MAX64 : number < delta ? 0n : number - delta;
    // A value never gets shorter.
    const value = String(sum).padEnd(old.value.length);
    return { reply: `${sum}\r\n`, entry: { ...old, value, token: undefined } };
  }

  #checkList(request: ListRequest, reply: string, start: number): number | undefined {
    let at = start;
    let isCut = false;
    for (const key of request.keys) {
      const entry = this.#find(key);
      // The error line takes the place of the replies that have not been sent.
      if (request.endsBadly && reply.startsWith(BAD, at)) isCut = true;
      if (entry === undefined) continue;
      const end = isCut ? at : this.#checkValue(key, entry, request.withTokens, reply, at);
      if (end === undefined) {
        if (!this.options.mayEvict) return undefined;
        this.#put(key, undefined);
        continue;
      }
      at = end;
      const { lifetime } = request;
      if (lifetime !== null) this.#put(key, { ...(this.#find(key) as Entry), expiresAt: this.#expiry(lifetime) });
    }
    return after(reply, at, request.endsBadly ? BAD : 'END\r\n');
  }

  /** The block of one key; a token that is new is kept. */
  #checkValue(key: string, entry: Entry, withToken: boolean, reply: string, at: number): number | undefined {
    const head = `VALUE ${key} ${entry.flags} ${entry.value.length}`;
    let end = after(reply, at, head);
    if (end === undefined) return undefined;
    if (withToken) {
      const lineEnd = reply.indexOf('\r\n', end);
      const token = reply.slice(end, lineEnd);
      if (!/^ [1-9]\d{0,19}$/.test(token) || !this.#takeToken(key, entry, token.slice(1))) return undefined;
      end = lineEnd;
    }
    return after(reply, end, `\r\n${entry.value}\r\n`);
  }

  #takeToken(key: string, entry: Entry, token: string): boolean {
    if (entry.token !== undefined) return entry.token === token;
    const told = this.#tokens.get(key) ?? new Set();
    this.#tokens.set(key, told);
    if (told.has(token)) return false;
    told.add(token);
    this.#entries.set(key, { ...entry, token });
    return true;
  }

  #checkGlobal({ kind, noreply, seconds }: GlobalRequest, reply: string, at: number): number | undefined {
    if (kind === 'flush') this.#entries.clear();
    else this.#now += seconds;
    return after(reply, at, noreply ? '' : 'OK\r\n');
  }

  #fits(key: string, value: string): boolean {
    return ITEM_OVERHEAD_BYTES + key.length + value.length <= this.options.itemLimit;
  }

  #find(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt !== 0 && entry.expiresAt <= this.#now ? undefined : entry;
  }

  #put(key: string, entry: Entry | undefined): void {
    if (entry === undefined || entry.expiresAt < 0) this.#entries.delete(key);
    else this.#entries.set(key, entry);
  }

  #expiry(lifetime: number): number {
    return lifetime <= 0 ? lifetime : this.#now + lifetime;
  }
}

function after(reply: string, at: number, wanted: string): number | undefined {
  return reply.startsWith(wanted, at) ? at + wanted.length : undefined;
}

/** The value as incr and decr read it. */
function numberOf(value: string): bigint | undefined {
  const digits = /^[ \t-\r]*\+?(\d+)(?:[\0 \t-\r]|$)/.exec(value)?.[1];
  if (value.length > MAX_NUMBER_BYTES || digits === undefined) return undefined;
  const number = BigInt(digits);
  return number < MAX64 ? number : undefined;
}
