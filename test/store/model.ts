// What a cache should do, in the plainest form: a Map whose order is that of use, the least recently used first. The real store alone knows
// how much memory is left, so it tells how many items it evicted and when; which ones is for the model to say.

/** Where the store says that it did something that the model cannot foresee. */
export const Event = { evicted: 0, stored: 1, indexDenied: 2 } as const;
export type Event = (typeof Event)[keyof typeof Event];

export interface Entry {
  value: string;
  flags: number;
  /** Server second, 0 is never. */
  expiresAt: number;
  /** The CAS token that clients were told; undefined when it has changed since or nobody has asked. */
  token: string | undefined;
  /** Held by a reader: passed over by evictions. */
  pinned: boolean;
}

export class Model {
  readonly entries = new Map<string, Entry>();
  now: number;
  flushAt = 0;
  /** Every token ever seen: none may come twice. */
  readonly tokens = new Set<string>();
  evictions = 0;
  refusals = 0;
  private mayHoldExpired = false;

  constructor(now: number) {
    this.now = now;
  }

  /** The entry that a client would find. */
  live(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (!this.isExpired(entry)) return entry;
    this.entries.delete(key);
    return undefined;
  }

  isExpired(entry: Entry): boolean {
    return entry.expiresAt !== 0 && entry.expiresAt <= this.now;
  }

  use(key: string, entry: Entry): void {
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.isExpired(entry)) this.mayHoldExpired = true;
  }

  /** Takes the least recently used entry away; those that are read move to the front instead. */
  evict(kept?: Entry): void {
    this.evictions++;
    if (this.mayHoldExpired) this.forgetExpired();
    for (let tries = this.entries.size; tries > 0; tries--) {
      const [key, entry] = this.entries.entries().next().value as [string, Entry];
      this.entries.delete(key);
      if (!entry.pinned && entry !== kept) return;
      this.entries.set(key, entry);
    }
    throw new Error('the store evicted something although nothing was left that might go');
  }

  advance(seconds: number): void {
    this.now += seconds;
    this.mayHoldExpired = true;
    if (this.flushAt !== 0 && this.flushAt <= this.now) this.flush();
  }

  flush(): void {
    this.entries.clear();
    this.flushAt = 0;
  }

  /** Keys that a client would find, the most recently used first. */
  keys(): string[] {
    this.forgetExpired();
    return [...this.entries.keys()].reverse();
  }

  /** After a refusal for lack of memory: continues with these keys, the least recently used first; all of them must be known. */
  keepOnly(keys: readonly string[]): void {
    const kept = keys.map((key) => [key, this.entries.get(key)] as const);
    this.entries.clear();
    for (const [key, entry] of kept) {
      if (entry === undefined) throw new Error(`${key} is not known`);
      this.entries.set(key, entry);
    }
  }

  private forgetExpired(): void {
    for (const [key, entry] of this.entries) if (this.isExpired(entry)) this.entries.delete(key);
    this.mayHoldExpired = false;
  }
}
