// How many processors this process may keep busy: those it is bound to, or fewer if its control group has a CPU quota, as containers
// have. plane.ts chooses the number of threads.

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** The text of a file, undefined where there is none. */
export type ReadText = (path: string) => string | undefined;

const ROOT = '/sys/fs/cgroup';

/** Where the controller of the first version is mounted. */
const VERSION_1_ROOTS = [`${ROOT}/cpu`, `${ROOT}/cpu,cpuacct`];

export interface Processors {
  /** The processors that the process is bound to. */
  readonly bound: number;
  /** The processors that the quota allows, possibly a fraction; infinite without a quota. */
  readonly quota: number;
}

export function usableProcessors(read: ReadText = readIfAny, bound = availableParallelism()): Processors {
  return { bound, quota: quotaOf(read) };
}

/** Threads that can run at the same time without waiting for each other. */
export function busyThreads({ bound, quota }: Processors): number {
  return Math.max(1, Math.min(bound, Math.floor(quota)));
}

/** The smallest quota of the process's groups: each also holds for those below it. */
function quotaOf(read: ReadText): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const isVersion2 = controllers === '';
    if (path === '' || (!isVersion2 && !controllers.split(',').includes('cpu'))) continue;
    for (const root of isVersion2 ? [ROOT, `${ROOT}/unified`] : VERSION_1_ROOTS) {
      for (const folder of upwards(root, path)) {
        smallest = Math.min(smallest, isVersion2 ? quotaOfVersion2(folder, read) : quotaOfVersion1(folder, read));
      }
    }
  }
  return smallest;
}

/** `<quota or max> <period>` in microseconds. */
function quotaOfVersion2(folder: string, read: ReadText): number {
  const [quota, period] = (read(`${folder}/cpu.max`) ?? '').trim().split(' ');
  return share(Number(quota), Number(period));
}

/** A quota of -1 means no quota. */
function quotaOfVersion1(folder: string, read: ReadText): number {
  const [quota, period] = ['quota', 'period'].map((name) => Number(read(`${folder}/cpu.cfs_${name}_us`)?.trim()));
  return share(quota, period);
}

function share(quota: number, period: number): number {
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}

/** The group's folder and those above it. Inside a container the path may be the host's and not exist; the root is the container's
 * group. */
function upwards(root: string, path: string): string[] {
  const folders: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    folders.push(join(root, at === '/' ? '' : at));
    if (at === '/' || at === '.') return folders;
  }
}

function readIfAny(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
