// What a method can use besides `self`: time, expiry, the log, and what other-objects.ts, call-values.ts and nested-calls.ts do. One instance
// serves all calls of a thread. Opening `self`: invocation.ts. The journal: src/tables/journal.ts.

import { MOST_TTL_SECONDS } from '../../base/clock.js';
import { type Hash64, hash64 } from '../../base/hash64.js';
import { isByteString, latin1, utf8Decode, utf8Encode } from '../../base/latin1.js';
import { copyWordsIn } from '../../base/words.js';
import type { ArgumentSlices } from '../../tables/argument-slices.js';
import type { Budget } from '../../tables/budget.js';
import { MethodError, RefusalError, sanitise } from '../../tables/call-errors.js';
import type { Key } from '../../tables/table.js';
import type { StoredTable } from '../../tables/table-store.js';
import type { VirtualKey } from '../keys/virtual-key.js';
import type { InvocationContext, LegacyReply } from '../types/loaded-type.js';
import type { CallContext, Joined, OpenAccess, Settings, Value, Words } from '../types/object-type.js';
import type { RegisteredMethod } from '../types/registered-type.js';
import { NO_SETTINGS } from '../types/type-settings.js';
import { CallNumbers } from './call-numbers.js';
import { CallScratch } from './call-scratch.js';
import { CallValues } from './call-values.js';
import { joined } from './call-words.js';
import type { ContextParts } from './context-parts.js';
import type { ItemAccess } from './item-access.js';
import { OriginalReplyText } from './legacy-reply.js';
import { LegacyRequest } from './legacy-request.js';
import { Migrations } from './migrations.js';
import { type CallFrame, NestedCalls } from './nested-calls.js';
import { OtherObjects } from './other-objects.js';
import { PlainItems } from './plain-items.js';
import { PluginCall } from './plugin-call.js';

/** Characters converted in one step, as a power of 2, and the bytes that one character may become. */
const CONVERTED_BITS = 3;
const CONVERTED_BYTES = 3;
/** Lines that one call may log: a loop must not fill the disk. */
const LOG_LINES_A_CALL = 10;

/** Of a time, a number of the sequence or a random one, which takes up to 0.3 us. */
const NUMBER_STEPS = 4;
/** Of an error without a stack, and of ending the call by it. */
const REFUSAL_STEPS = 600;
/** Bytes hashed in one step, as a power of 2. */
const HASHED_BITS = 2;

/** @perThread */
export class Context implements InvocationContext {
  readonly request: LegacyRequest;
  readonly reply: LegacyReply & OriginalReplyText = new OriginalReplyText();
  readonly items: ItemAccess & PlainItems;
  readonly forPlugins: CallContext;
  readonly scratch: CallScratch;
  readonly migrations: Migrations;
  readonly resultLimitBytes: number;
  private readonly objects: OtherObjects;
  private readonly values: CallValues;
  private readonly nested: NestedCalls;
  existed = false;
  isNew = false;
  abandoned = false;
  readonly numbers: CallNumbers;
  /** Position of the object's item key; its length is 0 for methods without `self`. */
  selfAt = 0;
  selfLength = 0;
  #virtual!: VirtualKey;
  #method!: RegisteredMethod;
  #key: string | undefined;
  #logLines = 0;
  private readonly bytes: Uint8Array;

  constructor(
    private readonly parts: ContextParts,
    readonly budget: Budget,
    spans: ArgumentSlices,
  ) {
    const { tables, registry, clock, replyText } = parts;
    this.forPlugins = new PluginCall(this);
    this.numbers = new CallNumbers(clock);
    this.bytes = parts.arena.bytes;
    this.resultLimitBytes = parts.resultLimitBytes;
    this.request = new LegacyRequest(this.bytes);
    this.scratch = new CallScratch(parts.arena, parts.scratch);
    const scratch = (bytes: number) => this.scratch.free(bytes);
    const objectJson = (key: string) => this.objects.json(key);
    this.items = new PlainItems(parts.arena, parts.items, clock, budget, scratch, objectJson);
    this.migrations = new Migrations(parts, this);
    this.objects = new OtherObjects(tables, registry, this.items, this.scratch, this.migrations, budget);
    this.values = new CallValues(tables, this.items, this.objects, this.scratch, clock, budget);
    this.nested = new NestedCalls({ tables, registry, objects: this.objects, budget, spans, replyText }, this);
  }

  begin(method: RegisteredMethod, virtual: VirtualKey): void {
    this.#method = method;
    this.#virtual = virtual;
    this.#key = undefined;
    this.numbers.begin();
    this.#logLines = 0;
    this.nested.begin();
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
    const at = this.scratch.free(length);
    const { view } = this.parts.arena;
    for (let index = 0; index < keyPrefix.length; index += 4) {
      view.setInt32(at + index, keyPrefix.words[index >>> 2], true);
    }
    copyWordsIn(view, keyAt, at + keyPrefix.length, keyLength);
    this.scratch.take(length);
    this.selfAt = at;
    this.selfLength = length;
  }

  /** What the method sees of its call, to be set again after a call within it. */
  frame(): CallFrame {
    const { selfAt, selfLength, existed, isNew, abandoned } = this;
    return { method: this.#method, key: this.#key, selfAt, selfLength, existed, isNew, abandoned };
  }

  setFrame({ method, key, selfAt, selfLength, existed, isNew, abandoned }: CallFrame): void {
    this.#method = method;
    this.#key = key;
    this.selfAt = selfAt;
    this.selfLength = selfLength;
    this.existed = existed;
    this.isNew = isNew;
    this.abandoned = abandoned;
  }

  get isNested(): boolean {
    return this.nested.depth > 0;
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

  randomKey(table: unknown): Key | undefined {
    this.budget.charge(NUMBER_STEPS);
    const { randomKey } = (table ?? {}) as Partial<StoredTable>;
    if (typeof randomKey !== 'function') throw this.objects.refusal('randomKey takes a table, such as self');
    return randomKey.call(table, () => this.numbers.fraction());
  }

  hash64(bytes: string): Hash64 {
    if (typeof bytes !== 'string') throw this.objects.refusal(`hash64 takes a byte string, not ${typeof bytes}`);
    this.budget.charge(NUMBER_STEPS + (bytes.length >>> HASHED_BITS));
    if (!isByteString(bytes)) throw this.objects.refusal('hash64 takes a byte string; utf8Encode makes one of text');
    return hash64(bytes);
  }

  get key(): string {
    this.#key ??= latin1(this.bytes, this.#virtual.keyAt, this.#virtual.keyLength);
    return this.#key;
  }

  get type(): string {
    return this.#method.owner.type.name;
  }

  get config(): Settings {
    return this.#method.owner.type.config ?? NO_SETTINGS;
  }

  abandon(): void {
    if (this.#method.method.access !== 'create') throw new MethodError('abandon is for methods that create');
    this.abandoned = true;
  }

  refuse(message: string): never {
    this.budget.charge(REFUSAL_STEPS);
    const name = this.isNested ? `${this.type}:${this.#method.method.name}: ` : '';
    return this.budget.endBy(new RefusalError(`${name}${String(message)}`));
  }

  open(type: string, key: string, access: OpenAccess = 'read'): StoredTable | undefined {
    return this.objects.open(type, key, access);
  }

  openAny(type: string, key: string, access: 'read' | 'write'): StoredTable | undefined {
    return this.objects.openAny(type, key, access);
  }

  exists(type: string, key: string): boolean {
    return this.objects.exists(type, key);
  }

  create(type: string, key: string): StoredTable {
    return this.objects.create(type, key);
  }

  createAny(type: string, key: string): StoredTable {
    return this.objects.createAny(type, key);
  }

  remove(type?: string, key?: string): boolean {
    if (type !== undefined || key !== undefined) return this.objects.remove(type as string, key as string);
    this.#demandSelf();
    if (this.#method.method.access === 'read') throw this.objects.refusal('the object is open for reading only');
    this.budget.chargeWrite();
    return this.objects.removeOwn(this.type, this.key, this.selfAt, this.selfLength);
  }

  invoke(type: string, method: string, key: string, args?: unknown): Value | undefined {
    return this.nested.invoke(type, method, key, args) as Value | undefined;
  }

  value(key: string): string | undefined {
    return this.values.value(key);
  }

  setValue(key: string, bytes: string, seconds?: number): void {
    this.values.setValue(key, bytes, seconds);
  }

  deleteValue(key: string): boolean {
    return this.values.deleteValue(key);
  }

  expire(seconds: number): void {
    this.#demandSelf();
    if (!(seconds >= 0 && seconds <= MOST_TTL_SECONDS)) {
      throw new MethodError('expire takes seconds from 0 to 2^32 - 1');
    }
    this.parts.tables.expire(this.selfAt, this.selfLength, this.parts.clock.fromTtl(seconds));
  }

  pin(): void {
    this.#setPin(true);
  }

  unpin(): void {
    if (this.#method.isPinned) throw this.objects.refusal(`unpin: the retention of type ${this.type} is pinned`);
    this.#setPin(false);
  }

  #setPin(isPinned: boolean): void {
    this.#demandSelf();
    this.budget.charge(1);
    this.parts.tables.pin(this.selfAt, this.selfLength, isPinned);
  }

  get ttlSeconds(): number | undefined {
    this.#demandSelf();
    const expiresAt = this.parts.tables.expiresAt(this.selfAt, this.selfLength);
    return expiresAt === 0 ? undefined : Math.max(0, expiresAt - this.parts.clock.now);
  }

  words<const Values extends Words>(...values: Values): Joined<Values> {
    return joined(values, this.parts.replyText, this.budget);
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

  #demandSelf(): void {
    if (this.selfLength === 0) throw new MethodError('has no object of its own');
  }
}
