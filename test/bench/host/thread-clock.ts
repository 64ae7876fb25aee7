// CPU time of the calling thread alone: without the helper threads of the garbage collector and the compiler, and without the time in
// which the OS ran other threads.

import { addressOf, libc } from '../load/libc.js';

const CLOCK_THREAD_CPUTIME_ID = 3;
const time = Buffer.allocUnsafeSlow(16).fill(0);
const timeAt = addressOf(time);
const words = new Uint32Array(time.buffer, time.byteOffset, 4);

/** Milliseconds, fine to the microsecond; only differences mean anything. */
export function threadCpuMilliseconds(): number {
  libc.threadClock(CLOCK_THREAD_CPUTIME_ID, timeAt);
  return words[0] * 1000 + words[2] / 1e6;
}
