// Where reloaded types go when data threads serve: every thread makes ready what has changed before any of them takes it up. The registry
// here knows names, files and versions only. Not for making types, nor for the way of messages.

import { LoadError } from '../../objects/types/load-error.js';
import type { LoadedMethod, LoadedType } from '../../objects/types/loaded-type.js';
import { planParameters } from '../../objects/types/loaded-type.js';
import { Registry } from '../../objects/types/registry.js';
import type { TypeChange, TypeInstaller } from '../../reload/staged-types.js';
import type { TypeSource } from '../../reload/type-source.js';
import type { NumberedChange, TypesReply } from './thread-messages.js';

/** The data threads, as far as types are concerned. */
export interface TypeThreads {
  /** Has every thread make the changes ready. */
  prepareTypes(version: number, changes: readonly NumberedChange[]): Promise<readonly TypesReply[]>;
  /** From now on every thread takes up, before its next batch, what it has made ready up to this version. */
  takeUpTypes(version: number): void;
  forgetTypes(version: number): void;
}

export class ThreadsInstaller implements TypeInstaller {
  readonly registry = new Registry();
  #version = 0;
  #loads = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly threads: TypeThreads) {}

  /** One after the other, so that versions come in order. */
  apply(changes: readonly TypeChange[]): Promise<readonly (number | LoadError)[]> {
    const done = this.#queue.then(() => this.#apply(changes));
    this.#queue = done.catch(() => {});
    return done;
  }

  fileOf(name: string): string | undefined {
    return this.registry.find(name)?.type.file;
  }

  async #apply(changes: readonly TypeChange[]): Promise<readonly (number | LoadError)[]> {
    const results: (number | LoadError)[] = changes.map(() => 0);
    let waiting = changes.map((change, index) => ({ change, index }));
    while (waiting.length > 0) {
      const failures = await this.#prepare(waiting.map(({ change }) => change));
      if (failures.size === 0) break;
      // The others are made ready anew without those that cannot be.
      for (const [at, failure] of failures) {
        const failed = waiting[at];
        if (failed !== undefined) results[failed.index] = failure;
      }
      waiting = waiting.filter((_, at) => !failures.has(at));
    }
    this.registry.batch(() => {
      for (const { change, index } of waiting) results[index] = this.#note(change);
    });
    return results;
  }

  /** Has all threads take the changes up, or none of them: then with the index of each that failed and its reason. */
  async #prepare(changes: readonly TypeChange[]): Promise<ReadonlyMap<number, LoadError>> {
    const version = ++this.#version;
    const numbered = changes.map((change) => ({ ...change, load: ++this.#loads }));
    const replies = await this.threads.prepareTypes(version, numbered);
    const failures = new Map<number, LoadError>();
    for (const reply of replies) {
      for (const { index, file, line, reason } of reply.failures)
        failures.set(index, new LoadError(file, line, reason));
    }
    if (failures.size > 0) this.threads.forgetTypes(version);
    else this.threads.takeUpTypes(version);
    return failures;
  }

  #note(change: TypeChange): number | LoadError {
    const { registry } = this;
    if (change.kind === 'error') return registry.noteError(change.file, change.message);
    if (change.kind === 'install') {
      return registry.install(nameOnly(change.source), ++this.#loads, change.source.rank).version;
    }
    registry.remove(change.file);
    return 0;
  }
}

const NO_METHOD: LoadedMethod = {
  name: 'none',
  summary: '',
  access: 'none',
  plan: planParameters(),
  run: () => undefined,
};

const NO_METHODS = new Map([['none', NO_METHOD]]);

function nameOnly({ name, language, file }: TypeSource): LoadedType {
  return { name, summary: '', language, file, methods: NO_METHODS, dispose: () => {} };
}
