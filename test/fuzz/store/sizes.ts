// Lengths of values around every boundary of the arena's layout.

import { MAX_CHUNK_UNITS, MAX_PIECE_UNITS } from '../../../src/arena/chunk.js';
import { INPUT_READ_BYTES, OUTPUT_BYTES } from '../../../src/arena/layout.js';
import { UNIT_BYTES } from '../../../src/arena/memory.js';
import type { Random } from '../../bench/load/random.js';

/** Sizes of whole items or of pieces at which the layout changes: chunks, size field, waiting in the input, long pieces, windows. */
const BOUNDARIES = [
  0,
  16,
  255,
  1008,
  (MAX_CHUNK_UNITS - 1) * UNIT_BYTES,
  MAX_CHUNK_UNITS * UNIT_BYTES,
  2 * MAX_CHUNK_UNITS * UNIT_BYTES,
  255 * UNIT_BYTES,
  256 * UNIT_BYTES,
  MAX_PIECE_UNITS * UNIT_BYTES,
  INPUT_READ_BYTES,
  OUTPUT_BYTES,
] as const;
const SPREAD = 64;

/** The preferred sizes of a sequence. */
export const PROFILES = ['small', 'around 1 KiB', 'at boundaries', 'anything', 'large'] as const;

export function lengthIn(profile: number, limitBytes: number, random: Random): number {
  const largest = limitBytes / 2;
  switch (PROFILES[profile]) {
    case 'small':
      return random.below(random.below(4) === 0 ? 300 : 40);
    case 'around 1 KiB':
      return random.below(3) === 0 ? 1000 + random.below(50) : 900 + random.below(200);
    case 'at boundaries':
      return nearBoundary(random.below(10) === 0 ? BOUNDARIES.length : 9, random);
    case 'large':
      return random.below(20) === 0 ? largest - random.below(300) : Math.floor(random.fraction() ** 2 * largest);
    default:
      return lengthIn(random.below(6) === 0 ? 4 : random.below(3), limitBytes, random);
  }
}

function nearBoundary(count: number, random: Random): number {
  const boundary = BOUNDARIES[random.below(count)];
  return Math.max(0, boundary + random.below(2 * SPREAD) - SPREAD);
}
