// Object types of a data thread: each thread has its own Lua states and compiled plugins. A change is prepared between two batches, outside
// of the lock; the version word then tells every thread, before its next batch, to commit it. Reading files: the loader.

import { SYNC } from '../../arena/sync.js';
import type { Lock } from '../../base/lock.js';
import type { StagedTypes, TypeChange } from '../../reload/staged-types.js';
import type { BatchWatch } from '../../transport/locked-engine.js';
import type { TypesReply } from './thread-messages.js';

export class ThreadTypes implements BatchWatch {
  #version = 0;

  constructor(
    private readonly cells: Int32Array,
    private readonly lock: Lock,
    /** Undefined without objects. */
    private readonly staged: StagedTypes | undefined,
  ) {}

  /** With the lock held. */
  beforeBatch(): void {
    const version = Atomics.load(this.cells, SYNC.typesVersion);
    if (version === this.#version) return;
    this.#version = version;
    this.staged?.commitTypes(version);
  }

  /** Does not hold the lock while types are made. */
  prepare(version: number, changes: readonly TypeChange[]): TypesReply {
    // The previous version may have released a name that these changes need.
    this.lock.hold(() => this.beforeBatch());
    return { kind: 'types', version, failures: this.staged?.prepareTypes(version, changes) ?? [] };
  }

  abort(version: number): void {
    this.staged?.abortTypes(version);
  }
}
