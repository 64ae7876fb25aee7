// Deterministic random numbers, not suitable for secrets, and the distributions by which a benchmark picks its keys.

/** A stream of numbers that is the same on every run with the same seed (xorshift, 32 bits). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** A whole number from 0 to 2^32 - 1, never 0 twice in a row. */
  word(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }

  /** A whole number from 0 to limit - 1. */
  below(limit: number): number {
    return Math.floor((this.word() / 2 ** 32) * limit);
  }

  /** A number in the open interval from 0 to 1. */
  fraction(): number {
    return (this.word() + 0.5) / 2 ** 32;
  }
}

export type KeyDistribution = { readonly kind: 'uniform' } | { readonly kind: 'zipf'; readonly exponent: number };

/** Returns a function that picks key numbers from 0 to keys - 1. */
export function keyPicker(distribution: KeyDistribution, keys: number, random: Random): () => number {
  if (distribution.kind === 'uniform') return () => random.below(keys);
  const rank = zipfRank(distribution.exponent, keys, random);
  // Popular keys are scattered over the range, so that they share neither a bucket nor a cache line by being neighbours.
  return () => ((rank() - 1) * SCATTER_PRIME) % keys;
}

/** Coprime to every key count that is no multiple of it, and small enough for exact products with ten million keys. */
const SCATTER_PRIME = 15_485_863;

/**
 * Ranks from 1 to `count`, rank r with a probability proportional to r^-exponent, by rejection-inversion
 * (W. Hörmann and G. Derflinger, 1996): constant time and no table, whatever the count.
 */
function zipfRank(exponent: number, count: number, random: Random): () => number {
  const density = (x: number): number => x ** -exponent;
  const integral = (x: number): number => (exponent === 1 ? Math.log(x) : (x ** (1 - exponent) - 1) / (1 - exponent));
  const inverse = (y: number): number =>
    exponent === 1 ? Math.exp(y) : (1 + y * (1 - exponent)) ** (1 / (1 - exponent));
  const low = integral(1.5) - 1;
  const high = integral(count + 0.5);
  return () => {
    for (;;) {
      const y = high + random.fraction() * (low - high);
      const rank = Math.min(count, Math.max(1, Math.round(inverse(y))));
      if (y >= integral(rank + 0.5) - density(rank)) return rank;
    }
  };
}
