// Brings what files were found to define into force, and says what came of each: one line of log, one event. A name belongs to one file of
// its rank; the file that is named like its type comes before its copies. Not for finding out which files changed.

import { LoadError } from '../objects/types/load-error.js';
import type { Examined } from './examine.js';
import type { LoadedFile, LoadedFiles } from './loaded-files.js';
import { shownName, stem, type TypeFolder } from './type-file.js';
import type { TypeChange, TypeInstaller } from './staged-types.js';
import type { TypeSource } from './type-source.js';

export type ReloadOutcome = 'loaded' | 'failed' | 'removed' | 'helper';

export interface ReloadEvent {
  /** As users see it, such as `scripts/set.lua`. */
  readonly file: string;
  readonly outcome: ReloadOutcome;
  /** The line that was logged. */
  readonly message: string;
}

export type ReloadLog = (level: 'debug' | 'info' | 'warn', message: string) => void;

export interface InstallerParts {
  readonly target: TypeInstaller;
  readonly files: LoadedFiles;
  readonly folderOf: (path: string) => TypeFolder;
  readonly log: ReloadLog;
  readonly emit: (event: ReloadEvent) => void;
}

interface Step {
  readonly change: TypeChange;
  readonly done: (outcome: number | LoadError) => void;
}

export class Installer {
  /** Names that were given up, for which other files may be waiting. */
  #freed = new Set<string>();

  constructor(private readonly parts: InstallerParts) {}

  /** The names that were given up since the last time. */
  takeFreed(): ReadonlySet<string> {
    const freed = this.#freed;
    this.#freed = new Set();
    return freed;
  }

  /** What was examined comes into force, all of it together. */
  async apply(results: readonly Examined[]): Promise<void> {
    const steps: Step[] = [];
    for (const examined of results) this.#plan(examined, steps);
    await this.#run(steps);
  }

  /** The files are no more. */
  async remove(paths: readonly string[]): Promise<void> {
    const steps: Step[] = [];
    for (const path of paths) this.#planRemoval(path, steps);
    await this.#run(steps);
  }

  async #run(steps: Step[]): Promise<void> {
    this.#lines.clear();
    while (steps.length > 0) {
      const batch = steps.splice(0);
      const outcomes = await this.parts.target.apply(batch.map(({ change }) => change));
      // What failed has to be noted, which is a change again.
      const after: Step[] = [];
      this.#after = after;
      batch.forEach(({ done }, index) => {
        done(outcomes[index] as number | LoadError);
      });
      steps.push(...after);
    }
  }

  #after: Step[] = [];
  /** What was logged of the changes in work. */
  readonly #lines = new Set<string>();

  #plan(examined: Examined, steps: Step[]): void {
    const { path, source, failure, isMissing } = examined;
    const before = this.parts.files.get(path);
    if (isMissing) this.#planRemoval(path, steps);
    else if (failure !== undefined) {
      this.#planFailure(examined, new LoadError(failure.file, failure.line, failure.reason), steps);
    } else if (source === undefined) {
      const file = shownName(this.parts.folderOf(path), path);
      const reason = examined.helper ?? 'defines no object type';
      // A file that defined a type has lost it by mistake, more likely than not.
      if (before?.name !== undefined) this.#planFailure(examined, new LoadError(file, undefined, reason), steps);
      else this.#noteHelper(examined, file, reason);
    } else this.#planInstall(examined, source, steps);
  }

  #planInstall(examined: Examined, source: TypeSource, steps: Step[]): void {
    const { files } = this.parts;
    const { name, file, rank } = source;
    const holder = files.holderOf(rank, name);
    if (holder !== undefined && holder.path !== examined.path) {
      if (stem(examined.path) !== name || stem(holder.path) === name) {
        this.#planFailure(examined, takenBy(file, name, holder.file), steps, name);
        return;
      }
      // The file that is named like the type takes it over.
      steps.push({ change: { kind: 'remove', file: holder.file }, done: () => {} });
      files.set({ ...holder, name: undefined });
      const reason = takenBy(holder.file, name, file);
      this.#planFailure({ path: holder.path, depends: holder.depends }, reason, steps, name);
    }
    const before = files.get(examined.path);
    // The name is this file's from now on, for the others of the batch.
    files.set({ path: examined.path, file, rank, depends: examined.depends, name, failure: undefined });
    steps.push({
      change: { kind: 'install', source },
      done: (outcome) => {
        if (typeof outcome === 'number') this.#noteInstalled(source, outcome, before);
        else {
          if (before !== undefined) files.set(before);
          else files.delete(examined.path);
          this.#planFailure(examined, outcome, this.#after);
        }
      },
    });
  }

  #noteInstalled({ name, file }: TypeSource, version: number, before: LoadedFile | undefined): void {
    if (before?.name !== undefined && before.name !== name) this.#freed.add(before.name);
    const shadow = this.parts.target.fileOf(name);
    const shadowed = shadow === undefined || shadow === file ? '' : `, shadowed by ${shadow}`;
    this.#say('info', file, 'loaded', `${file}: version ${version} of ${name} is live${shadowed}`);
  }

  /** `waitsFor`: a name that another file has. */
  #planFailure(
    { path, depends }: Pick<Examined, 'path' | 'depends'>,
    reason: LoadError,
    steps: Step[],
    waitsFor?: string,
  ): void {
    const { files, folderOf } = this.parts;
    const folder = folderOf(path);
    const file = shownName(folder, path);
    const before = files.get(path);
    const known = { path, file, rank: folder.rank, depends, name: before?.name };
    files.set({
      ...known,
      failure: before?.failure ?? reason.message,
      ...(waitsFor === undefined ? {} : { waitsFor }),
    });
    steps.push({
      change: { kind: 'error', file, message: reason.message },
      done: (version) => {
        const line = `${reason.message} (${version === 0 ? 'not loaded' : `version ${version} keeps running`})`;
        const current = files.get(path);
        if (current !== undefined) files.set({ ...current, failure: line });
        // A module that cannot be loaded fails as itself and in all that import it.
        if (before?.failure !== line && !this.#lines.has(line)) this.parts.log('warn', line);
        this.#lines.add(line);
        this.parts.emit({ file, outcome: 'failed', message: line });
      },
    });
  }

  #noteHelper({ path, depends }: Examined, file: string, reason: string): void {
    const { files, folderOf } = this.parts;
    const isNews = files.get(path) === undefined;
    files.set({ path, file, rank: folderOf(path).rank, depends, name: undefined, failure: undefined });
    const line = `${file}: ${reason}; it is no object type, but others may import it`;
    if (isNews) this.parts.log('debug', line);
    this.parts.emit({ file, outcome: 'helper', message: line });
  }

  #planRemoval(path: string, steps: Step[]): void {
    const { files, target, folderOf } = this.parts;
    const before = files.get(path);
    files.delete(path);
    const file = shownName(folderOf(path), path);
    const name = before?.name;
    if (before === undefined) return;
    steps.push({
      change: { kind: 'remove', file },
      done: () => {
        if (name === undefined) {
          this.parts.emit({ file, outcome: 'removed', message: `${file}: was removed` });
          return;
        }
        this.#freed.add(name);
        const heir = target.fileOf(name);
        const rest = heir === undefined ? `type ${name} is no longer loaded` : `${heir} now defines ${name}`;
        this.#say('info', file, 'removed', `${file}: was removed; ${rest}`);
      },
    });
  }

  #say(level: 'info' | 'warn', file: string, outcome: ReloadOutcome, message: string): void {
    this.parts.log(level, message);
    this.parts.emit({ file, outcome, message });
  }
}

function takenBy(file: string, name: string, holder: string): LoadError {
  return new LoadError(file, undefined, `type ${name} is already defined by ${holder}`);
}
