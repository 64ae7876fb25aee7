// How many connections the limit of descriptors allows. Beyond it Node drops new clients silently, so the server refuses them earlier, with
// an error line. The user's own limit (-c): connections.ts.

import { readFileSync } from 'node:fs';

/** Descriptors reserved for files, timers and clients that are being refused; half of a very small limit. Up to 24 are for loading types
 * and up to 32 for lingering connections. */
const RESERVED_DESCRIPTORS = 64;

/**
 * A new connection is refused if its descriptor is this close to the limit, even if the count allows it. Loading a changed object type
 * takes up to 16 descriptors with two threads, 24 with four, and Node aborts when there are none left.
 */
const LAST_DESCRIPTORS = [
  { from: 256, last: 28 },
  { from: 64, last: 20 },
  { from: 0, last: 8 },
] as const;

/** The process's limit of open descriptors; Infinity where the OS does not report one. */
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
