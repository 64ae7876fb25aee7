// What follows when a client changes the memory limit: a line of the log, and for a lower limit the work of giving memory back, in slices
// with pauses between them, in which the serving thread serves.

import type { Metrics } from '../base/metrics.js';
import type { MemoryLimitChange } from '../operations/operation-options.js';
import type { Progress } from '../store/evacuation.js';
import type { Store } from '../store/store.js';
import { STORE_METRICS } from '../store/store-metrics.js';
import type { Log } from './log.js';

const PAUSE_MS = 1;
/** What may not be moved yet is tried again after this time, then after twice as long, and so on. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 16_000;
const MEBIBYTE = 1024 * 1024;

interface LimitChangesParts {
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly store: Pick<Store, 'memoryLimit' | 'limitBytes'>;
  readonly metrics: Pick<Metrics, 'total'>;
  /** Does some of the work in a thread that serves. */
  readonly slice: () => Promise<Progress>;
}

export class LimitChanges {
  #isRunning = false;
  #waitMs = FIRST_WAIT_MS;

  constructor(private readonly parts: LimitChangesParts) {}

  onChange({ fromBytes, toBytes, refusal }: MemoryLimitChange): void {
    const { log } = this.parts;
    if (refusal !== undefined) {
      const bound = refusal.bound === 'atMost' ? 'at most' : 'at least';
      const limit = refusal.bound === 'atMost' ? Math.floor : Math.ceil;
      const reason = {
        reserved: 'reserved at the start, see --memory-reserve',
        itemSize: 'twice the largest item, see -I',
        noEvictions: 'in use, and -M allows no evictions',
        retained: 'as pinned objects are not evicted, see --pinned-limit',
      }[refusal.reason];
      log.warn(
        `cache_memlimit ${inMebibytes(toBytes)}: must be ${bound} ${limit(refusal.bytes / MEBIBYTE)}, ${reason}`,
      );
      return;
    }
    if (toBytes === fromBytes) return;
    log.info(
      `cache_memlimit: the memory limit is ${inMebibytes(toBytes)} MiB now; it was ${inMebibytes(fromBytes)} MiB`,
    );
    this.#waitMs = FIRST_WAIT_MS;
    if (!this.#isRunning) this.#run();
  }

  /** Continues what an earlier process had not finished when it wrote its memory. */
  resume(): void {
    if (!this.#isRunning) this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const { metrics, slice, store } = this.parts;
    const startMs = performance.now();
    const evictedBefore = metrics.total(STORE_METRICS.evictions);
    const excessBytes = store.memoryLimit.excessBytes;
    let progress = await slice();
    let isNoted = false;
    while (progress !== 'done') {
      if (progress === 'stuck' && !isNoted) this.#noteStuck();
      isNoted ||= progress === 'stuck';
      await this.#pause(progress);
      progress = await slice();
    }
    this.#isRunning = false;
    if (excessBytes === 0) return;
    const evicted = metrics.total(STORE_METRICS.evictions) - evictedBefore;
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    this.parts.log.info(
      `cache_memlimit: ${inMebibytes(excessBytes)} MiB were given back in ${seconds} s; ${evicted} items were evicted meanwhile`,
    );
  }

  #noteStuck(): void {
    const { log, store } = this.parts;
    const kibibytes = Math.ceil(store.memoryLimit.excessBytes / 1024);
    log.warn(
      `cache_memlimit: up to ${kibibytes} KiB beyond the limit are still in use, by values that clients are sending or reading, or by large or pinned objects; the server tries again later`,
    );
  }

  async #pause(progress: Progress): Promise<void> {
    const pauseMs = progress === 'stuck' ? this.#waitMs : PAUSE_MS;
    this.#waitMs = progress === 'stuck' ? Math.min(this.#waitMs * 2, LONGEST_WAIT_MS) : this.#waitMs;
    await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
  }
}

function inMebibytes(bytes: number): number {
  return Math.round(bytes / MEBIBYTE);
}
