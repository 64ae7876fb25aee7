// Tells whether a file is still the one that was read: two looks at the same file give the same words, and a replaced or changed one gives
// others, even with the same time and size. Not for what is in it.

import { lstatSync, type Stats, statSync } from 'node:fs';

/** What stands for a file that is not there. */
export const ABSENT = '';

/** A change this soon after another may leave the same times behind: the file's clock goes in steps. */
const CLOCK_STEP_MS = 20;

let recent = 0;

/** Follows links. */
export function signatureOf(path: string): string {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status === undefined ? ABSENT : signatureFrom(status);
  } catch (thrown) {
    return `unreadable ${(thrown as NodeJS.ErrnoException).code}`;
  }
}

export function signatureFrom({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  const unsure = Math.abs(Date.now() - ctimeMs) < CLOCK_STEP_MS ? ` ${++recent}` : '';
  return `${dev}:${ino} ${size} ${mtimeMs} ${ctimeMs}${unsure}`;
}

/** Which directory or file a path leads to, whatever is in it. */
export function identityOf(path: string): string {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    // The next directory may get the number of one that was removed.
    return status === undefined ? ABSENT : `${status.dev}:${status.ino} ${status.birthtimeMs}`;
  } catch {
    return ABSENT;
  }
}

export function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
