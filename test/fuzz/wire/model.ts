// The content of a cache after requests, as a plain Map, and a check of each reply byte by byte. If items may be evicted, each may also be
// missing, but never wrong.

import { type Entry, type MatchedReply, matchReply, newEntry, type Outcome, type Reply } from './entry.js';
import { metaOutcome } from './meta-model.js';
import { decremented, incremented, numberOf } from './numbers.js';
import { BAD } from './request-parts.js';
import type { GlobalRequest, KeyRequest, ListRequest, StoreRequest, WireRequest } from './requests.js';
import { VirtualModel } from './virtual-model.js';

export interface ModelOptions {
  /** Largest item: header, key and value. */
  readonly itemLimit: number;
  readonly mayEvict: boolean;
}

/** The bytes that an item needs in addition to key and value if it uses every option. */
const ITEM_OVERHEAD_BYTES = 52;

export class WireModel {
  readonly #entries = new Map<string, Entry>();
  /** Tokens that the server has chosen for each key; none may be used again after a change. */
  readonly #tokens = new Map<string, Set<string>>();
  readonly #objects = new VirtualModel();
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
      case 'virtual':
        return after(reply, at, this.#objects.reply(request));
      case 'meta':
        return this.#checkKey(request.key, (entry) => metaOutcome(request, entry, this.#world), reply, at);
      case 'store':
        return this.#checkKey(request.key, (entry) => this.#stored(request, entry), reply, at, this.#guessed(request));
      default:
        return this.#checkKey(request.key, (entry) => this.#changed(request, entry), reply, at);
    }
  }

  /** The content of a key, for a check from outside of the client's own requests. */
  read(key: string): Entry | undefined {
    return this.#find(key);
  }

  get keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** A check from outside has found the entry with this token, which must be right, or has not found it. */
  noteRead(key: string, token: string | undefined): boolean {
    const entry = this.#find(key);
    if (entry === undefined) return token === undefined;
    if (token === undefined) this.#put(key, undefined);
    else if (entry.token === undefined ? !this.#isNewToken(key, token) : entry.token !== token) return false;
    else this.#keep(key, { ...entry, wasFetched: true, accessedAt: this.#now }, { end: 0, token });
    return token !== undefined || this.options.mayEvict;
  }

  /** A client of another protocol has changed the value, and has received the new token. */
  noteChange(key: string, value: string, token: string): boolean {
    const entry = this.#find(key);
    if (entry === undefined || !this.#isNewToken(key, token)) return false;
    this.#keep(key, newEntry(value, entry.flags, 0, this.#now), { end: 0, token });
    return true;
  }

  #checkKey(
    key: string,
    outcomeOf: (entry: Entry | undefined) => Outcome,
    reply: string,
    at: number,
    exchanged?: Outcome,
  ): number | undefined {
    const entry = this.#find(key);
    const outcomes = [outcomeOf(entry)];
    if (entry !== undefined && this.options.mayEvict) outcomes.push(outcomeOf(undefined));
    if (exchanged !== undefined && entry?.token === undefined) outcomes.push(exchanged);
    // No reply would match any text, so it is tried last.
    outcomes.sort((one, other) => Number(isSilence(one.reply)) - Number(isSilence(other.reply)));
    for (const outcome of outcomes) {
      const found = matchReply(reply, at, outcome.reply);
      if (found === undefined || (found.token !== undefined && !this.#isNewToken(key, found.token))) continue;
      this.#keep(key, outcome.entry, found);
      return found.end;
    }
    return undefined;
  }

  #keep(key: string, entry: Entry | undefined, { token }: MatchedReply): void {
    if (token !== undefined) this.#tokensOf(key).add(token);
    this.#put(key, entry === undefined || token === undefined ? entry : { ...entry, token });
  }

  get #world() {
    return { now: this.#now, fits: (key: string, value: string) => this.#fits(key, value) };
  }

  #stored(request: StoreRequest, old: Entry | undefined): Outcome {
    const { command, isBroken, noreply, token, value } = request;
    const told = (reply: string, entry: Entry | undefined) => ({ reply: noreply ? '' : reply, entry });
    if (isBroken) return told('CLIENT_ERROR bad data chunk\r\n', old);
    const tooLarge = told('SERVER_ERROR object too large for cache\r\n', command === 'set' ? undefined : old);
    // A failed set must not leave the old value to be read as the new one.
    if (!this.#fits(request.key, value)) return tooLarge;
    const stored = told('STORED\r\n', newEntry(value, request.flags, this.#expiry(request.lifetime), this.#now));
    const notStored = told('NOT_STORED\r\n', old === undefined ? old : { ...old, accessedAt: this.#now });
    switch (command) {
      case 'set':
        return stored;
      case 'add':
        return old === undefined ? stored : notStored;
      case 'replace':
        return old === undefined ? notStored : stored;
      case 'cas':
        if (old === undefined) return told('NOT_FOUND\r\n', undefined);
        return old.token === token ? stored : told('EXISTS\r\n', old);
      default: {
        if (old === undefined) return notStored;
        const joined = command === 'append' ? old.value + value : value + old.value;
        if (!this.#fits(request.key, joined)) return told('NOT_STORED\r\n', old);
        return told('STORED\r\n', newEntry(joined, old.flags, old.expiresAt, this.#now));
      }
    }
  }

  /** A cas with a small number may match a token that was never sent. */
  #guessed(request: StoreRequest): Outcome | undefined {
    const { command, flags, isBroken, lifetime, noreply, token, value } = request;
    if (command !== 'cas' || isBroken || noreply || token.length > 9 || !this.#fits(request.key, value))
      return undefined;
    return { reply: 'STORED\r\n', entry: newEntry(value, flags, this.#expiry(lifetime), this.#now) };
  }

  #changed(request: KeyRequest, old: Entry | undefined): Outcome {
    const told = (reply: string, entry: Entry | undefined) => ({ reply: request.noreply ? '' : reply, entry });
    if (old === undefined) return told('NOT_FOUND\r\n', undefined);
    if (request.kind === 'delete') return told('DELETED\r\n', undefined);
    const used = { ...old, accessedAt: this.#now };
    if (request.kind === 'touch') {
      return told('TOUCHED\r\n', { ...used, expiresAt: this.#expiry(request.lifetime), wasFetched: true });
    }
    const number = numberOf(old.value);
    if (number === undefined) {
      return told('CLIENT_ERROR cannot increment or decrement non-numeric value\r\n', old);
    }
    const delta = BigInt(request.delta);
    const sum = request.kind === 'incr' ? incremented(number, delta) : decremented(number, delta);
    // A value never gets shorter.
    const value = String(sum).padEnd(old.value.length);
    return told(`${sum}\r\n`, { ...used, value, token: undefined });
  }

  #checkList(request: ListRequest, reply: string, start: number): number | undefined {
    let at = start;
    let isCut = false;
    for (const key of request.keys) {
      const entry = this.#find(key);
      // The error line replaces the replies that have not been sent.
      if (request.endsBadly && reply.startsWith(BAD, at)) isCut = true;
      if (entry === undefined) continue;
      const end = isCut ? at : this.#checkValue(key, entry, request.withTokens, reply, at);
      if (end === undefined) {
        if (!this.options.mayEvict) return undefined;
        this.#put(key, undefined);
        continue;
      }
      at = end;
      // Keys before a wrong one are read, whether or not their replies are sent.
      const { lifetime } = request;
      const read = { ...(this.#find(key) as Entry), wasFetched: true, accessedAt: this.#now };
      this.#put(key, lifetime === null ? read : { ...read, expiresAt: this.#expiry(lifetime) });
    }
    return after(reply, at, request.endsBadly ? BAD : 'END\r\n');
  }

  /** Checks the block of one key; a new token is remembered. */
  #checkValue(key: string, entry: Entry, withToken: boolean, reply: string, at: number): number | undefined {
    const token = withToken ? [' ', entry.token ?? { token: true as const }] : [];
    const block = [`VALUE ${key} ${entry.flags} ${entry.value.length}`, ...token, `\r\n${entry.value}\r\n`];
    const found = matchReply(reply, at, block);
    if (found === undefined || (found.token !== undefined && !this.#isNewToken(key, found.token))) return undefined;
    this.#keep(key, entry, found);
    return found.end;
  }

  /** A token chosen by the server: one that requests never choose, and that it has not sent for the key before. */
  #isNewToken(key: string, token: string): boolean {
    return /^[1-9]\d{0,8}$/.test(token) && !this.#tokensOf(key).has(token);
  }

  #tokensOf(key: string): Set<string> {
    const told = this.#tokens.get(key) ?? new Set();
    this.#tokens.set(key, told);
    return told;
  }

  #checkGlobal({ kind, noreply, seconds }: GlobalRequest, reply: string, at: number): number | undefined {
    if (kind === 'flush') {
      this.#entries.clear();
      this.#objects.clear();
    } else this.#now += seconds;
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

function isSilence(reply: Reply): boolean {
  return reply === '';
}
