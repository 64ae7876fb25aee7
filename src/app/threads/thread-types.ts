// Object types of a data thread: each thread has its own Lua states and compiled plugins. A change is made ready between two
// batches, outside of the lock; the version word then tells every thread, before its next batch, to take it up. Not for loading
// files, which the main thread does.

import { SYNC } from '../../arena/sync.js';
import type { Activity } from '../../base/activity.js';
import type { Lock } from '../../base/lock.js';
import { LoadError } from '../../objects/types/load-error.js';
import { RUN_AHEAD_CHANGES } from '../../reload/staged-types.js';
import { makeType } from '../../reload/type-source.js';
import type { BatchWatch } from '../../transport/locked-engine.js';
import type { NumberedChange, TypesReply } from './thread-messages.js';
import type { ThreadObjects } from './thread-objects.js';

interface Ready {
  readonly version: number;
  readonly take: () => void;
  readonly drop: () => void;
}

type ChangeActivity = Pick<Activity, 'beginChange' | 'endChange'>;

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

  /** Makes changes ready; what is wrong with them is part of the reply. Each change is watched by itself, and waiting for the lock is not. */
  prepare(version: number, changes: readonly NumberedChange[], activity: ChangeActivity): TypesReply {
    // A name may have become free just now.
    this.lock.hold(() => this.beforeBatch());
    const failures: TypesReply['failures'][number][] = [];
    const ahead = changes.length <= RUN_AHEAD_CHANGES;
    const leaving = new Set(changes.map((change) => (change.kind === 'install' ? change.source.file : change.file)));
    for (const [index, change] of changes.entries()) {
      activity.beginChange(version);
      try {
        this.#prepare(version, change, ahead, leaving);
      } catch (thrown) {
        const { file, line, reason } = thrown instanceof LoadError ? thrown : unexpected(change, thrown);
        failures.push({ index, file, line, reason });
      } finally {
        activity.endChange();
      }
    }
    return { kind: 'types', version, failures };
  }

  /** The changes will not come. */
  forget(version: number): void {
    for (const ready of this.#ready) if (ready.version === version) ready.drop();
    this.#ready = this.#ready.filter((ready) => ready.version !== version);
  }

  #prepare(version: number, change: NumberedChange, ahead: boolean, leaving: ReadonlySet<string>): void {
    const { objects } = this;
    if (objects === undefined) return;
    const { registry, scripts } = objects;
    switch (change.kind) {
      case 'remove':
        this.#add(version, () => registry.remove(change.file));
        return;
      case 'error':
        this.#add(version, () => registry.noteError(change.file, change.message));
        return;
      default: {
        const { source, load } = change;
        const holder = registry.holderOf(source.name, source.rank)?.type.file;
        if (holder === undefined || !leaving.has(holder)) registry.checkName(source, source.rank);
        const type = makeType(source, scripts, ahead);
        this.#add(
          version,
          () => registry.install(type, load, source.rank),
          () => type.dispose(),
        );
      }
    }
  }

  #add(version: number, take: () => void, drop: () => void = () => {}): void {
    this.#ready.push({ version, take, drop });
  }

  #takeUp(version: number): void {
    const due = this.#ready.filter((ready) => ready.version <= version);
    this.#ready = this.#ready.filter((ready) => ready.version > version);
    if (due.length === 0) return;
    this.objects?.registry.batch(() => {
      for (const ready of due) ready.take();
    });
  }
}

function unexpected(change: NumberedChange, thrown: unknown): LoadError {
  return new LoadError(change.kind === 'install' ? change.source.file : change.file, undefined, String(thrown));
}
