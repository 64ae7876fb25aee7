// The types of one serving thread, and the changes that it has prepared: types are made first and activated later, between two requests,
// when all threads have made theirs.

import { LoadError } from '../objects/types/load-error.js';
import type { Registry } from '../objects/types/registry.js';
import { type LuaMaker, makeType, type TypeSource } from './type-source.js';

/** What happens to object types. */
export type TypeChange =
  /** `load` is the same number in all threads. */
  | { readonly kind: 'install'; readonly source: TypeSource; readonly load: number }
  | { readonly kind: 'remove'; readonly file: string }
  /** Remembers for the listing why the file was not loaded. */
  | { readonly kind: 'error'; readonly file: string; readonly message: string };

/** The reason why a change cannot be made. */
export interface ChangeFailure {
  /** The index of the change. */
  readonly index: number;
  readonly file: string;
  readonly line: number | undefined;
  readonly reason: string;
}

/** The threads that serve types, in a two-phase commit: a change is active in all of them or in none. */
export interface TypeThreads {
  /** Makes every thread prepare and stage the changes. Returns the failures of all threads. */
  prepareTypes(
    version: number,
    changes: readonly TypeChange[],
  ): Promise<readonly ChangeFailure[]> | readonly ChangeFailure[];
  /** Makes every thread commit, before its next request, what it has prepared up to this version. */
  commitTypes(version: number): void;
  /** Drops the prepared changes of this version. */
  abortTypes(version: number): void;
}

/** If more changes than this come together, scripts are run at their first call. A choice: the error
 * of a single save shows immediately, and loading a whole directory does not delay requests. */
const RUN_AHEAD_CHANGES = 32;

interface StagedChange {
  readonly version: number;
  readonly commit: () => void;
  readonly abort: () => void;
}

/** Called with the number of the change that is being prepared. */
interface ChangeActivity {
  beginChange(version: number): void;
  endChange(): void;
}

export class StagedTypes implements TypeThreads {
  #staged: StagedChange[] = [];

  constructor(
    private readonly registry: Registry,
    private readonly scripts: LuaMaker,
    private readonly activity?: ChangeActivity,
  ) {}

  prepareTypes(version: number, changes: readonly TypeChange[]): readonly ChangeFailure[] {
    const failures: ChangeFailure[] = [];
    const runsAhead = changes.length <= RUN_AHEAD_CHANGES ? firstOfName(changes) : () => false;
    const leaving = new Set(changes.map(fileOf));
    for (const [index, change] of changes.entries()) {
      this.activity?.beginChange(version);
      try {
        this.#staged.push({ version, ...this.#stage(change, runsAhead, leaving) });
      } catch (thrown) {
        const failure = thrown instanceof LoadError ? thrown : new LoadError(fileOf(change), undefined, String(thrown));
        const { file, line, reason } = failure;
        failures.push({ index, file, line, reason });
      } finally {
        this.activity?.endChange();
      }
    }
    return failures;
  }

  commitTypes(version: number): void {
    const due = this.#staged.filter((staged) => staged.version <= version);
    if (due.length === 0) return;
    this.#staged = this.#staged.filter((staged) => staged.version > version);
    this.registry.batch(() => {
      for (const { commit } of due) commit();
    });
  }

  abortTypes(version: number): void {
    for (const staged of this.#staged) if (staged.version === version) staged.abort();
    this.#staged = this.#staged.filter((staged) => staged.version !== version);
  }

  /** `runsAhead`: whether a script is run now. `leaving`: files whose types this version replaces or removes, so that their names are free. */
  #stage(
    change: TypeChange,
    runsAhead: (source: TypeSource) => boolean,
    leaving: ReadonlySet<string>,
  ): Pick<StagedChange, 'commit' | 'abort'> {
    const { registry, scripts } = this;
    if (change.kind === 'remove') return { commit: () => registry.remove(change.file), abort: nothing };
    if (change.kind === 'error') {
      return { commit: () => registry.noteError(change.file, change.message), abort: nothing };
    }
    const { source, load } = change;
    const holder = registry.holderOf(source.name, source.rank)?.file;
    if (holder === undefined || !leaving.has(holder)) registry.checkName(source, source.rank);
    const type = makeType(source, scripts, runsAhead(source));
    return { commit: () => registry.install(type, load, source.rank), abort: () => type.dispose() };
  }
}

/** A type that another one of the same changes shadows is not called: at a start, scripts that ship are shadowed by plugins. */
function firstOfName(changes: readonly TypeChange[]): (source: TypeSource) => boolean {
  const ranks = new Map<string, number>();
  for (const change of changes) {
    if (change.kind !== 'install') continue;
    const { name, rank } = change.source;
    ranks.set(name, Math.min(rank, ranks.get(name) ?? rank));
  }
  return ({ name, rank }) => rank === ranks.get(name);
}

function fileOf(change: TypeChange): string {
  return change.kind === 'install' ? change.source.file : change.file;
}

function nothing(): void {}
