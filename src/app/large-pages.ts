// Asks the kernel to back the arena's heap with huge pages: items, index and fields are read at random, and the processor's TLB holds
// few small pages. The windows before the heap keep small pages: most of them are never written to and cost no memory.

import { type Arena, UNIT_BYTES } from '../arena/memory.js';
import { type Libc, MADV_HUGEPAGE } from '../transport/epoll/libc.js';

/** A multiple of every system's page size, to which the address must be aligned. */
const PAGE_BYTES = 64 * 1024;

/** Has no effect where the kernel has no huge pages, or does not give them on request. */
export function adviseLargePages(libc: Libc, arena: Arena): void {
  const base = libc.addressOf(arena.bytes);
  const from = Math.ceil((base + arena.heapStart * UNIT_BYTES) / PAGE_BYTES) * PAGE_BYTES;
  const end = base + arena.heapEnd * UNIT_BYTES;
  if (end > from) libc.adviseMemory(from, end - from, MADV_HUGEPAGE);
}
