// Where reloaded types go: the registries of all data threads. This file has the interface and the target for a single
// thread; more threads need one that compiles in each before any of them swaps.

import { LoadError } from '../objects/types/load-error.js';
import type { Registry } from '../objects/types/registry.js';
import { type LuaMaker, makeType, type TypeSource } from './type-source.js';

/** What happens to object types. */
export type TypeChange =
  | { readonly kind: 'install'; readonly source: TypeSource }
  | { readonly kind: 'remove'; readonly file: string }
  /** Remembers for the listing why the file was not loaded. */
  | { readonly kind: 'error'; readonly file: string; readonly message: string };

export interface TypeInstaller {
  /** Makes the changes in their order, between two requests. A type that cannot be made leaves the old version in place. Answers for each
      change the version of its file that is in force then, 0 for none, or why it was not made. */
  apply(changes: readonly TypeChange[]): Promise<readonly (number | LoadError)[]>;
  /** The file that answers for the type now, if any. */
  fileOf(name: string): string | undefined;
}

/** With more changes than this at a time scripts are not run before they are called. */
export const RUN_AHEAD_CHANGES = 32;

export class RegistryInstaller implements TypeInstaller {
  constructor(
    private readonly registry: Registry,
    private readonly scripts: LuaMaker,
  ) {}

  async apply(changes: readonly TypeChange[]): Promise<readonly (number | LoadError)[]> {
    const results: (number | LoadError)[] = [];
    const ahead = changes.length <= RUN_AHEAD_CHANGES;
    this.registry.batch(() => {
      for (const change of changes) results.push(this.#make(change, ahead));
    });
    return results;
  }

  fileOf(name: string): string | undefined {
    return this.registry.find(name)?.type.file;
  }

  #make(change: TypeChange, ahead: boolean): number | LoadError {
    const { registry } = this;
    if (change.kind === 'error') return registry.noteError(change.file, change.message);
    if (change.kind === 'remove') {
      registry.remove(change.file);
      return 0;
    }
    const { source } = change;
    try {
      registry.checkName({ ...source }, source.rank);
      return registry.install(makeType(source, this.scripts, ahead), undefined, source.rank).version;
    } catch (thrown) {
      return thrown instanceof LoadError ? thrown : new LoadError(source.file, undefined, String(thrown));
    }
  }
}
