// The process's user and its pid file.

import { rmSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { reasonOf } from '../base/error-reason.js';
import { readWholeFile } from '../base/whole-file.js';
import { EXIT, StartError } from './start-error.js';

/** Exists on every OS that has users, but Node's types do not declare it. */
type WithGroups = NodeJS.Process & { initgroups(user: string, extraGroup: number): void };

/** Changes from root to the user. Without root it does nothing, as in memcached. */
export function becomeUser(name: string): void {
  if (process.getuid?.() !== 0 || name === 'root') return;
  try {
    // The C library resolves names and groups from any source that the OS is configured for. It returns another user's group only after
    // becoming that user.
    process.seteuid?.(name);
    const { gid } = userInfo();
    process.seteuid?.(0);
    (process as WithGroups).initgroups(name, gid);
    process.setgid?.(gid);
    process.setuid?.(name);
  } catch (error) {
    throw new StartError(`-u ${name}: ${reasonOf(error)}`, EXIT.noUser, { cause: error });
  }
}

/** Writes the file, still as root if the process was started so. Refuses if the process that the file names is alive. */
export function claimPidFile(path: string): void {
  try {
    const owner = readOwner(path);
    if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
      throw new StartError(`-P ${path}: belongs to process ${owner}, which is running`, EXIT.cannotCreate);
    }
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`-P ${path}: ${reasonOf(error)}`, EXIT.cannotCreate, { cause: error });
  }
}

/** Removes the file unless another process has overwritten it meanwhile. */
export function removePidFile(path: string): void {
  try {
    if (readOwner(path) === process.pid) rmSync(path);
  } catch {
    // Already gone, or the user given by -u may not remove it: its process is dead then, and the next start takes it over.
  }
}

/** The process that wrote the file; undefined when there is no such file, or no number in it. */
function readOwner(path: string): number | undefined {
  try {
    // /dev/null and the like hold nothing, and reading them may never end.
    if (!statSync(path).isFile()) return undefined;
    const owner = Number(/^(\d+)\s*$/.exec(readWholeFile(path).toString('latin1', 0, 32))?.[1]);
    return owner > 0 ? owner : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
