// Locks an open file for this process through the C library. The kernel releases the lock when the process ends, however it ends. Linux only.

import { constants } from 'node:os';
import { declareFunctions } from './c-library.js';

const EXCLUSIVE = 2;
const WITHOUT_WAITING = 4;

/** Returns false if another process has locked the file. */
export type LockFile = (descriptor: number) => boolean;

/** Undefined where the C library cannot be loaded. */
export function loadFileLock(): Promise<LockFile | undefined> {
  return declareFunctions((library, koffi) => {
    const flock: (descriptor: number, operation: number) => number = library.func('int flock(int file, int operation)');
    // Some file systems have no locks.
    return (descriptor) =>
      flock(descriptor, EXCLUSIVE | WITHOUT_WAITING) === 0 || koffi.errno() !== constants.errno.EWOULDBLOCK;
  });
}
