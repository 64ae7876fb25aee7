// The expected behaviour of a cache in its simplest form: a Map in the order of use, the least recently used first. Only the real store
// knows how much memory is left, so it reports when it evicted and how many items; the model decides which ones they must be.

/** Through this the store reports evictions, which the model cannot predict. */
export const Event = { evicted: 0, stored: 1, indexDenied: 2 } as const;
export type Event = (typeof Event)[keyof typeof Event];

export interface Entry {
  value: string;
  flags: number;
  /** Server second, 0 is never. */
  expiresAt: number;
  /** The CAS token that clients have received; undefined if it has changed since or no client has asked. */
  token: string | undefined;
  /** Pinned by a reader, so evictions skip it. */
  pinned: boolean;
}

export class Model {
  readonly entries = new Map<string, Entry>();
  now: number;
  flushAt = 0;
  /** Every token seen so far: none may be used twice. */
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

  /** Removes the least recently used entry; pinned ones move to the front instead. */
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

  /** After a refusal for lack of memory, continues with these keys, the least recently used first; all of them must be known. */
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
