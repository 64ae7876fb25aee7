// Object types of a data thread: each thread has its own Lua states and compiled plugins. A change is made ready between two
// batches, outside of the lock; the version word then tells every thread, before its next batch, to take it up. Not for loading
// files, which the main thread does.

import { SYNC } from '../arena/sync.js';
import type { Lock } from '../base/lock.js';
import { LoadError } from '../objects/load-error.js';
import type { LoadedType } from '../objects/loaded-type.js';
import { compileTypeSource } from '../reload/type-source.js';
import type { BatchWatch } from '../transport/locked-engine.js';
import type { TypeChange, TypesReply } from './thread-messages.js';
import type { ThreadObjects } from './thread-objects.js';

interface Ready {
  readonly version: number;
  readonly take: () => void;
  readonly drop: () => void;
}

export class ThreadTypes implements BatchWatch {
  #version = 0;
  #ready: Ready[] = [];

  constructor(
    private readonly cells: Int32Array,
    private readonly lock: Lock,
    private readonly objects: ThreadObjects | undefined,
  ) {}

  /** With the lock held. */
  beforeBatch(): void {
    const version = Atomics.load(this.cells, SYNC.typesVersion);
    if (version === this.#version) return;
    this.#version = version;
    this.#takeUp(version);
  }

  /** Makes a change ready; what is wrong with it is part of the reply. */
  prepare(version: number, change: TypeChange): TypesReply {
    // A name may have become free just now.
    this.lock.hold(() => this.beforeBatch());
    try {
      return { kind: 'types', version, name: this.#prepare(version, change) };
    } catch (thrown) {
      const { file, line, reason } = thrown instanceof LoadError ? thrown : unexpected(change, thrown);
      return { kind: 'types', version, failure: { file, line, reason } };
    }
  }

  /** The change will not come. */
  forget(version: number): void {
    for (const ready of this.#ready) if (ready.version === version) ready.drop();
    this.#ready = this.#ready.filter((ready) => ready.version !== version);
  }

  #prepare(version: number, change: TypeChange): string {
    const { objects } = this;
    if (objects === undefined) return '';
    const { registry } = objects;
    switch (change.kind) {
      case 'remove':
        this.#add(version, () => registry.remove(change.file));
        return '';
      case 'error':
        this.#add(version, () => registry.noteError(change.file, change.message));
        return '';
      default: {
        const type = compileTypeSource(change.source, objects.loadLua);
        this.#check(type, objects);
        this.#add(
          version,
          () => registry.install(type, version),
          () => type.dispose(),
        );
        return type.name;
      }
    }
  }

  #check(type: LoadedType, { registry }: ThreadObjects): void {
    try {
      registry.checkName(type);
    } catch (thrown) {
      type.dispose();
      throw thrown;
    }
  }

  #add(version: number, take: () => void, drop: () => void = () => {}): void {
    this.#ready.push({ version, take, drop });
  }

  #takeUp(version: number): void {
    const due = this.#ready.filter((ready) => ready.version <= version);
    this.#ready = this.#ready.filter((ready) => ready.version > version);
    for (const ready of due) ready.take();
  }
}

function unexpected(change: TypeChange, thrown: unknown): LoadError {
  return new LoadError(change.kind === 'install' ? change.source.file : change.file, undefined, String(thrown));
}
