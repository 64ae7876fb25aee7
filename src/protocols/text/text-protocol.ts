// One engine: takes the bytes that a connection sent, serves the requests in them one after the other and leaves the
// replies in an output window. It knows no sockets; a transport feeds it. One per data thread.

import { type Notes, shownBytes } from '../../base/notes.js';
import { COMMAND_METRICS } from '../../operations/operation-metrics.js';
import type { Window } from '../../operations/operation-options.js';
import type { ItemRef, Store } from '../../store/store.js';
import { ErrorIds, errorText } from '../error-lines.js';
import type { ReplyParts } from '../reply-parts.js';
import { CONTINUE, type EngineRun, Outcome, type Step } from '../run.js';
import { continueText } from '../value-output.js';
import { continueListing } from './pending-reply.js';
import { REPLY_ROOM_BYTES } from './reply-encoder.js';
import { continueItem, continueList, releaseItem } from './retrieval.js';
import { continueSwallow, continueValue, releaseValue } from './storage.js';
import { CommandContext, type ContextParts } from './text-context.js';
import { DISPATCH, type Handler } from './text-dispatch.js';
import { Parsed } from './text-parser.js';
import { Command } from './text-request.js';
import { type IncomingValue, Mode, Session } from './text-session.js';

export interface EngineParts extends ContextParts {
  readonly input: Window;
  readonly output: Window;
}

/** Replies that lie one behind the other begin at whole words. */
const ALIGNMENT_BYTES = 8;

/** How many requests are served before the engine looks at the time. */
const STEPS_PER_TIME_CHECK = 16;

/** @perThread */
export class Engine {
  readonly input: Window;
  /** Position up to which the input of the last run is used; the rest is to be presented again, followed by new bytes. */
  consumed = 0;
  /** Bytes of reply: at the start of the output window, or among its parts where there are any. */
  outputLength = 0;
  /** Why the last run ended. */
  outcome: Outcome = Outcome.NEED_INPUT;
  private readonly context: CommandContext;
  private readonly store: Store;
  private readonly runBudgetMs: number;
  private readonly notes: Notes;
  #output: Window;
  #parts: ReplyParts | undefined;

  constructor(parts: EngineParts) {
    this.input = parts.input;
    this.#output = parts.output;
    this.context = new CommandContext(parts);
    this.store = parts.store;
    this.runBudgetMs = parts.options.runBudgetMs;
    this.notes = parts.options.notes;
  }

  get output(): Window {
    return this.#output;
  }

  /** Where the next run leaves its replies, at least a few KB; with parts, large values are only referred to. */
  useOutput(at: number, size: number, parts?: ReplyParts): void {
    this.#output = { at, size };
    this.#parts = parts;
  }

  /** A reply is sent: the items in its parts may change again. */
  releaseParts(parts: ReplyParts): void {
    for (let index = 0; index < parts.itemCount; index++) this.store.unpin(parts.items[index] as ItemRef);
    parts.clear();
  }

  open(): Session {
    return new Session();
  }

  /** Serves the requests in [from, to); `consumed`, `outputLength` and `outcome` tell how far it came. */
  run(session: Session, from: number, to: number): void {
    this.context.virtualKeys?.beginTurn();
    this.#run(session, from, to, this.#output.at, this.#output.size);
  }

  #run(session: Session, from: number, to: number, replyAt: number, replyRoom: number): void {
    const context = this.context;
    const { reply } = context;
    this.store.tick();
    // Sent, since otherwise another window would have taken this one's place.
    if (this.#parts !== undefined && this.#parts.count > 0) this.releaseParts(this.#parts);
    reply.open(replyAt, replyRoom, this.#parts);
    context.session = session;
    context.inputEnd = to;
    // What earlier runs wrote has been sent.
    session.listReplyAt = -1;
    if (this.notes.verbosity > 1 && session.mode === Mode.command) {
      this.notes.tell(2, `a client asks: ${shownBytes(context.bytes, from, to)}`);
    }
    this.outcome = this.#serve(context, session, from, to);
    this.outputLength = reply.close();
    session.isMidRequest = this.outcome === Outcome.NEED_INPUT && (session.mode !== Mode.command || this.consumed < to);
  }

  /** Serves runs one after the other, each reply behind the last; answers how far it came. */
  runAll(runs: readonly EngineRun<Session>[], first: number, end: number): number {
    const { at: start, size } = this.#output;
    let at = start;
    let index = first;
    this.context.virtualKeys?.beginTurn();
    do {
      const run = runs[index++] as EngineRun<Session>;
      this.#run(run.session, run.from, run.to, at, start + size - at);
      run.consumed = this.consumed;
      run.outcome = this.outcome;
      run.replyAt = at;
      run.replyLength = this.outputLength;
      run.hasParts = this.#parts !== undefined && this.#parts.count > 0;
      if (this.outcome !== Outcome.NEED_INPUT || run.hasParts) break;
      at += (this.outputLength + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
    } while (index < end && (at - start) * 2 < size);
    return index;
  }

  /** The client is gone: gives back what the session holds. */
  close(session: Session): void {
    releaseValue(this.context, session);
    releaseItem(this.context, session);
    session.listing = undefined;
    session.nextSlice = undefined;
    session.text = undefined;
    session.mode = Mode.command;
  }

  #serve(context: CommandContext, session: Session, from: number, to: number): Outcome {
    const { reply, request } = context;
    let stepsToCheck = STEPS_PER_TIME_CHECK;
    let deadline = 0;
    this.consumed = from;
    for (;;) {
      if (this.consumed >= to && session.mode === Mode.command) return Outcome.NEED_INPUT;
      if (reply.room < REPLY_ROOM_BYTES) return Outcome.OUTPUT_FULL;
      if (stepsToCheck-- === 0) {
        stepsToCheck = STEPS_PER_TIME_CHECK - 1;
        const now = Date.now();
        if (deadline === 0) deadline = now + this.runBudgetMs;
        else if (now >= deadline) return Outcome.YIELD;
      }
      const step = session.mode === Mode.command ? this.#next(context, to) : this.#continue(context, session);
      if (step === Outcome.NEED_INPUT && session.mode === Mode.command) return step;
      this.consumed = request.end;
      if (step !== CONTINUE) return step;
    }
  }

  /** Serves the next request; NEED_INPUT leaves the whole of it in the input. */
  #next(context: CommandContext, to: number): Step {
    const { request } = context;
    const parsed = context.parser.parse(this.consumed, to);
    if (parsed === Parsed.request) return (DISPATCH[request.command] as Handler)(context);
    if (parsed === Parsed.needMore) return Outcome.NEED_INPUT;
    return this.#refuse(context);
  }

  #refuse(context: CommandContext): Step {
    const { metrics, request, session } = context;
    context.refuse(request.errorId);
    if (request.isBinary) metrics.add(COMMAND_METRICS.binary_refused, 1);
    this.#tellRefusal(context);
    if (request.errorId === ErrorIds.invalidExptime && request.command === Command.flushAll) {
      metrics.add(COMMAND_METRICS.cmd_flush, 1);
    }
    if (request.lineIsOpen) session.mode = Mode.skipLine;
    if (request.dataBytes > 0) {
      session.mode = Mode.swallow;
      session.swallowBytes = request.dataBytes;
    }
    return request.closes ? Outcome.CLOSE : CONTINUE;
  }

  #tellRefusal({ bytes, request }: CommandContext): void {
    const { notes } = this;
    if (request.isBinary) {
      notes.tell(0, 'a connection was closed because it speaks the binary protocol, which is not served');
    } else if (notes.verbosity > 0) {
      const line = shownBytes(bytes, this.consumed, request.end);
      notes.tell(1, `a request was refused: ${errorText(request.errorId)}: ${line}`);
    }
  }

  /** Goes on with what an earlier run or an earlier request of this run has begun. */
  #continue(context: CommandContext, session: Session): Step {
    context.request.end = this.consumed;
    switch (session.mode) {
      case Mode.value:
        return continueValue(context, session.incoming as IncomingValue);
      case Mode.swallow:
        return continueSwallow(context);
      case Mode.keys:
        return continueList(context);
      case Mode.item:
        return continueItem(context);
      case Mode.listing:
        return continueListing(context, session.listing as Uint8Array);
      case Mode.text:
        return continueText(context, session.text as string | Uint8Array);
      default:
        return this.#skipLine(context, session);
    }
  }

  #skipLine(context: CommandContext, session: Session): Step {
    const end = context.parser.lineEnd(this.consumed, context.inputEnd);
    if (end < 0) {
      context.request.end = context.inputEnd;
      return Outcome.NEED_INPUT;
    }
    context.request.end = end;
    session.mode = Mode.command;
    return CONTINUE;
  }
}
