// Whether the memory for items fits into the limit of the process's control group, as containers and systemd set it. Beyond that limit
// the kernel ends the process.

import type { Config } from './config/config.js';
import { groupFolders, type ReadText, readIfAny } from './control-groups.js';
import type { Plane } from './plane.js';

const MEBIBYTE = 1024 ** 2;

/** What the process needs besides the memory for items: a bound of the tests of resident memory (test/bench/memory). */
const PROCESS_BYTES = 90 * MEBIBYTE;
const THREAD_BYTES = 30 * MEBIBYTE;

/** All lines that are logged once the server serves. */
export function startNotices(config: Config, { notices, dataThreads }: Plane): readonly string[] {
  return [...config.notices, ...notices, ...memoryNotices(config.memoryLimitBytes, dataThreads)];
}

export function memoryNotices(limitBytes: number, threads: number, read: ReadText = readIfAny): readonly string[] {
  const groupBytes = groupLimitBytes(read);
  const otherBytes = PROCESS_BYTES + threads * THREAD_BYTES;
  if (limitBytes + otherBytes <= groupBytes) return [];
  const [wanted, others, most] = [limitBytes, otherBytes, groupBytes].map((bytes) => Math.floor(bytes / MEBIBYTE));
  const fitting = most - others;
  const advice = fitting > 0 ? `give -m ${fitting} or raise the limit` : 'raise the limit';
  return [
    `-m ${wanted} and up to ${others} MiB for the process exceed the ${most} MiB of the control group, so that the kernel may end the server: ${advice}`,
  ];
}

/** The smallest limit of the process's groups; infinite without one. */
function groupLimitBytes(read: ReadText): number {
  const limits = groupFolders('memory', read).map(({ folder, version }) => {
    const text = read(`${folder}/${version === 2 ? 'memory.max' : 'memory.limit_in_bytes'}`);
    // Version 2 says "max" where there is no limit, version 1 a number near 2^63.
    return text === undefined ? Number.NaN : Number(text.trim());
  });
  return Math.min(Number.POSITIVE_INFINITY, ...limits.filter((limit) => limit > 0));
}
