// Random numbers of a generator that can be seeded, so that a call can be repeated exactly: sfc32 (Doty-Humphrey, PractRand). Not for
// secrets.

/** A double has room for 53 random bits: 27 and 26 of two words. */
const HIGH_SHIFT = 5;
const LOW_SHIFT = 6;
const LOW_RANGE = 2 ** 26;
const RANGE = 2 ** 53;

/** Steps after which the seed has reached all bits of the state, as its author gives them. */
const MIXING_STEPS = 12;

export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** Two words of 32 bits. */
  seed(high: number, low: number): void {
    this.#a = high | 0;
    this.#b = low | 0;
    this.#c = 0;
    this.#counter = 1;
    for (let step = 0; step < MIXING_STEPS; step++) this.word();
  }

  /** 32 bits, as a signed number. */
  word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum;
  }

  /** At least 0 and below 1. */
  fraction(): number {
    const high = this.word() >>> HIGH_SHIFT;
    return (high * LOW_RANGE + (this.word() >>> LOW_SHIFT)) / RANGE;
  }
}
