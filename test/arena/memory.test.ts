// Copies inside the arena give the same result by a loop, by V8 and by the C library.

import { describe, expect, test } from 'vitest';
import { Arena } from '../../src/arena/memory.js';
import { loadLibc } from '../../src/transport/epoll/libc.js';

const libc = await loadLibc();

describe.each(typeof libc === 'string' ? ['engine'] : ['engine', 'system'])('a copy by the %s', (by) => {
  test.each([0, 1, 7, 8, 100, 511, 512, 513, 1023, 5000, 70_000])('of %d bytes is exact at any alignment', (length) => {
    const arena = Arena.create({ limitBytes: 1024 * 1024, threads: 1 });
    if (by === 'system' && typeof libc !== 'string') {
      const base = libc.addressOf(arena.bytes);
      arena.systemCopy = (from, to, bytes) => libc.copyMemory(base + to, base + from, bytes);
    }
    const start = arena.heapStart * 8;
    for (let fromShift = 0; fromShift < 3; fromShift++) {
      for (let toShift = 0; toShift < 3; toShift++) {
        const from = start + fromShift;
        const to = start + 500_000 + toShift;
        for (let index = 0; index < length; index++) arena.bytes[from + index] = index * 7 + fromShift;
        arena.bytes.fill(255, to - 8, to + length + 8);
        arena.copy(from, to, length);
        expect(Buffer.compare(bytesAt(arena, from, length), bytesAt(arena, to, length))).toBe(0);
        expect([arena.bytes[to - 1], arena.bytes[to + length]]).toEqual([255, 255]);
      }
    }
  });
});

function bytesAt(arena: Arena, at: number, length: number): Buffer {
  return Buffer.from(arena.bytes.slice(at, at + length));
}
