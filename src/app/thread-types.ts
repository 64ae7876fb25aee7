// The place of object types in a data thread: each thread has its own Lua states and compiled plugins. A new set is made ready
// outside of the lock; the version word then tells every thread, before its next batch, to take it up. Not for loading files,
// which the main thread does.

import { SYNC } from '../arena/sync.js';
import type { BatchWatch } from '../transport/locked-engine.js';

export class ThreadTypes implements BatchWatch {
  #version = 0;

  constructor(
    private readonly cells: Int32Array,
    private readonly takeUp: (version: number) => void = () => undefined,
  ) {}

  beforeBatch(): void {
    const version = this.cells[SYNC.typesVersion] as number;
    if (version === this.#version) return;
    this.#version = version;
    this.takeUp(version);
  }
}
