// What the system knows of a running server: processor time and memory. Linux only; elsewhere tests of such figures are not run.

import { existsSync, readFileSync } from 'node:fs';

export const HAS_FIGURES = existsSync('/proc/self/stat');

const TICKS_PER_SECOND = 100;

/** Processor time of all threads so far, in steps of ten milliseconds. */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes) * 1024;
}
