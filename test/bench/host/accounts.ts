// The OS's figures for a process: CPU time of all its threads and resident memory. Both are read from
// Linux's /proc and are NaN elsewhere.

import { readdirSync, readFileSync } from 'node:fs';

const NANOSECONDS_PER_TICK = 10_000_000;

/**
 * CPU time of a process so far. The scheduler's account of each thread counts nanoseconds; where the kernel keeps none,
 * the process's user and system ticks (10 ms) are summed.
 */
export function cpuNanoseconds(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  let sum = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      sum += Number.parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1'), 10);
    }
  } catch {
    sum = 0;
  }
  return sum > 0 ? sum : cpuTicks(pid) * NANOSECONDS_PER_TICK;
}

/** CPU time of its first thread so far. */
export function mainThreadNanoseconds(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  return Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1'), 10);
}

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name in parentheses may hold blanks; the fields after it do not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

export function residentBytes(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  if (line === null) throw new Error(`process ${pid} has no resident memory`);
  return Number(line[1]) * 1024;
}
