// The state of each type file: the files that it was read from, the type that it defines or the reason why it failed, and whether its files
// have changed since. Loading: pipeline.ts. Active types: objects/types/catalogue.ts.

import { dirname } from 'node:path';
import type { Dependencies } from './examine.js';
import { ABSENT, isLink, signatureOf } from './file-signature.js';

export interface LoadedFile {
  readonly path: string;
  /** As users see it, such as `scripts/set.lua`. */
  readonly file: string;
  readonly depends: Dependencies;
  /** The type that it defines; for a file that failed, the version that stays active. */
  readonly name: string | undefined;
  readonly rank: number;
  /** The line that was logged when it failed. */
  readonly failure: string | undefined;
  /** The name for which the file was not loaded, because another file has it. */
  readonly waitsFor?: string | undefined;
  /** Reached through a link, whose target may change without an event of a watch. */
  readonly isLink: boolean;
}

/** Paths that one check inspects at most, in turn. A choice: at some 10 us each, a check stays at a few milliseconds per second. */
const PATHS_PER_CHECK = 256;

export class LoadedFiles {
  readonly #files = new Map<string, LoadedFile>();
  /** Type files by the other files that they depend on. */
  readonly #dependents = new Map<string, Set<string>>();
  readonly #byName = new Map<string, LoadedFile>();
  #nextChecked = 0;

  get(path: string): LoadedFile | undefined {
    return this.#files.get(path);
  }

  paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** Files that were not loaded because another had the name of their type. */
  waitingFor(names: ReadonlySet<string>): string[] {
    const waiting = [...this.#files.values()].filter(({ waitsFor }) => waitsFor !== undefined && names.has(waitsFor));
    return waiting.map(({ path }) => path);
  }

  /** The file that holds the name among those of its rank. */
  holderOf(rank: number, name: string): LoadedFile | undefined {
    return this.#byName.get(`${rank}:${name}`);
  }

  set(loaded: Omit<LoadedFile, 'isLink'> & { readonly isLink?: boolean | undefined }): void {
    this.delete(loaded.path);
    const file = { ...loaded, isLink: loaded.isLink ?? isLink(loaded.path) };
    this.#files.set(file.path, file);
    if (file.name !== undefined) this.#byName.set(`${file.rank}:${file.name}`, file);
    for (const [path] of file.depends) {
      if (path === file.path) continue;
      const dependents = this.#dependents.get(path) ?? new Set();
      this.#dependents.set(path, dependents.add(file.path));
    }
  }

  delete(path: string): void {
    const file = this.#files.get(path);
    if (file === undefined) return;
    this.#files.delete(path);
    if (file.name !== undefined && this.holderOf(file.rank, file.name) === file) {
      this.#byName.delete(`${file.rank}:${file.name}`);
    }
    for (const [depended] of file.depends) {
      const dependents = this.#dependents.get(depended);
      dependents?.delete(path);
      if (dependents?.size === 0) this.#dependents.delete(depended);
    }
  }

  dependentsOf(path: string): ReadonlySet<string> | undefined {
    return this.#dependents.get(path);
  }

  /** Whether a type file has to be loaded again. */
  isStale(path: string): boolean {
    const file = this.#files.get(path);
    if (file === undefined) return true;
    return file.depends.some(([depended, signature]) => signatureOf(depended) !== signature);
  }

  /** Directories of imported files. */
  directories(): Set<string> {
    const directories = new Set<string>();
    for (const [path, dependents] of this.#dependents) if (dependents.size > 0) directories.add(dirname(path));
    return directories;
  }

  /** Files whose changes no watch reports: links, and files that failed because another file was missing. */
  changedUnwatched(): string[] {
    const candidates = [...this.#files.values()].filter(
      ({ isLink: linked, failure, depends }) =>
        linked || (failure !== undefined && depends.some(([, signature]) => signature === ABSENT)),
    );
    const count = Math.min(PATHS_PER_CHECK, candidates.length);
    const checked = Array.from(
      { length: count },
      (_, index) => candidates[(this.#nextChecked + index) % candidates.length],
    );
    this.#nextChecked = candidates.length === 0 ? 0 : (this.#nextChecked + count) % candidates.length;
    return checked.map(({ path }) => path).filter((path) => this.isStale(path));
  }
}
