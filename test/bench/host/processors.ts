// Chooses the processors of the server and the load, so that neither takes time from the other.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Pinning {
  readonly server: string | undefined;
  readonly load: string | undefined;
  /** The server's threads and the load have fewer processors than they need. */
  readonly isShared: boolean;
  /** One line for the report. */
  readonly note: string;
}

/** The last allowed processor for the load and the first ones for the server, if there are enough. */
export function choosePinning(threads: number): Pinning {
  const allowed = allowedProcessors();
  if (allowed.length < 2 || spawnSync('taskset', ['-V']).error !== undefined) {
    return {
      server: undefined,
      load: undefined,
      isShared: true,
      note: 'server and load are not pinned (a single processor, or no taskset)',
    };
  }
  const load = String(allowed.at(-1));
  const enough = allowed.length > threads;
  const server = (enough ? allowed.slice(0, threads) : allowed).join(',');
  const shared = enough ? '' : ' (shared: fewer processors than server threads and load need)';
  return { server, load, isShared: !enough, note: `server on processors ${server}, load on ${load}${shared}` };
}

export function pinned(processors: string | undefined, command: string, args: readonly string[]): [string, string[]] {
  return processors === undefined ? [command, [...args]] : ['taskset', ['-c', processors, command, ...args]];
}

function allowedProcessors(): number[] {
  if (process.platform !== 'linux') return [];
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  return list.split(',').flatMap((part) => {
    const [first, last] = part.split('-').map(Number) as [number, number?];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, index) => first + index);
  });
}
