// How long the running thread has worked: its CPU time, which does not advance while the thread is stopped, throttled or waiting for a
// processor, and the wall time. The time of day and expiry: clock.ts.

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { loadKoffi } from './koffi.js';

export interface ThreadTime {
  /** CPU time of the thread so far. Reading it takes about 0.6 us, ten times as long as `wallMs`. */
  cpuMs(): number;
  /** Milliseconds that never go back. */
  wallMs(): number;
}

/** CLOCK_THREAD_CPUTIME_ID, by system. */
const CLOCK_NUMBERS: Readonly<Record<string, number>> = { linux: 3, darwin: 16 };

/** A `struct timespec` of two 64-bit integers, as 32-bit words. */
const TIMESPEC_WORDS = 4;

type Usage = { readonly user: number; readonly system: number };

let readCpuMs: (() => number) | undefined;

/** The clocks of the calling thread. The CPU clock is looked up when it is first read. */
export const threadTime: ThreadTime = {
  cpuMs: () => {
    readCpuMs ??= nodeClock() ?? libraryClock() ?? processClock;
    return readCpuMs();
  },
  wallMs: () => performance.now(),
};

/** The CPU time of the calling thread so far, perhaps a tick of the kernel late: for what happens too rarely to load a library for it. */
export function coarseCpuMs(): number {
  return (kernelMs() ?? 0) || threadTime.cpuMs();
}

/** From Linux: the nanoseconds that the thread has run are the first number of the file. It is 0 where the kernel does not count. */
function kernelMs(): number | undefined {
  try {
    return Number.parseInt(readFileSync('/proc/thread-self/schedstat', 'latin1'), 10) / 1e6;
  } catch {
    return undefined;
  }
}

/** Node's own CPU clock, from version 23.9 on. */
function nodeClock(): (() => number) | undefined {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => Usage };
  return threadCpuUsage === undefined ? undefined : () => milliseconds(threadCpuUsage());
}

/** The C library's CPU clock, through koffi. */
function libraryClock(): (() => number) | undefined {
  const clock = CLOCK_NUMBERS[process.platform];
  if (clock === undefined || !['x64', 'arm64'].includes(process.arch)) return undefined;
  try {
    const koffi = loadKoffi();
    const read = koffi.load(null).func('int clock_gettime(int clock, void *time)');
    const time = new Uint32Array(TIMESPEC_WORDS);
    const cpuMs = () => {
      read(clock, time);
      return time[0] * 1000 + time[2] / 1e6;
    };
    return cpuMs() > 0 ? cpuMs : undefined;
  } catch {
    return undefined;
  }
}

/** The fallback: the CPU time of all threads is never less than that of one. */
function processClock(): number {
  return milliseconds(process.cpuUsage());
}

function milliseconds({ user, system }: Usage): number {
  return (user + system) / 1000;
}
