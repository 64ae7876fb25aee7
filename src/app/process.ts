// What the server asks of the operating system for itself: another user, a pid file. Not for sockets or signals.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { EXIT, reasonOf, StartError } from './start-error.js';

/** Gives up root for the user; without root, as with memcached, it changes nothing. */
export function becomeUser(name: string): void {
  if (process.getuid?.() !== 0) return;
  try {
    const [userId, groupId] = ['-u', '-g'].map((flag) =>
      Number(execFileSync('id', [flag, '--', name], { encoding: 'utf8', stdio: 'pipe' })),
    ) as [number, number];
    process.setgroups?.([groupId]);
    process.setgid?.(groupId);
    process.setuid?.(userId);
  } catch (error) {
    throw new StartError(`-u ${name}: ${reasonOf(error)}`, EXIT.noUser, { cause: error });
  }
}

export function writePidFile(path: string): void {
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    throw new StartError(`-P ${path}: ${reasonOf(error)}`, EXIT.cannotCreate, { cause: error });
  }
}

/** Removes the file unless another process has made it its own meanwhile. */
export function removePidFile(path: string): void {
  try {
    if (readFileSync(path, 'utf8') === `${process.pid}\n`) rmSync(path);
  } catch {
    // Already gone, or no longer ours to remove: either way nothing is left to do while the process ends.
  }
}
