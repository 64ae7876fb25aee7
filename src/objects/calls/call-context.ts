// What a method can use besides `self`: time, other objects, expiry, the log. One instance serves all calls of a thread. Opening `self`:
// invocation.ts. The journal: src/tables/journal.ts.

import type { Arena, Window } from '../../arena/memory.js';
import type { Clock } from '../../base/clock.js';
import { type Hash64, hash64 } from '../../base/hash64.js';
import { isByteString, latin1, utf8Decode, utf8Encode, writeLatin1 } from '../../base/latin1.js';
import { copyWordsIn } from '../../base/words.js';
import type { Budget } from '../../tables/budget.js';
import { MethodError, NotAnObjectError, RefusalError, sanitise } from '../../tables/call-errors.js';
import { MISSING, OBJECT, PLAIN, type StoredTable, type TableStore } from '../../tables/table-store.js';
import { isKeyText, MAX_KEY_BYTES } from '../key-text.js';
import type { VirtualKey } from '../keys/virtual-key.js';
import type { InvocationContext, LegacyReply } from '../types/loaded-type.js';
import type { CallContext } from '../types/object-type.js';
import type { RegisteredMethod, Registry } from '../types/registry.js';
import { CallNumbers } from './call-numbers.js';
import type { ItemAccess } from './item-access.js';
import { OriginalReplyText } from './legacy-reply.js';
import { PlainItems } from './plain-items.js';
import { PluginCall } from './plugin-call.js';
import type { StoreItems } from './store-items.js';
import type { Log } from './type-lines.js';

export interface ContextParts {
  readonly arena: Arena;
  readonly scratch: Window;
  readonly clock: Clock;
  readonly tables: TableStore;
  readonly items: StoreItems;
  readonly registry: Registry;
  readonly log: Log;
}

/** Keys are assembled in whole words, which may write this far beyond the end. */
const WRITTEN_BEYOND_BYTES = 8;
/** Characters converted in one step, as a power of 2, and the bytes that one character may become. */
const CONVERTED_BITS = 3;
const CONVERTED_BYTES = 3;
/** Lines that one call may log: a loop must not fill the disk. */
const LOG_LINES_A_CALL = 10;

/** Of a time, a number of the sequence or a random one, which takes up to 0.3 us. */
const NUMBER_STEPS = 4;
/** Bytes hashed in one step, as a power of 2. */
const HASHED_BITS = 2;

/** Cost of an error with its stack, which was measured at up to 40 us. */
const ERROR_STEPS = 400;

/** The part of the request that scripts in the original's style can read. */
class Request {
  command = 'get';
  clientFlags = 0;
  exptimeSeconds = 0;
  noReply = false;
  dataLength: number | undefined;
  virtualAt = 0;
  virtualLength = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get virtualKey(): string {
    return latin1(this.bytes, this.virtualAt, this.virtualLength);
  }
}

/** @perThread */
export class Context implements InvocationContext {
  readonly request: Request;
  readonly reply: LegacyReply & OriginalReplyText = new OriginalReplyText();
  readonly items: ItemAccess & PlainItems;
  readonly forPlugins: CallContext;
  existed = false;
  isNew = false;
  abandoned = false;
  private readonly numbers: CallNumbers;
  /** Position of the object's item key; its length is 0 for methods without `self`. */
  selfAt = 0;
  selfLength = 0;
  /** First free byte of the scratch window. */
  scratchAt = 0;
  #virtual!: VirtualKey;
  #method!: RegisteredMethod;
  #key: string | undefined;
  #logLines = 0;
  private readonly bytes: Uint8Array;
  private readonly scratchEnd: number;

  constructor(
    private readonly parts: ContextParts,
    readonly budget: Budget,
  ) {
    this.forPlugins = new PluginCall(this);
    this.numbers = new CallNumbers(parts.clock);
    this.bytes = parts.arena.bytes;
    this.scratchEnd = parts.scratch.at + parts.scratch.size - WRITTEN_BEYOND_BYTES;
    this.request = new Request(this.bytes);
    const scratch = (bytes: number) => this.#scratch(bytes);
    const objectJson = (key: string) => this.#objectJson(key);
    this.items = new PlainItems(parts.arena, parts.items, parts.clock, budget, scratch, objectJson);
  }

  begin(method: RegisteredMethod, virtual: VirtualKey): void {
    this.#method = method;
    this.#virtual = virtual;
    this.#key = undefined;
    this.numbers.begin();
    this.#logLines = 0;
    this.existed = false;
    this.isNew = false;
    this.abandoned = false;
    this.selfLength = 0;
  }

  /** Writes the item key of the call's own object into scratch memory: `type$key`. */
  placeSelf(): void {
    const { keyPrefix } = this.#method.owner;
    const { keyAt, keyLength } = this.#virtual;
    const length = keyPrefix.length + keyLength;
    const at = this.#scratch(length);
    const { view } = this.parts.arena;
    for (let index = 0; index < keyPrefix.length; index += 4) {
      view.setInt32(at + index, keyPrefix.words[index >>> 2], true);
    }
    copyWordsIn(view, keyAt, at + keyPrefix.length, keyLength);
    this.scratchAt += length;
    this.selfAt = at;
    this.selfLength = length;
  }

  get now(): number {
    return this.numbers.unixMs / 1000;
  }

  get unixMs(): number {
    return this.numbers.unixMs;
  }

  get monotonicMs(): number {
    return this.numbers.monotonicMs;
  }

  sequence(): number {
    this.budget.charge(NUMBER_STEPS);
    return this.numbers.sequence();
  }

  random(): number {
    this.budget.charge(NUMBER_STEPS);
    return this.numbers.fraction();
  }

  hash64(bytes: string): Hash64 {
    if (typeof bytes !== 'string') throw this.#refusal(`hash64 takes a byte string, not ${typeof bytes}`);
    this.budget.charge(NUMBER_STEPS + (bytes.length >>> HASHED_BITS));
    if (!isByteString(bytes)) throw this.#refusal('hash64 takes a byte string; utf8Encode makes one of text');
    return hash64(bytes);
  }

  get key(): string {
    this.#key ??= latin1(this.bytes, this.#virtual.keyAt, this.#virtual.keyLength);
    return this.#key;
  }

  get type(): string {
    return this.#method.owner.type.name;
  }

  abandon(): void {
    if (this.#method.method.access !== 'create') throw new MethodError('abandon is for methods that create');
    this.abandoned = true;
  }

  refuse(message: string): never {
    this.budget.charge(10);
    return this.budget.endBy(new RefusalError(String(message)));
  }

  open(type: string, key: string, access: 'read' | 'write' = 'read'): StoredTable | undefined {
    if (access !== 'read' && access !== 'write') {
      throw this.#refusal(`open takes 'read' or 'write' as its access, not '${shown(access)}'`);
    }
    // No type has a longer name, and the lookup would hash all of it.
    if (String(type).length > MAX_KEY_BYTES || this.parts.registry.find(type) === undefined) {
      throw this.#refusal(`open: there is no type '${shown(type)}'; get cacheismo:types lists those that are loaded`);
    }
    if (typeof key !== 'string') throw this.#refusal(`open takes a string as the object's key, not ${typeof key}`);
    return this.openAny(type, key, access);
  }

  openAny(type: string, key: string, access: 'read' | 'write'): StoredTable | undefined {
    this.budget.charge(1);
    const length = type.length + 1 + key.length;
    // No item can have such a key.
    if (length > MAX_KEY_BYTES || !isByteString(key) || !isByteString(type)) return undefined;
    const at = this.#place(type, key, length);
    const opened = this.parts.tables.open(at, length, access === 'write');
    if (opened === MISSING) return undefined;
    if (opened === PLAIN) throw new NotAnObjectError(`${type}$${key} is not a ${type}`);
    this.scratchAt += length;
    return opened;
  }

  create(type: string, key: string): StoredTable {
    this.budget.charge(1);
    const length = type.length + 1 + key.length;
    if (length > MAX_KEY_BYTES || !isKeyText(key) || !isKeyText(type)) throw this.#refusal('key is not allowed');
    const at = this.#place(type, key, length);
    if (this.parts.tables.peek(at, length) === PLAIN) throw new NotAnObjectError(`${type}$${key} is not a ${type}`);
    this.scratchAt += length;
    this.items.supersede(type, key);
    return this.parts.tables.create(at, length);
  }

  /** Throws an error; creating it with its stack is charged first, so that a method cannot catch errors for free. */
  #refusal(message: string): MethodError {
    this.budget.charge(ERROR_STEPS);
    return new MethodError(message);
  }

  expire(seconds: number): void {
    this.#demandSelf();
    if (!(seconds >= 0 && seconds <= 0xffff_ffff)) throw new MethodError('expire takes a number of seconds from 0 on');
    // Rounded up: 0 would mean never.
    const { tables, clock } = this.parts;
    tables.expire(
      this.selfAt,
      this.selfLength,
      seconds === 0 ? 0 : Math.min(clock.now + Math.ceil(seconds), 0xffff_fffe),
    );
  }

  get ttlSeconds(): number | undefined {
    this.#demandSelf();
    const expiresAt = this.parts.tables.expiresAt(this.selfAt, this.selfLength);
    return expiresAt === 0 ? undefined : Math.max(0, expiresAt - this.parts.clock.now);
  }

  log(message: string): void {
    this.budget.charge(10);
    if (this.#logLines++ >= LOG_LINES_A_CALL) return;
    const { owner, method } = this.#method;
    this.parts.log('info', `${owner.type.name}:${method.name}: ${sanitise(String(message))}`, owner.type.name);
  }

  utf8Encode(text: string): string {
    this.budget.charge(text.length >>> CONVERTED_BITS);
    this.budget.chargeBytes(text.length * CONVERTED_BYTES);
    return utf8Encode(text);
  }

  utf8Decode(bytes: string): string {
    this.budget.charge(bytes.length >>> CONVERTED_BITS);
    this.budget.chargeBytes(bytes.length * CONVERTED_BYTES);
    return utf8Decode(bytes);
  }

  #place(type: string, key: string, length: number): number {
    const at = this.#scratch(length);
    const dollarAt = writeLatin1(type, this.bytes, at);
    this.bytes[dollarAt] = 0x24;
    writeLatin1(key, this.bytes, dollarAt + 1);
    return at;
  }

  #objectJson(key: string): string | undefined {
    const { tables } = this.parts;
    const at = this.#scratch(key.length);
    writeLatin1(key, this.bytes, at);
    if (tables.peek(at, key.length) !== OBJECT) return undefined;
    this.scratchAt += key.length;
    const table = tables.open(at, key.length, false);
    return typeof table === 'number' ? undefined : table.toJson();
  }

  /** Position of `length` free bytes of scratch memory. */
  #scratch(bytes: number): number {
    if (this.scratchAt + bytes > this.scratchEnd) throw new MethodError('opens too many objects in one call');
    return this.scratchAt;
  }

  #demandSelf(): void {
    if (this.selfLength === 0) throw new MethodError('has no object of its own');
  }
}

/** The start of a text from a method, for a message. */
function shown(value: unknown): string {
  return sanitise(String(value).slice(0, 40));
}
