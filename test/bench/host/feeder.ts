// Feeds requests to an engine in this process, one read's worth at a time, and measures how long each holds the thread by the thread's CPU
// clock.

import type { TextEngine } from '../../protocols/text/text-engine.js';
import type { OwnStore } from './own-store.js';
import { threadCpuMilliseconds } from './thread-clock.js';

const READ_BYTES = 64 * 1024;

export interface Held {
  readonly batches: number;
  readonly sumMilliseconds: number;
  readonly longestMilliseconds: number;
  /** The number of items when the longest began. */
  readonly longestAtItems: number;
}

const NOTHING: Held = { batches: 0, sumMilliseconds: 0, longestMilliseconds: 0, longestAtItems: 0 };

export class Feeder {
  held = NOTHING;
  readonly #session;
  readonly #readAt: number;

  constructor(
    private readonly own: OwnStore,
    private readonly engine: TextEngine,
  ) {
    this.#session = engine.open();
    this.#readAt = engine.input.at + engine.input.size - READ_BYTES;
  }

  /** Feeds complete requests; earlier calls must not have left a rest. */
  feed(requests: Uint8Array): void {
    const { own, engine } = this;
    const readAt = this.#readAt;
    for (let from = 0; from < requests.length; ) {
      const chunk = Math.min(READ_BYTES, requests.length - from);
      own.arena.bytes.set(requests.subarray(from, from + chunk), readAt);
      const itemsBefore = own.store.itemCount;
      const before = threadCpuMilliseconds();
      engine.run(this.#session, readAt, readAt + chunk);
      this.#note(threadCpuMilliseconds() - before, itemsBefore);
      // The unused part (the start of a request, or everything after the output was full) is presented again.
      from += engine.consumed - readAt;
    }
  }

  /** The reply to one short request. */
  ask(request: string): string {
    this.feed(Buffer.from(request, 'latin1'));
    const { at } = this.engine.output;
    return Buffer.from(this.own.arena.bytes.subarray(at, at + this.engine.outputLength)).toString('latin1');
  }

  reset(): void {
    this.held = NOTHING;
  }

  #note(milliseconds: number, itemsBefore: number): void {
    const { batches, sumMilliseconds, longestMilliseconds, longestAtItems } = this.held;
    const isLongest = milliseconds > longestMilliseconds;
    this.held = {
      batches: batches + 1,
      sumMilliseconds: sumMilliseconds + milliseconds,
      longestMilliseconds: isLongest ? milliseconds : longestMilliseconds,
      longestAtItems: isLongest ? itemsBefore : longestAtItems,
    };
  }
}
