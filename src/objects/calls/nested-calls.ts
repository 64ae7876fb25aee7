// Calls of methods by other methods: call.invoke. They run within the client's call, with its budget, its journal, its time and its numbers.
// A failure ends the whole call, whatever the calling method catches, so that nothing of it is kept. Arguments: nested-arguments.ts.

import { InvariantError } from '../../base/assert.js';
import { latin1 } from '../../base/latin1.js';
import type { ReplyText } from '../../base/reply-text.js';
import { type StackProbe, stackProbe } from '../../base/stack-reserve.js';
import type { ArgumentSlices } from '../../tables/argument-slices.js';
import { type Budget, BudgetError, ERROR_STEPS } from '../../tables/budget.js';
import { ArgumentError, MethodError, NotAnObjectError, oneLine, RefusalError } from '../../tables/call-errors.js';
import { OBJECT, OutOfMemoryError, PLAIN, type StoredTable, type TableStore } from '../../tables/table-store.js';
import { convertArguments } from '../arguments/convert-arguments.js';
import { isKeyText, MAX_KEY_BYTES } from '../key-text.js';
import type { InvocationContext, RawResult } from '../types/loaded-type.js';
import { isMadeFor, type RegisteredMethod } from '../types/registered-type.js';
import type { Registry } from '../types/registry.js';
import { resultBytes } from './call-result.js';
import type { CallScratch } from './call-scratch.js';
import type { Migrations } from './migrations.js';
import { copyOf, fillArguments } from './nested-arguments.js';
import { keyRule, notAnObject, type OtherObjects, shown } from './other-objects.js';
import { nameOf } from './suspensions.js';
import { renamed, tame } from './thrown.js';

/** A choice: each level may use some of the stack. */
const DEEPEST = 16;
/** Measured at 2 to 4 us. */
const INVOKE_STEPS = 60;

/** What a method sees of its own call. */
export interface CallFrame {
  readonly method: RegisteredMethod;
  readonly key: string | undefined;
  readonly selfAt: number;
  readonly selfLength: number;
  readonly existed: boolean;
  readonly isNew: boolean;
  readonly abandoned: boolean;
}

/** The context whose frame changes with each call. */
interface FramedContext extends InvocationContext {
  readonly scratch: CallScratch;
  readonly migrations: Migrations;
  existed: boolean;
  isNew: boolean;
  abandoned: boolean;
  frame(): CallFrame;
  setFrame(frame: CallFrame): void;
}

interface NestedParts {
  readonly tables: TableStore;
  readonly registry: Registry;
  readonly objects: OtherObjects;
  readonly budget: Budget;
  readonly spans: ArgumentSlices;
  readonly replyText: ReplyText;
}

/** @perThread */
export class NestedCalls {
  /** 0 while the method runs that the client called. */
  depth = 0;
  private readonly demandStack: StackProbe = stackProbe();
  private readonly tables: TableStore;
  private readonly objects: OtherObjects;
  private readonly scratch: CallScratch;
  private readonly budget: Budget;
  private readonly spans: ArgumentSlices;

  constructor(
    private readonly parts: NestedParts,
    private readonly context: FramedContext,
  ) {
    this.tables = parts.tables;
    this.objects = parts.objects;
    this.scratch = context.scratch;
    this.budget = parts.budget;
    this.spans = parts.spans;
  }

  /** Starts a call of a client. */
  begin(): void {
    this.depth = 0;
  }

  /** Calls a method on the object at the key; its result as a plain value, undefined for a miss. */
  invoke(type: string, name: string, key: string, args: unknown): unknown {
    this.budget.charge(INVOKE_STEPS);
    // What restores the outer call must not fail for want of stack.
    this.demandStack(0);
    let registered: RegisteredMethod | undefined;
    try {
      const found = this.#find(type, name);
      this.#demandKey(type, key);
      registered = found;
      registered.statistics.count();
      return this.#call(registered, type, key, args);
    } catch (thrown) {
      registered?.statistics.noteError();
      // At most once a call.
      this.budget.stepsLeft -= ERROR_STEPS;
      return this.budget.endBy(failureOf(registered, tame(thrown)));
    }
  }

  #find(type: string, name: string): RegisteredMethod {
    const owner = String(type).length > MAX_KEY_BYTES ? undefined : this.parts.registry.find(type);
    if (owner === undefined) {
      throw new MethodError(
        `invoke: there is no type '${shown(type)}'; get cacheismo:types lists those that are loaded`,
      );
    }
    const registered = String(name).length > MAX_KEY_BYTES ? undefined : owner.method(name);
    if (registered === undefined) {
      throw new MethodError(`invoke: ${type} has no method '${shown(name)}'; get cacheismo:methods:${type} lists them`);
    }
    const { access } = registered.method;
    if (access === 'none') throw new MethodError(`invoke: methods of ${type} are for clients only`);
    if (access === 'original') {
      throw new MethodError(`invoke: ${type} is a script in the original's style, which only clients can call`);
    }
    if (this.depth >= DEEPEST) throw new MethodError(`invoke: calls are nested more than ${DEEPEST} deep`);
    return registered;
  }

  #demandKey(type: string, key: string): void {
    if (typeof key !== 'string') {
      throw new MethodError(`invoke takes a string as the object's key, not ${typeof key}`);
    }
    const most = MAX_KEY_BYTES - type.length - 1;
    if (key.length > most || !isKeyText(key)) throw new MethodError(`invoke: ${keyRule(key, most)}`);
  }

  #call(method: RegisteredMethod, type: string, key: string, args: unknown): unknown {
    const { spans, scratch, tables, context } = this;
    const outerArguments = spans.takeOut();
    const frame = context.frame();
    const scratchAt = scratch.at;
    const { openCount } = tables;
    this.depth++;
    try {
      fillArguments(method.method.plan, spans, args, this.budget);
      const selfAt = scratch.placeKey(type, key);
      const selfLength = type.length + 1 + key.length;
      scratch.take(selfLength);
      context.setFrame({ method, key, selfAt, selfLength, existed: false, isNew: false, abandoned: false });
      return this.#run(method, selfAt, selfLength);
    } finally {
      this.depth--;
      context.setFrame(frame);
      spans.putBack(outerArguments);
      // Objects refer to their keys until the call ends.
      if (tables.openCount === openCount) scratch.at = scratchAt;
    }
  }

  #run(registered: RegisteredMethod, selfAt: number, selfLength: number): unknown {
    const { tables, context, spans, budget } = this;
    const { method } = registered;
    const wasWritable = tables.isWritable(selfAt, selfLength);
    const self = this.#openSelf(registered, selfAt, selfLength);
    if (self === undefined) {
      // Arguments are checked whether or not there is an object.
      convertArguments(method.plan, spans);
      return undefined;
    }
    const selfNumber = tables.openCount - 1;
    tables.setWritable(selfAt, selfLength, method.access !== 'read');
    try {
      const value = this.#valueOf(method.run(self, spans, context));
      budget.demandUnspent();
      if (method.access === 'create' && (value === undefined || context.abandoned)) tables.abandon(selfNumber);
      return value;
    } finally {
      tables.setWritable(selfAt, selfLength, wasWritable);
    }
  }

  #openSelf(registered: RegisteredMethod, at: number, length: number): StoredTable | undefined {
    const { tables, context } = this;
    const { type, key } = context;
    const { owner, isPinned, contentVersion } = registered;
    const { access } = registered.method;
    const kind = this.objects.kindAt(type, key, at, length);
    if (kind === PLAIN) throw notAnObject(type, key);
    if (access === 'create') {
      context.existed = kind === OBJECT;
      return tables.replace(at, length, isPinned, contentVersion);
    }
    if (kind === OBJECT) {
      const opened = tables.open(at, length, access !== 'read', false, isPinned) as StoredTable;
      context.migrations.run(owner, at, length, key, opened);
      return opened;
    }
    if (!isMadeFor(registered)) return undefined;
    context.isNew = true;
    return tables.createIfWritten(at, length, isPinned, contentVersion);
  }

  /** The result as a value of its own: scalars as they are, anything else as a copy, by the rules of results for clients. */
  #valueOf(raw: RawResult): unknown {
    if (typeof raw === 'number' || typeof raw === 'boolean') return raw;
    const bytes: unknown = resultBytes(raw, this.budget, this.parts.replyText);
    if (bytes instanceof Uint8Array) return latin1(bytes, 0, bytes.length);
    if (bytes === undefined || typeof raw === 'string') return bytes;
    if (typeof bytes !== 'string') throw new MethodError('returned an object whose toJson does not give text');
    return copyOf(bytes, this.budget) ?? undefined;
  }
}

/** The error with which the client's call ends: it names the method that has failed. */
function failureOf(registered: RegisteredMethod | undefined, thrown: Error): Error {
  const isKept = [InvariantError, BudgetError, RefusalError, NotAnObjectError, OutOfMemoryError].some(
    (kind) => thrown instanceof kind,
  );
  if (isKept || registered === undefined) return thrown;
  const message = `${nameOf(registered)}: ${oneLine(thrown)}`;
  if (thrown instanceof ArgumentError) return new ArgumentError(message);
  return renamed(thrown, message);
}
