// Calls a method on an object: opens it, runs the method within its budget, commits its writes or rolls them back, and returns the
// outcome. Finding the method: keys/virtual-key.ts. The reply: src/protocols.

import { performance } from 'node:perf_hooks';
import type { Activity } from '../../base/activity.js';
import { InvariantError } from '../../base/assert.js';
import { latin1 } from '../../base/latin1.js';
import { ArgumentSlices } from '../../tables/argument-slices.js';
import { Budget, BudgetError, type BudgetLimits } from '../../tables/budget.js';
import {
  ArgumentError,
  MethodError,
  NotAnObjectError,
  oneLine,
  PinnedLimitError,
  RefusalError,
  UnknownMethodError,
} from '../../tables/call-errors.js';
import { MISSING, OBJECT, OutOfMemoryError, PLAIN, type StoredTable } from '../../tables/table-store.js';
import { convertArguments } from '../arguments/convert-arguments.js';
import { hasWordEnd } from '../key-text.js';
import { decodePercent, type VirtualKey } from '../keys/virtual-key.js';
import type { MethodPlan } from '../types/parameter-plan.js';
import { isMadeFor, type RegisteredMethod } from '../types/registered-type.js';
import { Context } from './call-context.js';
import { OBJECT_METRICS } from './call-metrics.js';
import { CallOutcome, OutcomeKind, resultBytes } from './call-result.js';
import type { ContextParts } from './context-parts.js';
import { FailureLog } from './failure-log.js';
import { FailureRing } from './failure-ring.js';
import { notAnObject } from './other-objects.js';
import { SlowCalls } from './slow-calls.js';
import { nameOf, Suspensions } from './suspensions.js';
import { tame } from './thrown.js';

const CACHE_MISS = 'ERROR_CACHE_MISS';
/** The number of the call's own object among those that it opens. */
const SELF_NUMBER = 0;

export interface InvocationParts extends ContextParts {
  readonly budget: BudgetLimits;
  /** The last failures of all threads. */
  readonly failures?: FailureRing;
  /** Publishes which call runs, for the stall watch. */
  readonly activity: Activity;
}

/** The data block of a storage command. */
export interface DataBlock {
  readonly at: number;
  readonly length: number;
  /** The bytes that `at` refers to, if not the arena's. */
  readonly source?: Uint8Array | undefined;
}

/** @perThread */
export class Invocation {
  readonly outcome = new CallOutcome();
  readonly budget: Budget;
  readonly context: Context;
  /** The arguments of the call. */
  readonly spans: ArgumentSlices;
  private readonly activity: Activity;
  readonly failures: FailureLog;
  readonly suspensions: Suspensions;
  private readonly slowCalls: SlowCalls;

  constructor(private readonly parts: InvocationParts) {
    this.spans = new ArgumentSlices(parts.arena);
    this.budget = new Budget(parts.budget);
    this.spans.budget = this.budget;
    this.context = new Context(parts, this.budget, this.spans);
    this.context.reply.limitBytes = parts.resultLimitBytes;
    this.activity = parts.activity;
    this.failures = new FailureLog(parts.log, parts.clock, parts.failures ?? new FailureRing());
    this.suspensions = new Suspensions(parts);
    this.slowCalls = new SlowCalls(parts.arena, parts.clock, this.budget, this.spans);
  }

  /** Calls the resolved method. `exptimeSeconds` as the client sent it; 0 leaves the object's expiry alone. */
  call(virtual: VirtualKey, data: DataBlock | undefined, exptimeSeconds: number): CallOutcome {
    const registered = virtual.method;
    const { statistics } = registered;
    this.parts.metrics.add(OBJECT_METRICS.object_calls, 1);
    this.budget.reset();
    const startedMs = statistics.start(this.slowCalls.rate) ? performance.now() : 0;
    this.activity.beginCall(virtual.wholeAt, virtual.wholeLength);
    if (!statistics.isSuspended || !this.#refuses(registered, virtual, data)) {
      this.#attempt(registered, virtual, data, exptimeSeconds);
    }
    this.activity.endCall();
    if (startedMs !== 0 || this.budget.isTimed) this.slowCalls.end(virtual, startedMs, this.outcome.kind);
    return this.outcome;
  }

  /** Sets the outcome of a call that is refused because its method is suspended. */
  #refuses(registered: RegisteredMethod, virtual: VirtualKey, data: DataBlock | undefined): boolean {
    const reason = this.suspensions.refusalOf(registered, data?.length ?? 0, virtual.keyHash());
    if (reason === undefined) return false;
    this.#fail(registered, OutcomeKind.clientError, `${nameOf(registered)}: ${reason}`);
    return true;
  }

  #attempt(registered: RegisteredMethod, virtual: VirtualKey, data: DataBlock | undefined, exptime: number): void {
    const { tables } = this.parts;
    const { context } = this;
    let open = false;
    try {
      this.#takeArguments(registered, virtual, data);
      tables.begin(this.budget, this.spans);
      open = true;
      context.begin(registered, virtual);
      const lasting = this.#run(registered, exptime);
      if (lasting) {
        const { items } = context;
        // Everything that can fail comes before the first commit: the call's objects and plain items are committed together or not at all.
        if (items.isChanged) tables.protecting(() => items.prepare());
        // A commit that throws has rolled back.
        open = false;
        tables.commit(registered.method.usesReserve === true ? 'pinnedBefore' : 'none');
        if (items.isChanged) items.commit();
      }
    } catch (thrown) {
      this.#report(registered, virtual, data, tame(thrown));
    }
    if (open) tables.rollback();
    context.items.clear();
  }

  /** Runs the method and records the outcome; false when the call must be rolled back. */
  #run(registered: RegisteredMethod, exptime: number): boolean {
    const { method } = registered;
    const { context } = this;
    let self: StoredTable | undefined;
    if (method.access === 'original') context.reply.clear();
    else if (method.access !== 'none') {
      const opened = this.#openSelf(registered);
      if (opened === MISSING) {
        // Arguments are checked whether or not there is an object.
        convertArguments(method.plan, this.spans);
        if (registered.owner.type.missing === 'value') this.outcome.set(OutcomeKind.missing, CACHE_MISS);
        else this.outcome.set(OutcomeKind.absent, '');
        return false;
      }
      self = opened;
    }
    const value: unknown = resultBytes(method.run(self, this.spans, context), this.budget, this.parts.replyText);
    this.budget.demandUnspent();
    if (value !== undefined && typeof value !== 'string' && !(value instanceof Uint8Array)) {
      throw new MethodError('returned an object whose toJson does not give text');
    }
    if (value !== undefined && value.length > this.parts.resultLimitBytes) throw this.#tooLong(value.length);
    if (method.access === 'original') this.#noteOriginal();
    else if (value === undefined) this.outcome.set(OutcomeKind.nothing, '');
    else this.outcome.set(OutcomeKind.result, value);
    if (self === undefined) return true;
    if (method.access === 'create' && (value === undefined || context.abandoned))
      this.parts.tables.abandon(SELF_NUMBER);
    else if (exptime !== 0) this.#expireSelf(exptime);
    return true;
  }

  /** The method may have removed the object. */
  #expireSelf(exptime: number): void {
    const { tables, clock } = this.parts;
    const { selfAt, selfLength } = this.context;
    if (tables.isOpen(selfAt, selfLength)) tables.expire(selfAt, selfLength, clock.fromClient(exptime));
  }

  #tooLong(bytes: number): MethodError {
    return new MethodError(
      `returned ${bytes} bytes, more than ${this.parts.resultLimitBytes}: return less, or raise -I`,
    );
  }

  #openSelf(registered: RegisteredMethod): StoredTable | typeof MISSING {
    const { tables } = this.parts;
    const { context } = this;
    context.placeSelf();
    const { access } = registered.method;
    const opened =
      access === 'create'
        ? tables.peek(context.selfAt, context.selfLength)
        : tables.open(context.selfAt, context.selfLength, access !== 'read', true, registered.isPinned);
    if (opened === PLAIN) throw notAnObject(registered.owner.type.name, context.key);
    if (access === 'create') {
      context.existed = opened === OBJECT;
      return tables.create(context.selfAt, context.selfLength, registered.isPinned, registered.contentVersion);
    }
    if (opened !== MISSING) return this.#migrated(registered, opened as StoredTable);
    if (!isMadeFor(registered)) return MISSING;
    context.isNew = true;
    const made = tables.createIfWritten(
      context.selfAt,
      context.selfLength,
      registered.isPinned,
      registered.contentVersion,
    );
    if (access === 'read') tables.setWritable(context.selfAt, context.selfLength, false);
    return made;
  }

  #migrated({ owner, contentVersion }: RegisteredMethod, self: StoredTable): StoredTable {
    const { selfAt, selfLength, migrations } = this.context;
    if (this.parts.tables.versions.first() !== contentVersion) {
      migrations.run(owner, selfAt, selfLength, this.context.key, self);
    }
    return self;
  }

  #noteOriginal(): void {
    const { reply } = this.context;
    this.outcome.set(OutcomeKind.original, reply.take());
    this.outcome.firstValue = reply.firstValue;
  }

  /** Puts the arguments into the spans, decoded. */
  #takeArguments({ method }: RegisteredMethod, virtual: VirtualKey, data: DataBlock | undefined): void {
    const spans = this.spans;
    const { plan, access } = method;
    const reserved = data !== undefined && data.length > 0 ? 1 : 0;
    spans.clear();
    this.context.scratch.begin();
    const all = access === 'none' ? virtual.splitAll(spans) : virtual.split(spans, plan, reserved);
    if (virtual.keyLength === 0 && access !== 'none') throw new ArgumentError('key is required');
    if (!all) throw new ArgumentError('too many arguments');
    if (virtual.isEncoded && access !== 'original') this.#decode(virtual);
    // A client of the binary protocol, or of meta with base64, can send one that is not escaped.
    if (access !== 'none' && hasWordEnd(this.parts.arena.view, virtual.keyAt, virtual.keyLength)) {
      throw new ArgumentError('key must not contain a blank, a line end or a zero byte, escaped or not');
    }
    if (data === undefined) return;
    if (spans.count >= plan.blockIsLastFrom) spans.leaveOut(plan.maximum - 1);
    if (takesBlock(plan, spans.count, data) && !spans.add(data.at, data.length, data.source)) {
      throw new ArgumentError('too many arguments');
    }
  }

  #decodeKey(virtual: VirtualKey): void {
    const { scratch } = this.context;
    const to = scratch.at;
    const length = decodePercent(this.parts.arena.view, virtual.keyAt, virtual.keyLength, to);
    if (length < 0) return;
    virtual.keyAt = to;
    virtual.keyLength = length;
    scratch.take(length);
  }

  #decode(virtual: VirtualKey): void {
    const spans = this.spans;
    const { scratch } = this.context;
    if (virtual.method.method.access !== 'none') this.#decodeKey(virtual);
    for (let index = 0; index < spans.count; index++) {
      const to = scratch.at;
      const length = decodePercent(this.parts.arena.view, spans.at(index), spans.length(index), to);
      if (length < 0) continue;
      spans.move(index, to, length);
      scratch.take(length);
    }
  }

  #report(registered: RegisteredMethod, virtual: VirtualKey, data: DataBlock | undefined, thrown: Error): void {
    // A bug of the server must not look like a failing method.
    if (thrown instanceof InvariantError) throw thrown;
    const name = nameOf(registered);
    if (thrown instanceof ArgumentError || thrown instanceof NotAnObjectError) {
      this.#fail(registered, OutcomeKind.clientError, `${name}: ${oneLine(thrown)}`);
    } else if (thrown instanceof RefusalError) {
      this.parts.metrics.add(OBJECT_METRICS.object_refusals, 1);
      this.outcome.set(OutcomeKind.clientError, `${name}: ${oneLine(thrown)}`);
    } else if (thrown instanceof UnknownMethodError) {
      this.#fail(registered, OutcomeKind.clientError, oneLine(thrown));
    } else {
      const isFull = thrown instanceof OutOfMemoryError;
      const message = isFull ? 'out of memory' : oneLine(thrown);
      this.#fail(registered, isFull ? OutcomeKind.serverError : OutcomeKind.clientError, `${name}: ${message}`);
      if (thrown instanceof PinnedLimitError) this.parts.metrics.add(OBJECT_METRICS.object_pinned_refusals, 1);
      if (thrown instanceof BudgetError) {
        this.suspensions.noteKill(registered, data?.length ?? 0, virtual.keyHash());
      }
      this.failures.note(registered, thrown, message, () =>
        latin1(this.parts.arena.bytes, virtual.wholeAt, virtual.wholeLength),
      );
    }
  }

  #fail({ statistics }: RegisteredMethod, kind: OutcomeKind, message: string): void {
    statistics.noteError();
    this.parts.metrics.add(OBJECT_METRICS.object_errors, 1);
    this.outcome.set(kind, message);
  }
}

/** An empty block is an argument only where a string parameter has none yet: `set set:new:k 0 0 0` gives no argument. */
function takesBlock(plan: MethodPlan, count: number, data: DataBlock): boolean {
  return data.length > 0 || plan.parameters[count]?.schema.type === 'string';
}
