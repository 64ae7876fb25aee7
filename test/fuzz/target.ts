// The interface of a fuzz target: it plans sequences of steps from random numbers and runs them against a fresh system and a model. The
// schedule: runner.ts.

import type { Random } from '../bench/load/random.js';

/** Plain data, so that a failing sequence can be kept in a file. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export interface Sequence {
  /** The options of the system. */
  readonly setup: Json;
  /** Any subset of the steps, in the same order, must be a valid sequence, since failing ones are shortened by removing steps. */
  readonly steps: readonly Json[];
}

export interface FuzzTarget {
  /** A word, also the folder of its seeds. */
  readonly name: string;
  /** The same sequence for the same random numbers. */
  generate(random: Random): Sequence;
  /** Runs all steps on a fresh system and checks its invariants; throws on the first difference to the model. Returns the steps done. */
  run(sequence: Sequence): number | Promise<number>;
  /** Releases resources that the runs share, such as a server process. */
  close?(): void | Promise<void>;
}
