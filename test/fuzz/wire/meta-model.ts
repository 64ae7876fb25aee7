// The outcome of each meta command by memcached's protocol document: a function of the request and of the content of its key. Lines that
// are always refused: meta-requests.ts.

import { type Entry, newEntry, type Outcome, type ReplyPart } from './entry.js';
import type { MetaRequest } from './meta-requests.js';
import { decremented, incremented, numberOf } from './numbers.js';

export interface MetaWorld {
  /** In seconds. */
  readonly now: number;
  fits(key: string, value: string): boolean;
}

const RELATIVE_LIMIT_SECONDS = 2_592_000;
const NON_NUMERIC = 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n';
const TOO_LARGE = 'SERVER_ERROR object too large for cache\r\n';
const BAD_CHUNK = 'CLIENT_ERROR bad data chunk\r\n';

export function metaOutcome(request: MetaRequest, entry: Entry | undefined, world: MetaWorld): Outcome {
  return new MetaCommand(request, entry, world).outcome();
}

/** One command on one state of its key. */
class MetaCommand {
  readonly #flags: ReadonlyMap<string, string>;

  constructor(
    private readonly request: MetaRequest,
    private readonly old: Entry | undefined,
    private readonly world: MetaWorld,
  ) {
    this.#flags = new Map(request.flags.map((flag) => [flag[0], flag.slice(1)]));
  }

  outcome(): Outcome {
    switch (this.request.command) {
      case 'mg':
        return this.#get();
      case 'ms':
        return this.#set();
      case 'md':
        return this.#delete();
      case 'ma':
        return this.#count();
      default:
        return this.#describe();
    }
  }

  #get(): Outcome {
    const { old } = this;
    const isMade = old === undefined && this.#has('N');
    if (old === undefined && !isMade) return this.#told('EN', undefined, { isQuiet: this.#has('q') });
    let entry = old ?? this.#given(newEntry('', 0, 0, this.world.now));
    const before = entry;
    let isWon = false;
    const parts: ReplyPart[] = [];
    for (const flag of this.request.flags) {
      const letter = flag[0];
      if (letter === 'T') entry = { ...entry, expiresAt: this.#expiry('T') };
      else if (letter === 'N' && isMade) entry = { ...entry, expiresAt: this.#expiry('N') };
      else if (letter === 'R' && !isMade && this.#isDue(entry)) isWon = true;
      else parts.push(...this.#shownOfItem(letter, flag, entry, before));
    }
    if (entry.isWinSent) parts.push(' Z');
    if (entry.isStale) parts.push(' X');
    if (isMade || (entry.isStale && !entry.isWinSent) || isWon) {
      parts.push(' W');
      entry = { ...entry, isWinSent: true };
    }
    const hasValue = this.#has('v') && !(this.#has('C') && entry.token === this.#number('C'));
    const reply = hasValue
      ? [`VA ${entry.value.length}`, ...parts, `\r\n${entry.value}\r\n`]
      : ['HD', ...parts, '\r\n'];
    const isRead = !this.#has('u');
    const accessedAt = isRead ? this.world.now : entry.accessedAt;
    return { reply, entry: { ...entry, wasFetched: entry.wasFetched || isRead, accessedAt } };
  }

  /** An item that no client was told to renew, and that expires before R. */
  #isDue({ expiresAt, isWinSent }: Entry): boolean {
    const limit = lifetimeOf(this.#token('R'));
    return !isWinSent && expiresAt !== 0 && limit > 0 && expiresAt < this.world.now + limit;
  }

  #shownOfItem(letter: string, flag: string, entry: Entry, before: Entry): readonly ReplyPart[] {
    switch (letter) {
      case 's':
        return [` s${entry.value.length}`];
      case 'f':
        return [` f${entry.flags}`];
      case 'h':
        return [` h${before.wasFetched ? 1 : 0}`];
      case 'l':
        return [' l', { idleSeconds: this.world.now - before.accessedAt }];
      default:
        return this.#shown(letter, flag, entry);
    }
  }

  /** The flags that every reply may show. */
  #shown(letter: string, flag: string, entry: Entry | undefined): readonly ReplyPart[] {
    if (letter === 'O') return [` ${flag}`];
    if (letter === 'k') return [` k${this.request.sentKey}${this.#has('b') ? ' b' : ''}`];
    if (entry === undefined) return [];
    if (letter === 'c') return entry.token === undefined ? [' c', { token: true }] : [` c${entry.token}`];
    if (letter !== 't') return [];
    const { expiresAt } = entry;
    return [` t${expiresAt === 0 ? -1 : Math.max(0, expiresAt - this.world.now)}`];
  }

  #set(): Outcome {
    const { old, request, world } = this;
    const mode = this.#token('M') || 'S';
    if (request.isBroken) return { reply: BAD_CHUNK, entry: old };
    if (!world.fits(request.key, request.value)) {
      return { reply: TOO_LARGE, entry: mode === 'S' && !this.#has('C') ? undefined : old };
    }
    if (mode === 'A' || mode === 'P') return this.#join(mode);
    const isFailed = mode === 'E' ? this.#failedAdd() : this.#has('C') ? this.#failedCompare() : this.#failedReplace();
    if (isFailed !== undefined) return isFailed;
    const stored = newEntry(request.value, this.#clientFlags(), this.#has('T') ? this.#expiry('T') : 0, world.now);
    const isOld = mode !== 'E' && this.#has('C') && old?.token !== this.#number('C');
    if (!isOld || old === undefined) return this.#stored(this.#given(stored));
    const marks = { expiresAt: old.expiresAt, isStale: true, isWinSent: old.isWinSent };
    return this.#stored(this.#given({ ...stored, ...marks }));
  }

  #failedAdd(): Outcome | undefined {
    const { old, world } = this;
    return old === undefined ? undefined : this.#told('NS', { ...old, accessedAt: world.now });
  }

  #failedReplace(): Outcome | undefined {
    return this.#token('M') === 'R' && this.old === undefined ? this.#told('NS', undefined) : undefined;
  }

  /** With I a token older than the item's is accepted; the server's own tokens are older than those that requests choose. */
  #failedCompare(): Outcome | undefined {
    const { old } = this;
    const compared = this.#number('C');
    if (old === undefined) return this.#told('NF', undefined);
    if (old.token === compared) return undefined;
    const isOlder = compared !== '0' && old.token !== undefined && BigInt(compared) < BigInt(old.token);
    return this.#has('I') && isOlder ? undefined : this.#told('EX', old);
  }

  #join(mode: string): Outcome {
    const { old, request, world } = this;
    if (old === undefined) {
      if (!this.#has('N')) return this.#told('NS', undefined);
      return this.#stored(this.#given(newEntry(request.value, this.#clientFlags(), this.#expiry('N'), world.now)));
    }
    if (this.#differs(old)) return this.#told('EX', old);
    const value = mode === 'A' ? old.value + request.value : request.value + old.value;
    if (!world.fits(request.key, value)) return this.#told('NS', old);
    return this.#stored(this.#given(newEntry(value, old.flags, old.expiresAt, world.now)));
  }

  #stored(entry: Entry): Outcome {
    return this.#told('HD', entry, { isQuiet: this.#has('q'), sizeOf: entry, tokenOf: entry });
  }

  #delete(): Outcome {
    const { old, world } = this;
    if (old === undefined) return this.#told('NF', undefined);
    if (this.#has('C') && old.token !== this.#number('C')) return this.#told('EX', old);
    const isQuiet = this.#has('q');
    const isStale = this.#has('I');
    if (this.#has('x')) {
      const empty = newEntry('', this.#clientFlags(), this.#has('T') ? this.#expiry('T') : 0, world.now);
      return this.#told('HD', this.#given({ ...empty, isStale }), { isQuiet });
    }
    if (!isStale) return this.#told('HD', undefined, { isQuiet });
    const expiresAt = this.#has('T') ? this.#expiry('T') : old.expiresAt;
    return this.#told('HD', this.#given({ ...old, expiresAt, isStale, isWinSent: false }), { isQuiet });
  }

  #count(): Outcome {
    const { old, world } = this;
    if (old === undefined) {
      if (!this.#has('N')) return this.#told('NF', undefined);
      const digits = String(BigInt(this.#has('J') ? this.#number('J') : 0));
      return this.#counted(this.#given(newEntry(digits, 0, 0, world.now)), digits, true);
    }
    if (old.value === '') return { reply: NON_NUMERIC, entry: old };
    if (this.#differs(old)) return this.#told('EX', old);
    const number = numberOf(old.value);
    if (number === undefined) return { reply: NON_NUMERIC, entry: old };
    const delta = BigInt(this.#has('D') ? this.#number('D') : 1);
    const isDown = ['D', '-'].includes(this.#token('M'));
    const digits = String(isDown ? decremented(number, delta) : incremented(number, delta));
    const value = digits.padEnd(old.value.length);
    return this.#counted(this.#given({ ...old, value, accessedAt: world.now }), digits, false);
  }

  #counted(changed: Entry, digits: string, isMade: boolean): Outcome {
    let entry = changed;
    const parts: ReplyPart[] = [];
    for (const flag of this.request.flags) {
      if (flag[0] === 'T') entry = { ...entry, expiresAt: this.#expiry('T') };
      else if (flag[0] === 'N' && isMade) entry = { ...entry, expiresAt: this.#expiry('N') };
      else parts.push(...this.#shown(flag[0], flag, entry));
    }
    if (this.#has('q')) return { reply: '', entry };
    const hasValue = this.#has('v');
    const reply = hasValue ? [`VA ${digits.length}`, ...parts, `\r\n${digits}\r\n`] : ['HD', ...parts, '\r\n'];
    return { reply, entry };
  }

  #describe(): Outcome {
    const { old, request } = this;
    if (old === undefined) return { reply: 'EN\r\n', entry: undefined };
    const fetched = `fetch=${old.wasFetched ? 'yes' : 'no'} cls=1 size=`;
    const head = [`ME ${request.sentKey} exp=${old.expiresAt === 0 ? '-1' : ''}`];
    const reply = [...head, { any: /\d* la=\d+ cas=\d+ /y }, fetched, { any: /\d+\r\n/y }];
    return { reply, entry: old };
  }

  /** A reply without a value. A failure shows the token 0 and the length that was sent. */
  #told(
    code: string,
    entry: Entry | undefined,
    { isQuiet = false, sizeOf, tokenOf }: { isQuiet?: boolean; sizeOf?: Entry; tokenOf?: Entry } = {},
  ): Outcome {
    if (isQuiet) return { reply: '', entry };
    const { command, flags, value } = this.request;
    const parts = flags.flatMap((flag): readonly ReplyPart[] => {
      const letter = flag[0];
      if (letter === 'k' || letter === 'O') return this.#shown(letter, flag, undefined);
      if (command !== 'ms') return [];
      if (letter === 's') return [` s${(sizeOf ?? { value }).value.length}`];
      return letter !== 'c' ? [] : tokenOf === undefined ? [' c0'] : this.#shown('c', flag, tokenOf);
    });
    return { reply: [code, ...parts, '\r\n'], entry };
  }

  /** The item with the token of E, or with one that the server will choose. */
  #given(entry: Entry): Entry {
    return { ...entry, token: this.#has('E') ? this.#number('E') : undefined };
  }

  /** Whether a token was sent that is not the item's; 0 is none. */
  #differs({ token }: Entry): boolean {
    return this.#has('C') && this.#number('C') !== '0' && token !== this.#number('C');
  }

  #clientFlags(): number {
    return this.#has('F') ? Number(BigInt(this.#number('F')) & 0xffff_ffffn) : 0;
  }

  #expiry(letter: string): number {
    const lifetime = lifetimeOf(this.#token(letter));
    return lifetime <= 0 ? lifetime : this.world.now + lifetime;
  }

  #has(letter: string): boolean {
    return this.#flags.has(letter);
  }

  #token(letter: string): string {
    return this.#flags.get(letter) ?? '';
  }

  /** The key in its usual form. */
  #number(letter: string): string {
    return String(BigInt(this.#token(letter).replace('+', '')));
  }
}

/** Seconds from now; 0 is never, negative is past. Of 64 bits the lowest 32 count; more than 30 days are a date, which is past here. */
function lifetimeOf(token: string): number {
  const seconds = Number(BigInt.asIntN(32, BigInt(token.replace('+', ''))));
  return seconds > RELATIVE_LIMIT_SECONDS ? -1 : Math.max(-1, seconds);
}
