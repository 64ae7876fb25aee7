// The text protocol: serves the requests of a connection in order. It does not use sockets; a transport brings the input and sends the
// replies. One per thread.

import { performance } from 'node:perf_hooks';
import { type Notes, shownBytes } from '../../base/notes.js';
import { Command, isRetrieval, isStorage, NEEDS } from '../../operations/command-table.js';
import type { CommandTimes } from '../../operations/command-times.js';
import type { IncomingValue } from '../../operations/incoming-value.js';
import { OPERATION_METRICS } from '../../operations/operation-metrics.js';
import type { ObjectRestore } from '../../operations/portable/object-restore.js';
import { NOBODY } from '../../operations/rights.js';
import type { Authenticator } from '../../security/authenticator.js';
import { ErrorIds, errorText } from '../error-lines.js';
import { metaGet } from '../meta/meta-get.js';
import type { Protocol } from '../protocol.js';
import type { ProtocolShell } from '../protocol-shell.js';
import { CONTINUE, Outcome, type ProtocolRun, type Step } from '../run.js';
import type { Peer } from '../session.js';
import { dataBlockBytes } from './data-block.js';
import { continueReply } from './pending-reply.js';
import { continueRecord, continueRestore, dropRecord, endDump } from './portable-commands.js';
import type { ReceivedRecord } from './received-record.js';
import { continueSending } from './rest-of-value.js';
import { continueList, retrieve } from './retrieval.js';
import { continueDiscard, continueValue, receiveValue } from './storage.js';
import { TextContext } from './text-context.js';
import { DISPATCH } from './text-dispatch.js';
import { continueLogin } from './text-login.js';
import { Parsed } from './text-parser.js';
import { Mode, TextSession } from './text-session.js';
import { continueWatch } from './watch-command.js';
import type { Watchers } from './watchers.js';

const { get: GET, mg: META_GET, ms: META_SET, restore: RESTORE, set: SET } = Command;
const META_WORD_BYTES = 2;
const LINE_END_BYTES = 2;

/** @perThread */
export class TextProtocol implements Protocol<TextSession<TextContext>> {
  readonly name = 'text';
  private readonly context: TextContext;
  private readonly notes: Notes;
  private readonly times: CommandTimes;
  /** Position up to which the input of the current run is used. */
  #consumed = 0;
  /** The rights of the current run's principal: read for every request, so not through two objects. Only a login changes them. */
  #rights = 0;
  /** The next request is to be timed. */
  #isTimed = false;
  /** The last line was no request. */
  #isRefused = false;

  constructor(
    private readonly shell: ProtocolShell,
    authenticator?: Authenticator,
  ) {
    this.context = new TextContext(shell, authenticator);
    this.notes = shell.operations.options.notes;
    this.times = shell.operations.times;
  }

  /** The watchers among its clients. */
  get watchers(): Watchers {
    return this.context.watchers;
  }

  /** Accepts any first byte that no other protocol of a listener recognizes: it has an error line for everything. */
  recognizes(): boolean {
    return true;
  }

  open(peer: Peer): TextSession<TextContext> {
    const session = new TextSession<TextContext>(peer);
    const { authenticator } = this.context;
    if (authenticator === undefined || authenticator.isForOwnClient) return session;
    session.principal = NOBODY;
    session.mode = Mode.login;
    return session;
  }

  runAll(runs: readonly ProtocolRun<TextSession<TextContext>>[], first: number, end: number): number {
    const { shell } = this;
    let index = first;
    shell.beginBatch();
    for (;;) {
      const run = runs[index++];
      shell.beginRun();
      const outcome = this.#run(run.session, run.from, run.to);
      if (!shell.endRun(run, outcome, this.#consumed) || index === end) return index;
    }
  }

  close(session: TextSession<TextContext>): void {
    const { operations, values } = this.shell;
    if (session.incoming !== undefined) operations.incoming.release(session.incoming);
    values.release(session);
    this.context.watchers.remove(session);
    session.login = undefined;
    endDump(this.context, session);
    dropRecord(this.context, session);
    session.pendingReply = undefined;
    session.nextSlice = undefined;
    session.mode = Mode.command;
  }

  #run(session: TextSession<TextContext>, from: number, to: number): Outcome {
    const { context } = this;
    context.session = session;
    context.runAt = from;
    context.inputEnd = to;
    this.#rights = session.principal.rights;
    this.#isTimed = this.times.isDue();
    context.operations.observer.descriptor = session.peer.descriptor;
    // The replies that earlier runs wrote have been sent.
    session.listReplyAt = -1;
    if (this.notes.verbosity > 1 && session.mode === Mode.command) {
      this.notes.tell(2, `a client asks: ${shownBytes(context.bytes, from, to)}`);
    }
    const outcome = this.#serve(context, session, from, to);
    session.isMidRequest = outcome === Outcome.NEED_INPUT && (session.mode > Mode.login || this.#consumed < to);
    return outcome;
  }

  #serve(context: TextContext, session: TextSession<TextContext>, from: number, to: number): Outcome {
    const { request } = context;
    const { shell } = this;
    this.#consumed = from;
    for (;;) {
      if (this.#consumed >= to && session.mode === Mode.command) return Outcome.NEED_INPUT;
      const begun = shell.beginStep();
      if (begun !== CONTINUE) return begun;
      let step: Step;
      if (session.mode !== Mode.command) step = this.#continue(context, session);
      else step = this.#isTimed ? this.#timed(context, to) : this.#next(context, to);
      if (step === Outcome.NEED_INPUT && session.mode === Mode.command) return step;
      this.#consumed = request.end;
      if (step !== CONTINUE) return step;
    }
  }

  /** Serves the next request. NEED_INPUT leaves all of it in the input. */
  #next(context: TextContext, to: number): Step {
    const { request } = context;
    const parsed = context.parser.parse(this.#consumed, to);
    if (parsed === Parsed.needMore) return Outcome.NEED_INPUT;
    if (parsed === Parsed.error) return this.#refuse(context);
    const { command } = request;
    this.times.count(command);
    if ((this.#rights & NEEDS[command]) === 0) return this.#forbid(context);
    // Nearly all requests are one of these. They are called directly, so that V8 can inline them.
    if (command === GET) return retrieve(context);
    if (command === SET) return receiveValue(context);
    if (command === META_GET) return metaGet(context);
    return DISPATCH[command](context);
  }

  /** The first request of a run that was chosen for it. */
  #timed(context: TextContext, to: number): Step {
    const { request, session } = context;
    this.#isTimed = false;
    this.#isRefused = false;
    const startedMs = performance.now();
    let step = this.#next(context, to);
    // The first keys of a list, which are all of nearly every list.
    if (step === CONTINUE && session.mode === Mode.keys) step = continueList(context);
    const waits = step === Outcome.NEED_INPUT && session.mode === Mode.command;
    if (!waits && !this.#isRefused) this.times.time(request.command, performance.now() - startedMs);
    return step;
  }

  /** The client's principal lacks the right for items. Methods have rights of their own. The rest of a refused request is discarded. */
  #forbid(context: TextContext): Step {
    const { request, session } = context;
    if (this.#mayBeCall(context)) return DISPATCH[request.command](context);
    context.replyError(ErrorIds.notPermitted);
    if (isStorage(request.command) || request.command === RESTORE)
      session.discardBlock(request.valueLength + LINE_END_BYTES);
    if (request.command === META_SET) {
      const { argumentsAt, argumentsEnd } = request;
      session.discardBlock(dataBlockBytes(context.bytes, argumentsAt - META_WORD_BYTES, argumentsEnd));
    }
    return CONTINUE;
  }

  /** Each key of a list is parsed when its turn comes. */
  #mayBeCall({ operations, request }: TextContext): boolean {
    const { command, isList, keyAt, keyLength } = request;
    if (isRetrieval(command)) return isList || operations.isCall(keyAt, keyLength);
    return isStorage(command) && operations.isCall(keyAt, keyLength);
  }

  #refuse(context: TextContext): Step {
    this.#isRefused = true;
    const { operations, request, session } = context;
    context.refuse(request.errorId);
    if (request.isBinary) operations.metrics.add(OPERATION_METRICS.binary_refused, 1);
    this.#tellRefusal(context);
    if (request.errorId === ErrorIds.invalidExptime && request.command === Command.flushAll) {
      operations.metrics.add(OPERATION_METRICS.cmd_flush, 1);
    }
    if (request.lineIsOpen) session.mode = Mode.drainLine;
    session.discardBlock(request.dataBytes);
    return request.closes ? Outcome.CLOSE : CONTINUE;
  }

  #tellRefusal({ bytes, request }: TextContext): void {
    const { notes } = this;
    if (request.isBinary) {
      notes.tell(0, 'a connection was closed because it speaks the binary protocol, which is not served here (-B)');
    } else if (notes.verbosity > 0) {
      const line = shownBytes(bytes, this.#consumed, request.end);
      notes.tell(1, `a request was refused: ${errorText(request.errorId)}: ${line}`);
    }
  }

  /** Continues a request that an earlier run, or an earlier step of this run, has begun. */
  #continue(context: TextContext, session: TextSession<TextContext>): Step {
    context.request.end = this.#consumed;
    switch (session.mode) {
      case Mode.login: {
        const step = continueLogin(context);
        this.#rights = session.principal.rights;
        return step;
      }
      case Mode.watch:
        return continueWatch(context);
      case Mode.value:
        return continueValue(context, session.incoming as IncomingValue);
      case Mode.discard:
        return continueDiscard(context);
      case Mode.keys:
        return continueList(context);
      case Mode.item:
      case Mode.text:
        return continueSending(context);
      case Mode.record:
        return continueRecord(context, session.record as ReceivedRecord);
      case Mode.restore:
        return continueRestore(context, session.restore as ObjectRestore);
      case Mode.pendingReply:
        return continueReply(context, session.pendingReply as Uint8Array);
      default:
        return this.#drainLine(context, session);
    }
  }

  #drainLine(context: TextContext, session: TextSession<TextContext>): Step {
    const end = context.parser.lineEnd(this.#consumed, context.inputEnd);
    if (end < 0) {
      context.request.end = context.inputEnd;
      return Outcome.NEED_INPUT;
    }
    context.request.end = end;
    session.mode = Mode.command;
    return CONTINUE;
  }
}
