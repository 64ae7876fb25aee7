// Makes the calls that virtual keys name, and reads and touches objects by their own key. Resolving keys and running methods: src/objects.
// Replies: the protocols.

import type { ReplyText } from '../base/reply-text.js';
import type { ObjectCalls } from '../objects/calls/object-calls.js';
import type { PortableObjects } from '../objects/calls/portable-objects.js';
import { CallPace, Turn } from '../objects/calls/turn.js';
import type { Store } from '../store/store.js';
import type { CallResult } from './call-outcomes.js';
import { COMMAND_NAMES, type Command } from './command-table.js';
import type { Window } from './operation-options.js';
import type { ItemRef, ReservedRef } from './outcomes.js';
import { type Principal, Right } from './rights.js';
import type { KeyResolver, UsedObjects, VirtualKeys } from './virtual-keys.js';

const NOT_PERMITTED = 'not permitted';

/** @perThread */
export class ObjectOperations implements VirtualKeys {
  readonly resolver: KeyResolver;
  readonly replyText: ReplyText;
  readonly portable: PortableObjects;
  value: string | Uint8Array = '';
  firstValue: string | Uint8Array | undefined;
  private readonly turn = new Turn();
  /** The result of reading an object's content, which is not a call. */
  private readonly contents = new CallPace(true);
  /** The result of the last call or read. */
  #pace = this.contents;

  constructor(
    private readonly calls: ObjectCalls,
    private readonly objectStore: Store,
    private readonly bytes: Uint8Array,
    private readonly work: Window,
  ) {
    this.resolver = calls.virtual;
    this.replyText = calls.replyText;
    this.portable = calls.portable;
  }

  beginTurn(): void {
    this.turn.begin();
  }

  permits({ calls, rights }: Principal): boolean {
    const { method, owner } = this.calls.method;
    const isReading = method.access === 'read' || method.access === 'none';
    const needed = method.isForOperators ? Right.admin : isReading ? Right.read : Right.write;
    if ((rights & needed) !== 0) return true;
    if (calls?.allows(owner.type.name, method.name)) return true;
    this.value = NOT_PERMITTED;
    this.firstValue = undefined;
    return false;
  }

  noteUse(noted: UsedObjects): void {
    const { keyAt, keyLength, method } = this.calls.virtual;
    const { access } = method.method;
    noted.noteCall(method.owner.type.name, keyAt, access === 'none' ? 0 : keyLength, access === 'read');
  }

  retrieve(command: Command, exptime: number): CallResult {
    this.#begin();
    return this.#end(this.calls.retrieve(COMMAND_NAMES[command] as string, exptime));
  }

  store(
    command: Command,
    clientFlags: number,
    exptime: number,
    isQuiet: boolean,
    valueAt: number,
    valueLength: number,
  ): CallResult {
    this.#begin();
    const name = COMMAND_NAMES[command] as string;
    return this.#end(this.calls.store(name, clientFlags, exptime, isQuiet, valueAt, valueLength));
  }

  storeReserved(
    command: Command,
    clientFlags: number,
    exptime: number,
    isQuiet: boolean,
    reserved: ReservedRef,
    valueLength: number,
  ): CallResult {
    const data = this.#takeOut(reserved, valueLength);
    this.#begin();
    const name = COMMAND_NAMES[command] as string;
    return this.#end(this.calls.store(name, clientFlags, exptime, isQuiet, 0, valueLength, data));
  }

  content(keyAt: number, keyLength: number, expiresAt: number | undefined): CallResult {
    this.#pace = this.contents;
    return this.#end(this.calls.content(keyAt, keyLength, expiresAt));
  }

  touch(keyAt: number, keyLength: number, expiresAt: number): boolean {
    return this.calls.touch(keyAt, keyLength, expiresAt);
  }

  isTurnOver(): boolean {
    return this.turn.isOver(this.#pace, this.calls.invocation.budget.stepsUsed);
  }

  #begin(): void {
    const { pace } = this.calls.method;
    this.#pace = pace;
    this.turn.noteStart(pace);
    this.calls.invocation.context.numbers.isTimeKept = this.turn.isUnderWay;
  }

  #end({
    kind,
    value,
    firstValue,
  }: {
    kind: CallResult;
    value: string | Uint8Array;
    firstValue: string | Uint8Array | undefined;
  }): CallResult {
    this.value = value;
    this.firstValue = firstValue;
    return kind;
  }

  /** Copies a received data block out of the arena, in pieces through the work window. */
  #takeOut(reserved: ReservedRef, length: number): Uint8Array {
    const { bytes, objectStore: store } = this;
    const data = new Uint8Array(length);
    const { at, size: room } = this.work;
    for (let offset = 0; offset < length; offset += room) {
      const part = Math.min(room, length - offset);
      store.copyValue(reserved as number as ItemRef, offset, part, at);
      data.set(bytes.subarray(at, at + part), offset);
    }
    // Released first: the call may need the memory.
    store.release(reserved);
    return data;
  }
}
