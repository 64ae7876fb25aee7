// Objects by type and key, in a method: opening, creating and removing them. A key that no item can have is a miss for what reads or removes,
// and an error for what creates. Plain values: call-values.ts.

import { isByteString } from '../../base/latin1.js';
import { type Budget, ERROR_STEPS } from '../../tables/budget.js';
import { MethodError, NotAnObjectError, sanitise } from '../../tables/call-errors.js';
import {
  type KindOfItem,
  MISSING,
  OBJECT,
  PLAIN,
  type StoredTable,
  type TableStore,
} from '../../tables/table-store.js';
import { isKeyText, MAX_KEY_BYTES } from '../key-text.js';
import type { OpenAccess } from '../types/object-type.js';
import { BUILT_IN_RANK, type RegisteredType } from '../types/registered-type.js';
import type { Registry } from '../types/registry.js';
import type { CallScratch } from './call-scratch.js';
import type { Migrations } from './migrations.js';
import type { PlainItems } from './plain-items.js';

/** Of a look-up that opens nothing, which was measured at up to 0.6 us, in addition to the search. */
const LOOK_STEPS = 9;
/** Comparing this many bytes of keys takes less time than a step, as a power of 2. */
const COMPARED_BITS = 4;

/** @perThread */
export class OtherObjects {
  constructor(
    private readonly tables: TableStore,
    private readonly registry: Registry,
    private readonly items: PlainItems,
    private readonly scratch: CallScratch,
    private readonly migrations: Migrations,
    private readonly budget: Budget,
  ) {}

  open(type: string, key: string, access: OpenAccess): StoredTable | undefined {
    if (access !== 'read' && access !== 'write' && access !== 'upsert') {
      throw this.refusal(`open takes 'read', 'write' or 'upsert' as its access, not '${shown(access)}'`);
    }
    const registered = this.#demandNames('open', type, key);
    if (access !== 'upsert') return this.#open(registered, type, key, access);
    this.#demandNewKey('open', type, key);
    return this.#open(registered, type, key, 'write') ?? this.#make(type, key, true);
  }

  /** The same for any name of a type, loaded or not. */
  openAny(type: string, key: string, access: 'read' | 'write'): StoredTable | undefined {
    if (isByteString(type)) return this.#open(this.registry.find(type), type, key, access);
    this.chargeSearch(type.length + 1 + key.length);
    return undefined;
  }

  #open(
    registered: RegisteredType | undefined,
    type: string,
    key: string,
    access: 'read' | 'write',
  ): StoredTable | undefined {
    const length = type.length + 1 + key.length;
    this.chargeSearch(length);
    // No item can have such a key.
    if (length > MAX_KEY_BYTES || !isByteString(key)) return undefined;
    const at = this.scratch.placeKey(type, key);
    const { openCount } = this.tables;
    const pending = this.items.isChanged ? this.#pendingAt(type, key, at, length) : OBJECT;
    // Undefined for a type that is not loaded: the object stays as it is.
    const isPinned = access === 'write' ? registered?.isPinned : undefined;
    const opened = pending === OBJECT ? this.tables.open(at, length, access === 'write', false, isPinned) : pending;
    const isFirst = this.tables.openCount !== openCount;
    if (isFirst) this.scratch.take(length);
    if (opened === MISSING) return undefined;
    if (opened === PLAIN) throw notAnObject(type, key);
    if (registered === undefined || (isFirst && this.tables.versions.last() === registered.contentVersion))
      return opened;
    this.migrations.run(registered, at, length, key, opened);
    return opened;
  }

  create(type: string, key: string): StoredTable {
    this.#demandNames('create', type, key);
    this.#demandNewKey('create', type, key);
    this.chargeSearch(type.length + 1 + key.length);
    return this.#make(type, key, false);
  }

  /** For scripts in the original's style: the type need not be loaded, and earlier plain changes of the call at the key are dropped. */
  createAny(type: string, key: string): StoredTable {
    this.budget.charge(1);
    const length = type.length + 1 + key.length;
    if (length > MAX_KEY_BYTES || !isKeyText(key) || !isKeyText(type)) throw this.refusal('key is not allowed');
    const at = this.scratch.placeKey(type, key);
    if (this.tables.peek(at, length) === PLAIN) throw notAnObject(type, key);
    this.scratch.take(length);
    this.items.supersede(`${type}$${key}`);
    return this.tables.create(at, length, this.registry.find(type)?.isPinned === true);
  }

  /** Whether there is an object; nothing is opened, so that this is no use of it. */
  exists(type: string, key: string): boolean {
    this.#demandNames('exists', type, key);
    const length = type.length + 1 + key.length;
    this.budget.charge(LOOK_STEPS);
    this.chargeSearch(length);
    if (length > MAX_KEY_BYTES || !isByteString(key)) return false;
    return this.kindAt(type, key, this.scratch.placeKey(type, key), length) === OBJECT;
  }

  /** Whether there was an object. */
  remove(type: string, key: string): boolean {
    this.#demandNames('remove', type, key);
    const length = type.length + 1 + key.length;
    this.chargeSearch(length);
    if (length > MAX_KEY_BYTES || !isByteString(key)) return false;
    const at = this.scratch.placeKey(type, key);
    const { openCount } = this.tables;
    const kind = this.kindAt(type, key, at, length);
    if (kind === PLAIN) throw notAnObject(type, key);
    this.budget.chargeWrite();
    if (kind === OBJECT || this.tables.isOpen(at, length)) this.tables.remove(at, length);
    if (this.tables.openCount !== openCount) this.scratch.take(length);
    return kind === OBJECT;
  }

  /** The same for the object of the call's own method. An error if the call has stored a plain value in its place. */
  removeOwn(type: string, key: string, at: number, length: number): boolean {
    if (this.kindAt(type, key, at, length) === PLAIN) throw notAnObject(type, key);
    return this.tables.remove(at, length);
  }

  /** The JSON of the object at an item key, if there is one. */
  json(key: string): string | undefined {
    const { tables } = this;
    const at = this.scratch.place(key);
    if (tables.peek(at, key.length) !== OBJECT) return undefined;
    const { openCount } = tables;
    const table = tables.open(at, key.length, false);
    if (tables.openCount !== openCount) this.scratch.take(key.length);
    if (typeof table === 'symbol') return undefined;
    this.migrations.runForShowing(key, at, table);
    return table.toJson();
  }

  /** What the call sees at the item key of an object, which is at `at`. */
  kindAt(type: string, key: string, at: number, length: number): KindOfItem {
    const pending = this.items.isChanged ? this.#pendingAt(type, key, at, length) : OBJECT;
    return pending === OBJECT ? this.tables.kind(at, length) : pending;
  }

  /** PLAIN or MISSING where the call has stored or deleted a plain value at the key; OBJECT for everything else. */
  #pendingAt(type: string, key: string, at: number, length: number): KindOfItem {
    const itemKey = `${type}$${key}`;
    const change = this.items.changeOf(itemKey);
    if (change === 'put') return PLAIN;
    if (change !== 'delete') return OBJECT;
    // From now on the deletion is one of the tables, so that an object that is made at the key comes after it.
    this.items.supersede(itemKey);
    this.tables.remove(at, length);
    return MISSING;
  }

  #make(type: string, key: string, isTentative: boolean): StoredTable {
    this.budget.chargeWrite();
    const at = this.scratch.placeKey(type, key);
    const length = type.length + 1 + key.length;
    const { openCount } = this.tables;
    if (!isTentative && this.kindAt(type, key, at, length) === PLAIN) throw notAnObject(type, key);
    const registered = this.registry.find(type);
    const isPinned = registered?.isPinned === true;
    const version = registered?.contentVersion;
    const made = isTentative
      ? this.tables.createIfWritten(at, length, isPinned, version)
      : this.tables.replace(at, length, isPinned, version);
    if (this.tables.openCount !== openCount) this.scratch.take(length);
    return made;
  }

  /** Charges for comparing a key with those of the objects that the call has opened. */
  chargeSearch(length: number): void {
    this.budget.charge(1 + ((this.tables.openCount * length) >>> COMPARED_BITS));
  }

  #demandNames(what: string, type: string, key: string): RegisteredType {
    // No type has a longer name, and the lookup would hash all of it.
    const registered = String(type).length > MAX_KEY_BYTES ? undefined : this.registry.find(type);
    if (registered === undefined) {
      throw this.refusal(`${what}: there is no type '${shown(type)}'; get cacheismo:types lists those that are loaded`);
    }
    if (typeof key !== 'string') {
      throw this.refusal(`${what} takes a string as the object's key, not ${typeof key}`);
    }
    return registered;
  }

  #demandNewKey(what: string, type: string, key: string): void {
    if (this.registry.find(type)?.rank === BUILT_IN_RANK) throw this.refusal(`${what}: ${type} has no objects`);
    const most = MAX_KEY_BYTES - type.length - 1;
    if (!isKeyText(key) || key.length > most) throw this.refusal(`${what}: ${keyRule(key, most)}`);
  }

  /** An error; creating it with its stack is charged first, so that a method cannot catch errors for free. */
  refusal(message: string): MethodError {
    this.budget.charge(ERROR_STEPS);
    return new MethodError(message);
  }
}

export function notAnObject(type: string, key: string): NotAnObjectError {
  return new NotAnObjectError(`${type}$${key} holds a plain value, not an object`);
}

/** The rule that a key breaks. */
export function keyRule(key: string, mostBytes: number): string {
  return `a key has 1 to ${mostBytes} bytes without blanks, line ends and zero bytes, unlike '${shown(key)}'`;
}

/** The start of a text from a method, for a message. */
export function shown(value: unknown): string {
  return sanitise(String(value).slice(0, 40));
}
