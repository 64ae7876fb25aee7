// The object types that are loaded: names, versions, files, statistics. Types are replaced here as a whole, between requests. Loading
// files: src/reload. Calling methods: calls/invocation.ts.

import type { CallStatistics } from '../calls/call-statistics.js';
import { MethodCells } from '../calls/method-cells.js';
import { NameTable } from '../keys/name-table.js';
import { Catalogue } from './catalogue.js';
import { LoadError } from './load-error.js';
import type { Language, LoadedType } from './loaded-type.js';
import { BUILT_IN_RANK, RegisteredType } from './registered-type.js';

interface FileError {
  readonly file: string;
  /** File, line and reason in one line. */
  readonly message: string;
  readonly atUnixMs: number;
}

/** The rank of a type whose directory has none of its own: scripts shadow plugins. */
const RANK_OF_LANGUAGE: Readonly<Record<Language, number>> = { lua: 0, typescript: 1 };

function rankOf({ language }: Pick<LoadedType, 'language'>): number {
  return RANK_OF_LANGUAGE[language];
}

/** A type whose file failed to load. */
export interface FailedType {
  readonly name: string;
  readonly message: string;
}

/** The name that a type has from its file. */
const TYPE_FILE = /(?:^|\/)([a-z][a-z0-9_]{0,31})\.(?:lua|ts)$/;

function nameOfFile(file: string): string | undefined {
  return TYPE_FILE.exec(file)?.[1];
}

/** The list of failed types is made on demand. */
const NOT_LISTED = new NameTable<FailedType>([]);

export class Registry {
  /** Active types, by name. `hasStart` is true for the names of failed types too. */
  types: NameTable<RegisteredType> = new NameTable([]);
  #failed: NameTable<FailedType> | undefined;
  /** All loaded types, including those that are shadowed. */
  readonly #loaded = new Catalogue<RegisteredType>();
  #active: ReadonlyMap<string, RegisteredType> = new Map();
  readonly #builtIn = new Map<string, RegisteredType>();
  readonly #errors = new Map<string, FileError>();
  #isBatch = false;
  /** Types to dispose of at the end of the batch. */
  #dropped: RegisteredType[] = [];

  /** Number of loads so far, used as the load's number where only one thread serves. */
  #loads = 0;

  constructor(
    private readonly nowUnixMs: () => number = () => Date.now(),
    private readonly cells: MethodCells = new MethodCells(),
  ) {}

  /** Whether `install` would take the type; throws LoadError when another file of its rank has the name. */
  checkName(type: Pick<LoadedType, 'name' | 'language' | 'file'>, rank = rankOf(type)): void {
    if (this.#builtIn.has(type.name))
      throw new LoadError(type.file, undefined, `type name ${type.name} is taken by the server`);
    const holder = this.#loaded.holderOf(type.name, rank);
    if (holder === undefined || holder.type.file === type.file) return;
    throw new LoadError(type.file, undefined, `type ${type.name} is already defined by ${holder.type.file}`);
  }

  /** Makes several changes at the cost of one: the lookup of names is rebuilt once, after all of them. */
  batch(change: () => void): void {
    this.#isBatch = true;
    try {
      change();
    } finally {
      this.#isBatch = false;
      this.#finish();
    }
  }

  /** Activates a type in place of the file's previous one, which is disposed of. Between requests only. All threads give a load the same
      number, by which their registries share its statistics. */
  install(type: LoadedType, load = ++this.#loads, rank = rankOf(type)): RegisteredType {
    this.checkName(type, rank);
    const version = this.#loaded.nextVersion(type.name, rank);
    const registered = new RegisteredType(type, rank, version, this.nowUnixMs(), load, this.cells);
    const previous = this.#loaded.put(registered);
    if (previous !== undefined) this.#dropped.push(previous);
    this.#errors.delete(type.file);
    this.#finish();
    return registered;
  }

  /** Activates the built-in type, whose name no file can take. */
  installBuiltIn(type: LoadedType): void {
    const load = -1 - this.#builtIn.size;
    this.#builtIn.set(type.name, new RegisteredType(type, BUILT_IN_RANK, 1, this.nowUnixMs(), load, this.cells));
    this.#rebuild();
  }

  /** Removes the file's type and its errors; false when it defined none. */
  remove(file: string): boolean {
    this.#errors.delete(file);
    this.#failed = NOT_LISTED;
    const previous = this.#loaded.remove(file);
    if (previous === undefined) return false;
    this.#dropped.push(previous);
    this.#finish();
    return true;
  }

  /** Remembers why a file could not be loaded, for the listing. Returns the version that stays active, 0 when there is none. */
  noteError(file: string, message: string): number {
    this.#errors.set(file, { file, message, atUnixMs: this.nowUnixMs() });
    this.#failed = NOT_LISTED;
    this.#noteStart(file);
    return this.#loaded.fromFile(file)?.version ?? 0;
  }

  find(name: string): RegisteredType | undefined {
    return this.#active.get(name);
  }

  /** The type with the name in a rank. */
  holderOf(name: string, rank: number): RegisteredType | undefined {
    return this.#loaded.holderOf(name, rank);
  }

  fromFile(file: string): RegisteredType | undefined {
    return this.#loaded.fromFile(file);
  }

  /** All active types in alphabetical order, with the statistics of their methods over all threads. */
  listWithStatistics(): readonly (readonly [RegisteredType, readonly CallStatistics[]])[] {
    const claimed = this.cells.claimed();
    return this.list().map((registered) => [registered, registered.statistics(claimed.get(registered.load))]);
  }

  /** Active types of which a thread has called a method, with the statistics of their methods over all threads. */
  calledTypes(): readonly (readonly [RegisteredType, readonly CallStatistics[]])[] {
    const claimed = this.cells.claimed();
    return [...this.#active.values()].flatMap((registered) => {
      const slots = claimed.get(registered.load);
      return slots === undefined ? [] : [[registered, registered.statistics(slots)] as const];
    });
  }

  get typeCount(): number {
    return this.#active.size - this.#builtIn.size;
  }

  /** Active types in alphabetical order. */
  list(): readonly RegisteredType[] {
    return [...this.#active.values()].sort((one, other) => (one.type.name < other.type.name ? -1 : 1));
  }

  errors(): readonly FileError[] {
    return [...this.#errors.values()];
  }

  /** Activates the changes, unless more will follow. */
  #finish(): void {
    if (this.#isBatch) return;
    this.#rebuild();
    for (const { type, load } of this.#dropped.splice(0)) {
      this.cells.release(load);
      type.dispose();
    }
  }

  #rebuild(): void {
    const active = this.#loaded.inForce();
    for (const [name, registered] of this.#builtIn) active.set(name, registered);
    this.#active = active;
    this.types = new NameTable(active);
    for (const file of this.#errors.keys()) this.#noteStart(file);
    this.#failed = NOT_LISTED;
  }

  /** Adds the names to `hasStart`, so that one check of the first byte rejects ordinary keys. */
  #noteStart(file: string): void {
    const name = nameOfFile(file);
    if (name !== undefined) this.types.noteStart(name);
  }

  /** Types that failed to load and have no running version, by the name of their file; undefined when there are none. */
  get failed(): NameTable<FailedType> | undefined {
    if (this.#failed === NOT_LISTED) this.#failed = this.#listFailed();
    return this.#failed;
  }

  #listFailed(): NameTable<FailedType> | undefined {
    const failed = new Map<string, FailedType>();
    for (const { file, message } of this.#errors.values()) {
      const name = nameOfFile(file);
      if (name !== undefined && !this.#active.has(name)) failed.set(name, { name, message });
    }
    return failed.size > 0 ? new NameTable(failed) : undefined;
  }
}
