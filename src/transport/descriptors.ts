// How many connections the system lets this process have. Beyond that Node would drop new clients without a word, so
// they are refused before. Not for the limit that the user sets.

import { readFileSync } from 'node:fs';

/** Kept free for files, timers and clients that are being refused; half of a very small limit. */
const RESERVED_DESCRIPTORS = 64;

/**
 * A new connection whose descriptor comes this close to the limit is refused whatever the count says: by the size of the limit, since
 * a changed object type takes up to 16 descriptors for a moment with two threads, 24 with four, and Node aborts where there are none.
 */
const LAST_DESCRIPTORS = [
  { from: 256, last: 28 },
  { from: 64, last: 20 },
  { from: 0, last: 8 },
] as const;

/** The most descriptors the process may open; Infinity where the system does not tell. */
export function systemDescriptorLimit(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return line === null ? Number.POSITIVE_INFINITY : Number(line[1]);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

export function connectionLimit(wanted: number, descriptorLimit: number): number {
  const reserved = Math.min(RESERVED_DESCRIPTORS, Math.ceil(descriptorLimit / 2));
  return Math.max(1, Math.min(wanted, descriptorLimit - reserved));
}

export function isLastDescriptor(descriptor: number, descriptorLimit: number): boolean {
  const { last } = LAST_DESCRIPTORS.find(({ from }) => descriptorLimit >= from) ?? LAST_DESCRIPTORS[0];
  return descriptor >= descriptorLimit - last;
}
