// Decides which changes follow from examined files. A name belongs to one file of its rank; a file that is named like its type takes the
// name from a copy that has it. Making the changes: pipeline.ts. Reporting them: reload-report.ts.

import { shownName } from '../objects/types/contained-file.js';
import { LoadError } from '../objects/types/load-error.js';
import type { Dependencies, Examined } from './examine.js';
import { areAlike } from './file-signature.js';
import type { LoadedFile, LoadedFiles } from './loaded-files.js';
import type { TypeChange } from './staged-types.js';
import { stem, type TypeFolder } from './type-file.js';
import type { TypeSource } from './type-source.js';

/** A change for all threads, and its consequences for its file. */
export type Step = { readonly path: string; readonly file: string } & (
  | {
      readonly kind: 'install';
      readonly change: Extract<TypeChange, { kind: 'install' }>;
      readonly examined: Examined;
      readonly before: LoadedFile | undefined;
    }
  | { readonly kind: 'remove'; readonly change: TypeChange; readonly name: string | undefined }
  /** The type's file still exists, and fails in a step of its own. */
  | { readonly kind: 'displace'; readonly change: TypeChange }
  | {
      readonly kind: 'fail';
      readonly change: Extract<TypeChange, { kind: 'error' }>;
      /** The line that was logged when it failed before, unless one of its files was saved since. */
      readonly failureBefore: string | undefined;
    }
);

type Failed = Pick<Examined, 'path' | 'depends' | 'isLink'>;

export class ChangePlan {
  #freedNames = new Set<string>();
  #loads = 0;

  /** Names of types that were left out because they are not served. */
  readonly #leftOut = new Set<string>();

  /** `served`: the names of types that are served; all if there are none. */
  constructor(
    private readonly files: LoadedFiles,
    private readonly folderOf: (path: string) => TypeFolder,
    private readonly served: readonly string[],
  ) {}

  get leftOut(): readonly string[] {
    return [...this.#leftOut];
  }

  takeFreedNames(): ReadonlySet<string> {
    const freed = this.#freedNames;
    this.#freedNames = new Set();
    return freed;
  }

  /** `helper`: why the file defines no type and need not. It needs no change then. */
  steps(examined: Examined): { readonly helper?: string; readonly steps: readonly Step[] } {
    const { path, source, failure, isMissing } = examined;
    if (isMissing) return { steps: this.removal(path) };
    if (failure !== undefined) {
      return { steps: this.#failure(examined, new LoadError(failure.file, failure.line, failure.reason)) };
    }
    if (source !== undefined) {
      const isServed = this.served.length === 0 || this.served.includes(source.name);
      return { steps: isServed ? this.#install(examined, source) : this.#leaveOut(examined, source) };
    }
    const { helper = 'defines no object type' } = examined;
    // A file that defined a type has probably lost it by mistake.
    if (this.files.get(path)?.name === undefined) return { helper, steps: [] };
    const reason = new LoadError(shownName(this.folderOf(path), path), undefined, helper);
    return { steps: this.#failure(examined, reason) };
  }

  removal(path: string): Step[] {
    const before = this.files.get(path);
    if (before === undefined) return [];
    this.files.delete(path);
    const { file, name } = before;
    if (name !== undefined) this.#freedNames.add(name);
    return [{ kind: 'remove', path, file, name, change: { kind: 'remove', file } }];
  }

  /** The consequences when threads could not make the change of a step. */
  failed(step: Step, reason: LoadError): Step[] {
    if (step.kind !== 'install') return [];
    const { before, examined, path } = step;
    if (before === undefined) this.files.delete(path);
    else this.files.set(before);
    return this.#failure(examined, reason);
  }

  /** The file may have defined a type that is served. */
  #leaveOut({ path, depends, isLink }: Examined, { name, file, rank }: TypeSource): Step[] {
    const steps = this.files.get(path)?.name === undefined ? [] : this.removal(path);
    this.files.set({ path, file, rank, depends, isLink, name: undefined, failure: undefined });
    this.#leftOut.add(name);
    return steps;
  }

  #install(examined: Examined, source: TypeSource): Step[] {
    const { files } = this;
    const { path, depends, isLink } = examined;
    const { name, file, rank } = source;
    const steps: Step[] = [];
    const holder = files.holderOf(rank, name);
    if (holder !== undefined && holder.path !== path) {
      if (stem(path) !== name || stem(holder.path) === name) {
        return this.#failure(examined, takenBy(file, name, holder.file), name);
      }
      const displaced = { path: holder.path, file: holder.file };
      steps.push({ kind: 'displace', ...displaced, change: { kind: 'remove', file: holder.file } });
      files.set({ ...holder, name: undefined });
      steps.push(...this.#failure(holder, takenBy(holder.file, name, file), name));
    }
    const before = files.get(path);
    if (before?.name !== undefined && before.name !== name) this.#freedNames.add(before.name);
    // The name is this file's from now on, for the other files of the batch.
    files.set({ path, file, rank, depends, isLink, name, failure: undefined });
    const change = { kind: 'install', source, load: ++this.#loads } as const;
    steps.push({ kind: 'install', path, file, change, examined, before });
    return steps;
  }

  /** `waitsFor`: a name that another file has. */
  #failure({ path, depends, isLink }: Failed, reason: LoadError, waitsFor?: string): Step[] {
    const { rank, ...folder } = this.folderOf(path);
    const file = shownName(folder, path);
    const before = this.files.get(path);
    const failure = before?.failure ?? reason.message;
    this.files.set({ path, file, rank, depends, isLink, name: before?.name, failure, waitsFor });
    const change = { kind: 'error', file, message: reason.message } as const;
    const wasSaved = before !== undefined && haveChanged(before.depends, depends);
    return [{ kind: 'fail', path, file, change, failureBefore: wasSaved ? undefined : before?.failure }];
  }
}

/** Whether the file or one that it depends on was saved in between: then its failure is news, even if it is the same. */
function haveChanged(before: Dependencies, now: Dependencies): boolean {
  const signatures = new Map(before);
  return now.some(([path, signature]) => !areAlike(signatures.get(path) ?? signature, signature));
}

function takenBy(file: string, name: string, holder: string): LoadError {
  return new LoadError(file, undefined, `type ${name} is already defined by ${holder}`);
}
