// The common frame around the runs of every protocol: the output windows, the parts of replies, the time limit of a run. One per thread,
// shared by its protocols.

import type { Operations } from '../operations/operations.js';
import type { ItemRef } from '../operations/outcomes.js';
import type { ByteWindow, ProtocolWindows } from './protocol.js';
import { ReplyOutput } from './reply-output.js';
import type { ReplyParts } from './reply-parts.js';
import { CONTINUE, Outcome, type ProtocolRun, type Step } from './run.js';
import { ValueOutput } from './value-output.js';

/** Consecutive replies start at whole words. */
const ALIGNMENT_BYTES = 8;

/** Steps between two reads of the clock. Reading it takes as long as half a request, hence 3 %. */
const STEPS_PER_TIME_CHECK = 16;

/** Any reply except a value or a long text needs at most this: a header with its key and numbers, or an error line. */
export const REPLY_ROOM_BYTES = 2048;

interface ShellWindows {
  readonly input: ByteWindow;
  readonly output: ByteWindow;
}

/** @perThread */
export class ProtocolShell implements ProtocolWindows {
  readonly input: ByteWindow;
  readonly replies: ReplyOutput;
  readonly values: ValueOutput;
  private readonly store: Operations['store'];
  private readonly runBudgetMs: number;
  #output: ByteWindow;
  #parts: ReplyParts | undefined;
  /** Start of the reply of the current run. */
  #replyAt = 0;
  #steps = 0;
  #deadline = 0;

  constructor(
    readonly operations: Operations,
    { input, output }: ShellWindows,
  ) {
    this.input = input;
    this.#output = output;
    this.replies = new ReplyOutput(operations.bytes);
    this.values = new ValueOutput(this.replies, operations);
    this.store = operations.store;
    this.runBudgetMs = operations.options.runBudgetMs;
  }

  get output(): ByteWindow {
    return this.#output;
  }

  useOutput(at: number, size: number, parts?: ReplyParts): void {
    this.#output = { at, size };
    this.#parts = parts;
  }

  releaseParts(parts: ReplyParts): void {
    for (let index = 0; index < parts.itemCount; index++) this.store.unpin(parts.items[index] as ItemRef);
    parts.clear();
  }

  /** Before the runs of a batch. */
  beginBatch(): void {
    this.#replyAt = this.#output.at;
    this.operations.virtualKeys?.beginTurn();
  }

  /** Before each run. */
  beginRun(): void {
    const { at, size } = this.#output;
    this.store.tick();
    // Earlier replies have been sent; otherwise the transport would have switched to another window.
    if (this.#parts !== undefined && this.#parts.count > 0) this.releaseParts(this.#parts);
    this.replies.open(this.#replyAt, at + size - this.#replyAt, this.#parts);
    this.#steps = STEPS_PER_TIME_CHECK;
    this.#deadline = 0;
  }

  /** Call before each step of a run, which is one request or a part of one. Returns CONTINUE, with room for REPLY_ROOM_BYTES, or the reason
      why the run has to end. */
  beginStep(): Step {
    if (this.replies.room < REPLY_ROOM_BYTES) return Outcome.OUTPUT_FULL;
    return this.#steps-- === 0 && this.#isTimeUp() ? Outcome.YIELD : CONTINUE;
  }

  /** After each run: whether another may follow in this output window. */
  endRun(run: ProtocolRun, outcome: Outcome, consumed: number): boolean {
    const length = this.replies.close();
    const hasParts = this.#parts !== undefined && this.#parts.count > 0;
    run.consumed = consumed;
    run.outcome = outcome;
    run.replyAt = this.#replyAt;
    run.replyLength = length;
    run.hasParts = hasParts;
    if (outcome !== Outcome.NEED_INPUT || hasParts) return false;
    this.#replyAt += (length + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
    return (this.#replyAt - this.#output.at) * 2 < this.#output.size;
  }

  #isTimeUp(): boolean {
    this.#steps = STEPS_PER_TIME_CHECK - 1;
    const now = Date.now();
    if (this.#deadline > 0) return now >= this.#deadline;
    this.#deadline = now + this.runBudgetMs;
    return false;
  }
}
