// The object types that are loaded: names, versions, files, statistics. Types are replaced here as a whole, between requests. Loading
// files: src/reload. Calling methods: calls/invocation.ts.

import { assert } from '../../base/assert.js';
import { CallStatistics } from '../calls/call-statistics.js';
import { METHOD_CELL, MethodCells, type MethodSlots } from '../calls/method-cells.js';
import { CallPace } from '../calls/turn.js';
import { NameTable } from '../keys/name-table.js';
import { Catalogue, type CatalogueEntry } from './catalogue.js';
import { commonMethodsOf } from './common-methods.js';
import { LoadError } from './load-error.js';
import type { Language, LoadedMethod, LoadedType } from './loaded-type.js';

export interface RegisteredMethod {
  readonly owner: RegisteredType;
  readonly method: LoadedMethod;
  readonly statistics: CallStatistics;
  /** Bytes of `type:method:`. */
  readonly startLength: number;
  readonly pace: CallPace;
  /** Whether it may ask for the request that led to its call. */
  readonly seesRequest: boolean;
}

/** Bytes of a key's start, as little-endian words. */
interface KeyPrefix {
  readonly length: number;
  readonly words: readonly number[];
}

function keyPrefixOf(name: string): KeyPrefix {
  const bytes = Buffer.from(`${name}$\0\0\0`, 'latin1');
  const length = name.length + 1;
  return { length, words: Array.from({ length: Math.ceil(length / 4) }, (_, index) => bytes.readInt32LE(index * 4)) };
}

/** A loaded type with its lookup tables and statistics. Most of these are made at the first call: of thousands of types a thread calls few. */
export class RegisteredType implements CatalogueEntry {
  #keyPrefix: KeyPrefix | undefined;
  #methods: NameTable<RegisteredMethod> | undefined;
  #methodList: readonly RegisteredMethod[] | undefined;

  constructor(
    readonly type: LoadedType,
    readonly rank: number,
    readonly version: number,
    readonly loadedAtUnixMs: number,
    /** The number of the load, which is the same in all threads. */
    readonly load: number,
    private readonly cells: MethodCells,
  ) {}

  get name(): string {
    return this.type.name;
  }

  get file(): string {
    return this.type.file;
  }

  get language(): Language {
    return this.type.language;
  }

  /** `set$`, which object keys of the type start with. */
  get keyPrefix(): KeyPrefix {
    this.#keyPrefix ??= keyPrefixOf(this.type.name);
    return this.#keyPrefix;
  }

  get methods(): NameTable<RegisteredMethod> {
    const entries = () => [...this.methodList, ...this.#commonMethods()];
    this.#methods ??= new NameTable(entries().map((entry) => [entry.method.name, entry] as const));
    return this.#methods;
  }

  /** Requires the threads' lock, which every call holds. */
  get methodList(): readonly RegisteredMethod[] {
    this.#methodList ??= this.#makeMethods();
    return this.#methodList;
  }

  /** Statistics of its methods over all threads. `claimed` is what MethodCells has for the load: undefined until a thread calls a method. */
  statistics(claimed: readonly MethodSlots[] = []): CallStatistics[] {
    const list = this.#methodList;
    if (list !== undefined) return list.map(({ statistics }) => statistics);
    return claimed.map(({ cells, at }) => new CallStatistics(cells, at));
  }

  #makeMethods(): RegisteredMethod[] {
    const { type, load, cells } = this;
    assert(type.methods.size > 0, 'a type has methods');
    const slots = cells.claim(load, type.methods.size);
    return [...type.methods.values()].map((method, index) =>
      this.#made(method, new CallStatistics(slots.cells, slots.at + index * METHOD_CELL.count)),
    );
  }

  /** Those that every type has. They are not listed with the type's own, so this thread alone counts their calls. */
  #commonMethods(): RegisteredMethod[] {
    const cells = () => new Float64Array(METHOD_CELL.count);
    return commonMethodsOf(this.type).map((method) => this.#made(method, new CallStatistics(cells(), 0)));
  }

  #made(method: LoadedMethod, statistics: CallStatistics): RegisteredMethod {
    const { type } = this;
    return {
      owner: this,
      method,
      statistics,
      startLength: type.name.length + method.name.length + 2,
      pace: new CallPace(type.language === 'lua'),
      seesRequest: method.access === 'original' || method.access === 'none',
    };
  }
}

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
    this.#builtIn.set(type.name, new RegisteredType(type, -1, 1, this.nowUnixMs(), load, this.cells));
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
