// A histogram of times with fixed logarithmic buckets, as cells of a Float64Array that several threads share: two buckets for each doubling,
// from half a microsecond to 66 milliseconds, and one for everything above. Percentiles are exact to 41 %, and shown as the upper bound of
// their bucket.

const FIRST_BOUND_MS = 0.0005;
const BUCKETS_PER_DOUBLING = 2;
const BOUNDED_BUCKETS = 35;

/** Cells of a histogram: the number of times, their sum in milliseconds, and the buckets. */
const COUNT = 0;
const SUM_MS = 1;
const BUCKETS = 2;
export const HISTOGRAM_CELLS = BUCKETS + BOUNDED_BUCKETS + 1;

/** The upper bounds of all buckets but the last, in seconds. */
export const BUCKET_BOUNDS_SECONDS: readonly number[] = Array.from(
  { length: BOUNDED_BUCKETS },
  (_, index) => (FIRST_BOUND_MS / 1000) * 2 ** (index / BUCKETS_PER_DOUBLING),
);

/** A copy of a histogram, as data. */
export interface TimeCounts {
  readonly count: number;
  readonly sumSeconds: number;
  /** By bucket, the last without a bound. */
  readonly buckets: readonly number[];
}

/** Adds a time to the histogram that starts at a cell, as often as its weight says. */
export function addTime(cells: Float64Array, at: number, milliseconds: number, weight: number): void {
  cells[at + COUNT] += weight;
  cells[at + SUM_MS] += weight * milliseconds;
  cells[at + BUCKETS + bucketOf(milliseconds)] += weight;
}

export function readTimes(cells: Float64Array, at: number): TimeCounts {
  return {
    count: cells[at + COUNT],
    sumSeconds: cells[at + SUM_MS] / 1000,
    buckets: [...cells.subarray(at + BUCKETS, at + HISTOGRAM_CELLS)],
  };
}

/** The times that were added to a histogram between two copies of it; all of the later one if it was cleared meanwhile. */
export function timesBetween(before: TimeCounts | undefined, after: TimeCounts): TimeCounts {
  if (before === undefined || before.buckets.some((times, index) => times > after.buckets[index])) return after;
  return {
    count: after.count - before.count,
    sumSeconds: after.sumSeconds - before.sumSeconds,
    buckets: after.buckets.map((times, index) => times - before.buckets[index]),
  };
}

/** The bound in seconds below which this share of the times lies; 0 without times. What is above all bounds counts as twice the last. */
export function percentile({ buckets }: TimeCounts, share: number): number {
  // Counted anew, since another thread may have added to the sums meanwhile.
  const total = buckets.reduce((sum, times) => sum + times, 0);
  if (total === 0) return 0;
  let below = 0;
  const index = buckets.findIndex((times) => {
    below += times;
    return below >= share * total;
  });
  return BUCKET_BOUNDS_SECONDS[index] ?? BUCKET_BOUNDS_SECONDS[BOUNDED_BUCKETS - 1] * 2;
}

function bucketOf(milliseconds: number): number {
  if (milliseconds <= FIRST_BOUND_MS) return 0;
  const index = Math.ceil(BUCKETS_PER_DOUBLING * Math.log2(milliseconds / FIRST_BOUND_MS));
  return Math.min(index, BOUNDED_BUCKETS);
}
