// How many processors this process may keep busy: those it is bound to, or fewer if its control group has a CPU quota, as containers
// have. plane.ts chooses the number of threads.

import { availableParallelism } from 'node:os';
import { groupFolders, type ReadText, readIfAny } from '../control-groups.js';

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
  const quotas = groupFolders('cpu', read).map(({ folder, version }) =>
    version === 2 ? quotaOfVersion2(folder, read) : quotaOfVersion1(folder, read),
  );
  return Math.min(Number.POSITIVE_INFINITY, ...quotas);
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
