// How fast the processor is at present. Limits of CPU time hold for a processor like those that the figures of README.md were measured on; a
// slower one, or one whose physical core runs other programs too, is given as much more time as a fixed piece of work takes there.

const STEPS = 300_000;
const ROUNDS = 3;
/** Nanoseconds of a step of the work: four cycles at 3.4 GHz, and some loads that wait for the third-level cache. An estimate. */
const USUAL_NANOSECONDS = 1.4;
/** A processor that is slower still is too slow to test limits of time. */
const MOST = 3;

/** 4 MiB: larger than the first two caches. */
const words = new Int32Array(2 ** 20).fill(1);

/** Multiplies, adds, and loads from random places. */
function work(): number {
  let random = 1;
  let sum = 0;
  for (let step = 0; step < STEPS; step++) {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) | 0;
    sum = (sum + words[(random >>> 8) & (words.length - 1)]) | 0;
  }
  return sum;
}

/** The time of the work relative to that on the usual processor, in the fastest of some rounds; 1 on one that is faster. */
export function slowness(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    work();
    least = Math.min(least, performance.now() - startMs);
  }
  return Math.max(1, Math.min(MOST, (least * 1e6) / STEPS / USUAL_NANOSECONDS));
}

// Compiled.
slowness();
