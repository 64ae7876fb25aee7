// The kernel's view of a thread, readable from other threads of the process: the CPU time it has used, and whether it sleeps. A thread
// that waits for a processor, or is stopped, neither uses time nor sleeps. Linux only. A thread's own time: thread-time.ts.

import { readFileSync, readlinkSync } from 'node:fs';

export interface TaskState {
  /** In steps of ten milliseconds. */
  readonly processorMs: number;
  readonly isAsleep: boolean;
}

/** Of /proc, on all Linux systems. */
const MS_PER_TICK = 10;
/** After the name of the command: the state first, then 10 fields to the time in user mode, and the one in the kernel. */
const STATE = 0;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const ASLEEP = new Set(['S', 'D', 'I']);

/** The calling thread's task number; 0 where there is no /proc. */
export function ownTask(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

/** Undefined where there is no /proc. */
export function readTaskState(task: number): TaskState | undefined {
  if (task === 0) return undefined;
  try {
    const text = readFileSync(`/proc/self/task/${task}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
    return { processorMs: ticks * MS_PER_TICK, isAsleep: ASLEEP.has(fields[STATE] ?? '') };
  } catch {
    return undefined;
  }
}
