// The `call` argument of methods in TypeScript: what object-type.ts promises, and no access to the server's internals. Scripts:
// lua-call-handle.ts.

import type { InvocationContext } from '../types/loaded-type.js';
import type { CallContext, Joined, Key, OpenAccess, Settings, Table, Value, Words } from '../types/object-type.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

export class PluginCall implements CallContext {
  readonly #context: InvocationContext;

  constructor(context: InvocationContext) {
    this.#context = context;
  }

  get now(): number {
    return this.#context.now;
  }

  get key(): string {
    return this.#context.key;
  }

  get type(): string {
    return this.#context.type;
  }

  get config(): Settings {
    return this.#context.config;
  }

  get existed(): boolean {
    return this.#context.existed;
  }

  get isNew(): boolean {
    return this.#context.isNew;
  }

  get unixMs(): number {
    return this.#context.unixMs;
  }

  get monotonicMs(): number {
    return this.#context.monotonicMs;
  }

  get ttlSeconds(): number | undefined {
    return this.#context.ttlSeconds;
  }

  get resultLimitBytes(): number {
    return this.#context.resultLimitBytes;
  }

  sequence(): number {
    return this.#context.sequence();
  }

  random(): number {
    return this.#context.random();
  }

  randomKey(table: Pick<Table, 'keys'>): Key | undefined {
    return this.#context.randomKey(table);
  }

  hash64(bytes: string): readonly [high: number, low: number] {
    return this.#context.hash64(bytes);
  }

  refuse(message: string): never {
    return this.#context.refuse(message);
  }

  open(type: string, key: string, access: 'upsert'): Table;
  open(type: string, key: string, access?: OpenAccess): Table | undefined;
  open(type: string, key: string, access?: OpenAccess): Table | undefined {
    return this.#context.open(type, key, access);
  }

  exists(type: string, key: string): boolean {
    return this.#context.exists(type, key);
  }

  create(type: string, key: string): Table {
    return this.#context.create(type, key);
  }

  remove(type?: string, key?: string): boolean {
    return this.#context.remove(type, key);
  }

  invoke(type: string, method: string, key: string, args?: Readonly<Record<string, unknown>>): Value | undefined {
    return this.#context.invoke(type, method, key, args);
  }

  value(key: string): string | undefined {
    return this.#context.value(key);
  }

  setValue(key: string, bytes: string, seconds?: number): void {
    this.#context.setValue(key, bytes, seconds);
  }

  deleteValue(key: string): boolean {
    return this.#context.deleteValue(key);
  }

  expire(seconds: number): void {
    this.#context.expire(seconds);
  }

  pin(): void {
    this.#context.pin();
  }

  unpin(): void {
    this.#context.unpin();
  }

  abandon(): void {
    this.#context.abandon();
  }

  words<const Values extends Words>(...values: Values): Joined<Values> {
    return this.#context.words(...values);
  }

  log(message: string): void {
    this.#context.log(message);
  }

  utf8Encode(text: string): string {
    return this.#context.utf8Encode(text);
  }

  utf8Decode(bytes: string): string {
    return this.#context.utf8Decode(bytes);
  }

  toJSON(): object {
    const { type, key, now, existed } = this;
    return { type, key, now, existed };
  }

  [INSPECT](): object {
    return this.toJSON();
  }
}
