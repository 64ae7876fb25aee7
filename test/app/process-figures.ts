// The kernel's figures for a running server: CPU time and memory. Linux only; tests of such figures do not run elsewhere.

import { existsSync, readdirSync, readFileSync } from 'node:fs';

export const HAS_FIGURES = existsSync('/proc/self/stat');

const TICKS_PER_SECOND = 100;

/** The idle time of all processors of the machine so far. */
export function idleMs(): number {
  const idle = /^cpu +\d+ \d+ \d+ (\d+)/.exec(readFileSync('/proc/stat', 'latin1'))?.[1];
  return (Number(idle) * 1000) / TICKS_PER_SECOND;
}

/** CPU time of each thread so far, by its number, in steps of ten milliseconds. */
export function threadTimesMs(pid: number): ReadonlyMap<string, number> {
  const threads = readdirSync(`/proc/${pid}/task`);
  return new Map(threads.map((thread) => [thread, spentMs(`/proc/${pid}/task/${thread}/stat`)]));
}

/** CPU time since then of the thread that used most. */
export function busiestThreadMs(pid: number, before: ReadonlyMap<string, number>): number {
  return Math.max(...[...threadTimesMs(pid)].map(([thread, ms]) => ms - (before.get(thread) ?? 0)));
}

/** Empty for a thread that has just ended. */
function spentMs(file: string): number {
  if (!existsSync(file)) return 0;
  const fields = readFileSync(file, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes) * 1024;
}
