// A loaded type with what a thread needs to find and count its methods. Which types are loaded: registry.ts.

import { assert } from '../../base/assert.js';
import { CallStatistics } from '../calls/call-statistics.js';
import { METHOD_CELL, type MethodCells, type MethodSlots } from '../calls/method-cells.js';
import { CallPace } from '../calls/turn.js';
import { NameTable } from '../keys/name-table.js';
import type { CatalogueEntry } from './catalogue.js';
import { commonMethodsOf } from './common-methods.js';
import type { Language, LoadedMethod, LoadedType } from './loaded-type.js';

/** The rank of the server's own types. */
export const BUILT_IN_RANK = -1;

export interface RegisteredMethod {
  readonly owner: RegisteredType;
  readonly method: LoadedMethod;
  readonly statistics: CallStatistics;
  /** Bytes of `type:method:`. */
  readonly startLength: number;
  readonly pace: CallPace;
  /** Whether it may ask for the request that led to its call. */
  readonly seesRequest: boolean;
  /** Whether the objects of its type are pinned. */
  readonly isPinned: boolean;
  /** The version of the content of the type's objects. */
  readonly contentVersion: number;
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
  #byName: ReadonlyMap<string, RegisteredMethod> | undefined;
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

  /** Whether its objects are not evicted. */
  get isPinned(): boolean {
    return this.type.retention === 'pinned';
  }

  /** The version that its definition gives for the content of its objects; `version` counts the loads. */
  get contentVersion(): number {
    return this.type.version ?? 1;
  }

  /** `set$`, which object keys of the type start with. */
  get keyPrefix(): KeyPrefix {
    this.#keyPrefix ??= keyPrefixOf(this.type.name);
    return this.#keyPrefix;
  }

  get methods(): NameTable<RegisteredMethod> {
    this.#methods ??= new NameTable(this.#methodsByName);
    return this.#methods;
  }

  /** A method by a name that is no key of a client. */
  method(name: string): RegisteredMethod | undefined {
    return this.#methodsByName.get(name);
  }

  get #methodsByName(): ReadonlyMap<string, RegisteredMethod> {
    const entries = () => [...this.methodList, ...this.#commonMethods()];
    this.#byName ??= new Map(entries().map((entry) => [entry.method.name, entry]));
    return this.#byName;
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
      isPinned: this.isPinned,
      contentVersion: this.contentVersion,
    };
  }
}

/** Whether the method gets an empty table if there is no object. */
export function isMadeFor({ method, owner }: RegisteredMethod): boolean {
  return method.access === 'upsert' || (method.access === 'read' && owner.type.missing === 'empty');
}
