// Passes an arena through a memory file, as a restart of the server does.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Arena, UNIT_BYTES } from '../../src/arena/memory.js';
import { readMemoryFile } from '../../src/memory-file/file-reader.js';
import { writeMemoryFile } from '../../src/memory-file/file-writer.js';
import type { MachineTime } from '../../src/memory-file/passed-time.js';

export const MEBIBYTE = 1024 * 1024;
export const OPTIONS = { memoryLimitBytes: MEBIBYTE, itemLimitBytes: MEBIBYTE };

/** That of the stores' harness, which stands still. */
const FROZEN: MachineTime = { steadyMs: () => 0, unixMs: () => 1_700_000_000_000, boot: 'one' };

/** A machine whose clocks a test moves. */
export class TestMachine implements MachineTime {
  steady = 5_000_000;
  unix = 1_700_000_000_000;
  boot = 'first boot';

  steadyMs(): number {
    return this.steady;
  }

  unixMs(): number {
    return this.unix;
  }

  pass(seconds: number): void {
    this.steady += seconds * 1000;
    this.unix += seconds * 1000;
  }
}

/** A new arena of the same sizes. */
export function emptyLike({ limitBytes, mostBytes, reserveUnits, threads }: Arena): Arena {
  return Arena.create({ limitBytes, mostBytes, reserveBytes: reserveUnits * UNIT_BYTES, threads });
}

export function arenaAfterRestart(arena: Arena, before: MachineTime = FROZEN, after: MachineTime = before): Arena {
  const folder = mkdtempSync(join(tmpdir(), 'cacheismo-memory-'));
  try {
    const path = join(folder, 'cache.mem');
    writeMemoryFile(path, arena, OPTIONS, before);
    const other = emptyLike(arena);
    if (readMemoryFile(path, other, OPTIONS, after) === undefined) throw new Error('the file is missing');
    return other;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
