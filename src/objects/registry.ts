// Which object types there are: names, versions, where they came from, how they do. Types are swapped here between
// requests, whole. Not for reading files (src/reload) and not for calling methods (invocation.ts).

import { assert } from '../base/assert.js';
import { CallStatistics } from './call-statistics.js';
import { LoadError } from './load-error.js';
import type { Language, LoadedMethod, LoadedType } from './loaded-type.js';
import { METHOD_CELL, MethodCells, type MethodSlots } from './method-cells.js';
import { NameTable } from './name-table.js';

export interface RegisteredMethod {
  readonly owner: RegisteredType;
  readonly method: LoadedMethod;
  readonly statistics: CallStatistics;
  /** Bytes of `type:method:`. */
  readonly startLength: number;
}

/** Bytes of a key's start, as little-endian words. */
export interface KeyPrefix {
  readonly length: number;
  readonly words: readonly number[];
}

function keyPrefixOf(name: string): KeyPrefix {
  const bytes = Buffer.from(`${name}$\0\0\0`, 'latin1');
  const length = name.length + 1;
  return { length, words: Array.from({ length: Math.ceil(length / 4) }, (_, index) => bytes.readInt32LE(index * 4)) };
}

export class RegisteredType {
  /** `set$`, which object keys of the type start with. */
  readonly keyPrefix: KeyPrefix;
  readonly methods: NameTable<RegisteredMethod>;
  readonly methodList: readonly RegisteredMethod[];

  constructor(
    readonly type: LoadedType,
    /** Counts the loads of this name in this language since the start, from 1. */
    readonly version: number,
    readonly loadedAtUnixMs: number,
    /** Known to all threads by the same number. */
    readonly load: number,
    slots: MethodSlots,
  ) {
    assert(type.methods.size > 0, 'a type has methods');
    this.keyPrefix = keyPrefixOf(type.name);
    this.methodList = [...type.methods.values()].map((method, index) => ({
      owner: this,
      method,
      statistics: new CallStatistics(slots.cells, slots.at + index * METHOD_CELL.count),
      startLength: type.name.length + method.name.length + 2,
    }));
    this.methods = new NameTable(this.methodList.map((entry) => [entry.method.name, entry] as const));
  }
}

export interface FileError {
  readonly file: string;
  /** File, line and reason in one line. */
  readonly message: string;
  readonly atUnixMs: number;
}

/** Scripts shadow plugins. */
const PRECEDENCE: readonly Language[] = ['lua', 'typescript'];

export class Registry {
  /** Types in force, by name. */
  types: NameTable<RegisteredType> = new NameTable([]);
  readonly #active = new Map<string, RegisteredType>();
  readonly #loaded: Readonly<Record<Language, Map<string, RegisteredType>>> = { lua: new Map(), typescript: new Map() };
  readonly #builtIn = new Map<string, RegisteredType>();
  readonly #versions = new Map<string, number>();
  readonly #errors = new Map<string, FileError>();

  /** Loads so far; the number of each where only one thread serves. */
  #loads = 0;

  constructor(
    private readonly nowUnixMs: () => number = () => Date.now(),
    private readonly cells: MethodCells = new MethodCells(),
  ) {}

  /** Whether `install` would take the type; throws LoadError when another file of its language has the name. */
  checkName(type: Pick<LoadedType, 'name' | 'language' | 'file'>): void {
    if (this.#builtIn.has(type.name))
      throw new LoadError(type.file, undefined, `type name ${type.name} is taken by the server`);
    const holder = this.#loaded[type.language].get(type.name);
    if (holder === undefined || holder.type.file === type.file) return;
    throw new LoadError(type.file, undefined, `type ${type.name} is already defined by ${holder.type.file}`);
  }

  /** Puts a type in force in place of what its file defined before, which is disposed of. Between requests only. Threads that
      serve together give the same load the same number; their registries share the figures of its methods. */
  install(type: LoadedType, load = ++this.#loads): RegisteredType {
    this.checkName(type);
    const previous = this.fromFile(type.file);
    const registered = this.#register(type, load);
    if (previous !== undefined) this.#loaded[previous.type.language].delete(previous.type.name);
    this.#loaded[type.language].set(type.name, registered);
    this.#errors.delete(type.file);
    this.#rebuild();
    if (previous !== undefined) this.#drop(previous);
    return registered;
  }

  /** Puts the built-in type in force; it is in no language's way and no file can take its name. */
  installBuiltIn(type: LoadedType): void {
    const load = -1 - this.#builtIn.size;
    const slots = this.cells.claim(load, type.methods.size);
    this.#builtIn.set(type.name, new RegisteredType(type, 1, this.nowUnixMs(), load, slots));
    this.#rebuild();
  }

  /** Takes out what the file defined and forgets its errors; false when it had defined nothing. */
  remove(file: string): boolean {
    this.#errors.delete(file);
    const previous = this.fromFile(file);
    if (previous === undefined) return false;
    this.#loaded[previous.type.language].delete(previous.type.name);
    this.#rebuild();
    this.#drop(previous);
    return true;
  }

  /** Remembers why a file could not be loaded, for the listing. Returns the version that goes on, 0 when there is none. */
  noteError(file: string, message: string): number {
    this.#errors.set(file, { file, message, atUnixMs: this.nowUnixMs() });
    return this.fromFile(file)?.version ?? 0;
  }

  find(name: string): RegisteredType | undefined {
    return this.#active.get(name);
  }

  fromFile(file: string): RegisteredType | undefined {
    for (const language of PRECEDENCE) {
      for (const registered of this.#loaded[language].values()) if (registered.type.file === file) return registered;
    }
    return undefined;
  }

  /** Types in force, by name in alphabetical order. */
  list(): readonly RegisteredType[] {
    return [...this.#active.values()].sort((one, other) => (one.type.name < other.type.name ? -1 : 1));
  }

  errors(): readonly FileError[] {
    return [...this.#errors.values()];
  }

  isShadowed(registered: RegisteredType): boolean {
    return this.#active.get(registered.type.name) !== registered;
  }

  #register(type: LoadedType, load: number): RegisteredType {
    const counted = `${type.language}:${type.name}`;
    const version = (this.#versions.get(counted) ?? 0) + 1;
    this.#versions.set(counted, version);
    return new RegisteredType(type, version, this.nowUnixMs(), load, this.cells.claim(load, type.methods.size));
  }

  #drop({ type, load }: RegisteredType): void {
    this.cells.release(load);
    type.dispose();
  }

  #rebuild(): void {
    this.#active.clear();
    for (const language of [...PRECEDENCE].reverse()) {
      for (const [name, registered] of this.#loaded[language]) this.#active.set(name, registered);
    }
    for (const [name, registered] of this.#builtIn) this.#active.set(name, registered);
    this.types = new NameTable(this.#active);
  }
}
