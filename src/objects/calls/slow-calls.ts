// Notes the calls that take a millisecond or more. Where they are kept: slow-call-ring.ts.
//
// No clock is read for this at the start of a call, which would take a tenth of a short one. A call's time is known if its budget has read
// the clock, which it does after a thousand steps, or if the call is one of those that are timed for the histogram of their method
// (call-statistics.ts). So of the calls that are long in fewer steps, one in 64 is noted, or one in 512 of very many (base/timing-rate.ts).

import { performance } from 'node:perf_hooks';
import type { Arena } from '../../arena/memory.js';
import type { Clock } from '../../base/clock.js';
import { latin1 } from '../../base/latin1.js';
import { TimingRate } from '../../base/timing-rate.js';
import type { ArgumentSlices } from '../../tables/argument-slices.js';
import type { Budget } from '../../tables/budget.js';
import type { VirtualKey } from '../keys/virtual-key.js';
import { OutcomeKind } from './call-result.js';
import { SlowCallRing } from './slow-call-ring.js';

/** A choice: a thousand times as long as a short call. */
const SLOW_MS = 1;
/** The sizes of the first arguments are noted, up to this number. */
const MOST_SIZES = 16;

/** @perThread */
export class SlowCalls {
  /** Of the calls that are timed from their start. */
  readonly rate: TimingRate;
  private readonly ring: SlowCallRing;
  private readonly bytes: Uint8Array;

  constructor(
    arena: Arena,
    private readonly clock: Clock,
    private readonly budget: Budget,
    private readonly spans: ArgumentSlices,
  ) {
    this.rate = new TimingRate(clock);
    this.ring = new SlowCallRing(arena);
    this.bytes = arena.bytes;
  }

  /** A call has ended whose time is known. `startedMs` is when it began, 0 if it was not timed from there. */
  end(virtual: VirtualKey, startedMs: number, kind: OutcomeKind): void {
    const { budget } = this;
    const wholeMs = startedMs === 0 ? 0 : performance.now() - startedMs;
    if (startedMs !== 0) virtual.method.statistics.time(wholeMs, budget.stepsUsed, budget.bytesUsed, this.rate.weight);
    const milliseconds = budget.isTimed ? budget.endTiming() : wholeMs;
    if (milliseconds >= SLOW_MS) this.#note(virtual, milliseconds, kind);
  }

  #note({ keyAt, keyLength, method }: VirtualKey, milliseconds: number, kind: OutcomeKind): void {
    const { owner } = method;
    this.ring.add({
      atUnixMs: Math.floor(this.clock.unixMs),
      type: owner.type.name,
      method: method.method.name,
      version: owner.version,
      argumentBytes: sizesOf(this.spans),
      steps: this.budget.stepsUsed,
      milliseconds: Math.round(milliseconds * 1000) / 1000,
      isFailed: kind === OutcomeKind.clientError || kind === OutcomeKind.serverError,
      key: latin1(this.bytes, keyAt, keyLength),
    });
  }
}

function sizesOf(spans: ArgumentSlices): string {
  const sizes = Array.from({ length: Math.min(spans.count, MOST_SIZES) }, (_, index) => spans.length(index));
  return sizes.length === 0 ? '-' : sizes.map((size) => (size < 0 ? '-' : size)).join(',');
}
