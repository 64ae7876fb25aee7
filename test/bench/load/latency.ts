// Latencies of a round in an HDR histogram, and their encoding between the load process and the benchmark.

import hdr, { type Histogram } from 'hdr-histogram-js';

/** Recorded in units of 100 ns, so that integers keep three digits of the shortest latencies. */
const UNITS_PER_MILLISECOND = 10_000;
const LONGEST_UNITS = 600_000 * UNITS_PER_MILLISECOND;

export class Latency {
  readonly #histogram: Histogram = hdr.build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_UNITS,
    numberOfSignificantValueDigits: 3,
  });

  record(milliseconds: number): void {
    const units = Math.round(milliseconds * UNITS_PER_MILLISECOND);
    this.#histogram.recordValue(Math.min(Math.max(units, 1), LONGEST_UNITS));
  }

  addEncoded(encoded: string): void {
    this.#histogram.add(hdr.decodeFromCompressedBase64(encoded));
  }

  encode(): string {
    return hdr.encodeIntoCompressedBase64(this.#histogram);
  }

  microsecondsAt(percentile: number): number {
    return (this.#histogram.getValueAtPercentile(percentile) / UNITS_PER_MILLISECOND) * 1000;
  }
}
