// Gives memory of the arena back to the kernel when the memory limit is lowered: a slice of work at a time in a thread that serves, and
// the pages by madvise. When this happens: limit-changes.ts.

import type { Arena } from '../arena/memory.js';
import type { Progress } from '../store/evacuation.js';
import { type Libc, MADV_DONTNEED } from '../transport/epoll/libc.js';
import type { ThreadParts } from './threads/thread-engine.js';

/** The lock is held this long at a time. */
const SLICE_MS = 1;

/** With the lock held: evicts and moves what lies beyond the limit, for about a millisecond. */
export function giveUpMemory({ clock, store }: Pick<ThreadParts, 'clock' | 'store'>): Progress {
  clock.sync();
  store.values.forgetCursor();
  const endMs = performance.now() + SLICE_MS;
  return store.memoryLimit.slice(() => performance.now() >= endMs);
}

/** Has memory of the arena that is no longer used return its pages to the kernel. */
export function returnPages(libc: Libc, arena: Arena): void {
  const base = libc.addressOf(arena.bytes);
  const pageBytes = libc.pageBytes();
  arena.giveBack = (from, to) => {
    const start = Math.ceil((base + from) / pageBytes) * pageBytes;
    const end = Math.floor((base + to) / pageBytes) * pageBytes;
    if (end > start) libc.adviseMemory(start, end - start, MADV_DONTNEED);
  };
}
