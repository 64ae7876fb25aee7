// Signatures of files: a file keeps its signature until it is changed or replaced, even by one of the same time and size. Computing one
// does not read the file.

import { lstatSync, type Stats, statSync } from 'node:fs';

/** The signature of a file that does not exist. */
export const ABSENT = '';

/** Two changes within this time may leave the same times, since the clock of the file system has steps: such a signature equals no
 * other. */
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

/** Whether a file has probably not been changed between two signatures: also where one of them is unsure. */
export function areAlike(one: string, other: string): boolean {
  return withoutDoubt(one) === withoutDoubt(other);
}

function withoutDoubt(signature: string): string {
  return signature.split(' ', 4).join(' ');
}

/** Identifies the directory or file that a path leads to, not its contents. */
export function identityOf(path: string): string {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    // A new directory may reuse the inode number of a removed one.
    return status === undefined ? ABSENT : `${status.dev}:${status.ino} ${status.birthtimeMs}`;
  } catch {
    return ABSENT;
  }
}

export function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
