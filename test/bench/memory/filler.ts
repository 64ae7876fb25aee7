// Fills a cache over the wire and keeps the record by which its survivors are judged. Deterministic: the same sizes and keys on every run.

import { Random } from '../load/random.js';
import { Batch, BatchConnection } from './batch.js';
import { KEY_BYTES, type SizeDistribution } from './distributions.js';
import { LiveKeys, Recency } from './recency.js';

export interface FillPlan {
  readonly port: number;
  readonly distribution: SizeDistribution;
  /** Total payload (keys and values) to store. */
  readonly payloadBytes: number;
  /** Average number of gets that find a live key between two stores. */
  readonly getsBetweenStores: number;
  /** The number of evenly spaced places in which the evictions of each single store are counted; 0 for none. */
  readonly sampledPlaces: number;
}

const SEED = 20_240_229;
const STORES_IN_SAMPLE = 128;
const KEYS_PER_READ_BACK = 50;
const MOST_GETS_PER_STORE = 16;

export class Filler {
  readonly #sizeRandom = new Random(SEED);
  readonly #keyRandom = new Random(SEED + 1);
  readonly #batch = new Batch();
  readonly #connection: BatchConnection;
  readonly #recency: Recency;
  readonly #live: LiveKeys;
  readonly #sizes: Uint32Array;
  readonly #survivors: Uint8Array;
  readonly stats = new Map<string, string>();
  stores = 0;
  payloadBytes = 0;
  getsFound = 0;
  errorLines = 0;
  wrongValues = 0;
  mostEvictedInSamples = 0;
  #getsAsked = 0;
  #getsOwed = 0;
  #foundShare = 1;
  #asked: number[] = [];
  #askedStamps: number[] = [];
  #answered = 0;
  #isReadingBack = false;
  #evictionsBefore: number | undefined;
  #isSampling = false;

  constructor(private readonly plan: FillPlan) {
    const capacity = keysFor(plan);
    this.#recency = new Recency(capacity);
    this.#live = new LiveKeys(capacity);
    this.#sizes = new Uint32Array(capacity);
    this.#survivors = new Uint8Array(capacity);
    this.#connection = new BatchConnection(plan.port, {
      onHit: (key, valueBytes) => this.#onHit(key, valueBytes),
      onStat: (name, value) => this.#onStat(name, value),
      onError: () => this.errorLines++,
    });
  }

  get operations(): number {
    return this.stores + this.#getsAsked;
  }

  /** Stores until the payload is reached, or until the given number of operations is done. */
  async fill(untilPayloadBytes = this.plan.payloadBytes, onBatch?: () => void): Promise<void> {
    const { sampledPlaces } = this.plan;
    let place = 0;
    while (this.payloadBytes < untilPayloadBytes) {
      if (sampledPlaces > 0 && this.payloadBytes / this.plan.payloadBytes >= place / sampledPlaces) {
        place++;
        await this.#sample();
      }
      while (!this.#batch.isFull && this.payloadBytes < untilPayloadBytes) this.#storeNext();
      await this.#exchange();
      onBatch?.();
    }
  }

  #storeNext(): void {
    const key = this.stores++;
    const sizeBytes = this.plan.distribution.valueBytes(this.payloadBytes / this.plan.payloadBytes, this.#sizeRandom);
    this.payloadBytes += KEY_BYTES + sizeBytes;
    this.#sizes[key] = sizeBytes;
    this.#batch.set(key, sizeBytes);
    this.#recency.use(key, this.#recency.nextStamp());
    this.#live.add(key);
    this.#getSome();
  }

  /** Keys that are assumed to be alive may have been evicted; reads enough keys to find the wanted number. */
  #getSome(): void {
    if (this.plan.getsBetweenStores === 0) return;
    this.#getsOwed += this.plan.getsBetweenStores / this.#foundShare;
    const count = Math.min(MOST_GETS_PER_STORE, Math.floor(this.#getsOwed));
    if (count === 0) return;
    this.#getsOwed -= count;
    this.#getsAsked += count;
    this.#batch.get(count, () => {
      const key = this.#live.pick(this.#keyRandom);
      this.#asked.push(key);
      this.#askedStamps.push(this.#recency.nextStamp());
      return key;
    });
  }

  async #exchange(): Promise<void> {
    const foundBefore = this.getsFound;
    this.#answered = 0;
    await this.#connection.exchange(this.#batch);
    while (this.#answered < this.#asked.length) this.#live.remove(this.#asked[this.#answered++]);
    if (this.#asked.length > 0) {
      const found = (this.getsFound - foundBefore) / this.#asked.length;
      this.#foundShare = Math.max(0.1, 0.7 * this.#foundShare + 0.3 * found);
    }
    this.#asked.length = 0;
    this.#askedStamps.length = 0;
  }

  #onHit(key: number, valueBytes: number): void {
    if (this.#sizes[key] !== valueBytes) this.wrongValues++;
    if (this.#isReadingBack) {
      this.#survivors[key] = 1;
      return;
    }
    // Replies come in the order of the requests: the keys requested between two hits were misses.
    while (this.#asked[this.#answered] !== key) {
      if (this.#answered === this.#asked.length) throw new Error(`key ${key} was not asked for`);
      this.#live.remove(this.#asked[this.#answered++]);
    }
    this.#recency.use(key, this.#askedStamps[this.#answered++]);
    this.getsFound++;
  }

  async #sample(): Promise<void> {
    this.#isSampling = true;
    this.#evictionsBefore = undefined;
    this.#batch.text('stats\r\n');
    for (let store = 0; store < STORES_IN_SAMPLE; store++) {
      this.#storeNext();
      this.#batch.text('stats\r\n');
      if (this.#batch.isFull) await this.#exchange();
    }
    await this.#exchange();
    this.#isSampling = false;
  }

  #onStat(name: string, value: string): void {
    this.stats.set(name, value);
    if (!this.#isSampling || name !== 'evictions') return;
    const evictions = Number(value);
    if (this.#evictionsBefore !== undefined) {
      this.mostEvictedInSamples = Math.max(this.mostEvictedInSamples, evictions - this.#evictionsBefore);
    }
    this.#evictionsBefore = evictions;
  }

  async readStats(topic = ''): Promise<void> {
    this.#batch.text(`stats ${topic}\r\n`);
    await this.#exchange();
  }

  /** Reads every key that was ever stored; the hits are the survivors. */
  async readBack(): Promise<{ survivors: number; payloadBytes: number; exactLruShare: number }> {
    this.#isReadingBack = true;
    for (let first = 0; first < this.stores; first += KEYS_PER_READ_BACK) {
      const count = Math.min(KEYS_PER_READ_BACK, this.stores - first);
      this.#batch.get(count, (index) => first + index);
      if (this.#batch.isFull || first + count >= this.stores) await this.#exchange();
    }
    this.#isReadingBack = false;
    const alive = this.#survivors.subarray(0, this.stores);
    let survivors = 0;
    let payloadBytes = 0;
    for (let key = 0; key < alive.length; key++) {
      if (!alive[key]) continue;
      survivors++;
      payloadBytes += KEY_BYTES + this.#sizes[key];
    }
    return { survivors, payloadBytes, exactLruShare: this.#recency.exactLruShare(alive) };
  }

  close(): void {
    this.#connection.close();
  }
}

/** The number of keys that a fill will need, found by drawing the same sizes without storing them. */
function keysFor({ distribution, payloadBytes }: FillPlan): number {
  const random = new Random(SEED);
  let sum = 0;
  let keys = 0;
  for (; sum < payloadBytes; keys++) sum += KEY_BYTES + distribution.valueBytes(sum / payloadBytes, random);
  // The last sampled place may store a little more.
  return keys + STORES_IN_SAMPLE + 1;
}
