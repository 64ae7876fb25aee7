// Asks the system to keep the arena's heap in large pages, as far as it has some: what items, index and fields share out is read at
// random, and the processor knows the places of few small pages at a time. Not for the windows before the heap, of which most are
// never written to and cost nothing as they are.

import { type Arena, UNIT_BYTES } from '../arena/memory.js';
import { type Libc, MADV_HUGEPAGE } from '../transport/epoll/libc.js';

/** A multiple of any system's small pages, from which advice has to start. */
const PAGE_BYTES = 64 * 1024;

/** Where the system has no large pages, or does not give them on demand, all stays as it is. */
export function adviseLargePages(libc: Libc, arena: Arena): void {
  const base = libc.addressOf(arena.bytes);
  const from = Math.ceil((base + arena.heapStart * UNIT_BYTES) / PAGE_BYTES) * PAGE_BYTES;
  const end = base + arena.heapEnd * UNIT_BYTES;
  if (end > from) libc.adviseMemory(from, end - from, MADV_HUGEPAGE);
}
