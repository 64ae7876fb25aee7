// The binary protocol: serves the requests of a connection in order. It does not use sockets; a transport brings the input and sends the
// replies. One per thread.

import { performance } from 'node:perf_hooks';
import { type Notes, shownBytes } from '../../base/notes.js';
import { isRetrieval, isStorage } from '../../operations/command-table.js';
import type { CommandTimes } from '../../operations/command-times.js';
import type { IncomingValue } from '../../operations/incoming-value.js';
import { OPERATION_METRICS } from '../../operations/operation-metrics.js';
import { NOBODY } from '../../operations/rights.js';
import type { Authenticator } from '../../security/authenticator.js';
import type { Protocol } from '../protocol.js';
import type { ProtocolShell } from '../protocol-shell.js';
import { CONTINUE, Outcome, type ProtocolRun, type Step } from '../run.js';
import type { Peer } from '../session.js';
import { BinaryContext } from './binary-context.js';
import { BINARY_DISPATCH, type BinaryHandler } from './binary-dispatch.js';
import { type BinaryError, BinaryErrors } from './binary-errors.js';
import { continueText } from './binary-object-replies.js';
import { Frame, REQUEST_MAGIC } from './binary-parser.js';
import { continueItem, retrieve } from './binary-retrieval.js';
import { BinaryMode, BinarySession } from './binary-session.js';
import { continueDiscard, continueValue, receiveValue } from './binary-storage.js';
import { COMMAND_OF, COUNTED_AS, EVERYBODY, OPCODE_NEEDS } from './opcodes.js';
import { continueLogin } from './sasl-requests.js';

const GET = 0x00;
const SET = 0x01;

/** @perThread */
export class BinaryProtocol implements Protocol<BinarySession> {
  readonly name = 'binary';
  private readonly context: BinaryContext;
  private readonly notes: Notes;
  private readonly times: CommandTimes;
  /** Position up to which the input of the current run is used. */
  #consumed = 0;
  /** The next request is to be timed. */
  #isTimed = false;
  /** The last request was no request, or not allowed. */
  #isRefused = false;

  constructor(
    private readonly shell: ProtocolShell,
    authenticator?: Authenticator,
  ) {
    this.context = new BinaryContext(shell, authenticator);
    this.notes = shell.operations.options.notes;
    this.times = shell.operations.times;
  }

  recognizes(firstByte: number): boolean {
    return firstByte === REQUEST_MAGIC;
  }

  open(peer: Peer): BinarySession {
    const session = new BinarySession(peer);
    if (this.context.authenticator !== undefined) session.principal = NOBODY;
    return session;
  }

  runAll(runs: readonly ProtocolRun<BinarySession>[], first: number, end: number): number {
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

  close(session: BinarySession): void {
    const { operations, values } = this.shell;
    if (session.incoming !== undefined) operations.incoming.release(session.incoming);
    values.release(session);
    session.login = undefined;
    session.mode = BinaryMode.request;
  }

  #run(session: BinarySession, from: number, to: number): Outcome {
    const { context } = this;
    context.session = session;
    context.inputEnd = to;
    this.#isTimed = this.times.isDue();
    this.shell.operations.observer.descriptor = session.peer.descriptor;
    if (this.notes.verbosity > 1 && session.mode === BinaryMode.request) {
      this.notes.tell(2, `a client asks in binary: ${shownBytes(context.bytes, from, to)}`);
    }
    const outcome = this.#serve(context, session, from, to);
    session.isMidRequest =
      outcome === Outcome.NEED_INPUT && (session.mode !== BinaryMode.request || this.#consumed < to);
    return outcome;
  }

  #serve(context: BinaryContext, session: BinarySession, from: number, to: number): Outcome {
    const { request } = context;
    const { shell } = this;
    this.#consumed = from;
    for (;;) {
      if (this.#consumed >= to && session.mode <= BinaryMode.discard) return Outcome.NEED_INPUT;
      const begun = shell.beginStep();
      if (begun !== CONTINUE) return begun;
      let step: Step;
      if (session.mode !== BinaryMode.request) step = this.#continue(context, session);
      else step = this.#isTimed ? this.#timed(context, to) : this.#next(context, to);
      if (step === Outcome.NEED_INPUT && session.mode === BinaryMode.request) return step;
      this.#consumed = request.end;
      if (step !== CONTINUE) return step;
    }
  }

  /** Serves the next request. NEED_INPUT leaves all of it in the input. */
  #next(context: BinaryContext, to: number): Step {
    const { request, session } = context;
    const frame = context.parser.parse(this.#consumed, to);
    if (frame === Frame.needMore) return Outcome.NEED_INPUT;
    if (frame !== Frame.request) return this.#refuse(context, frame, to);
    const { opcode } = request;
    const counted = COUNTED_AS[opcode];
    if (counted >= 0) this.times.count(counted);
    if ((session.principal.rights & OPCODE_NEEDS[opcode]) === 0) return this.#forbid(context);
    // Nearly all requests are one of these two. They are called directly, so that V8 can inline them.
    if (opcode === GET) return retrieve(context);
    if (opcode === SET) return receiveValue(context);
    return (BINARY_DISPATCH[opcode] as BinaryHandler)(context);
  }

  /** The first request of a run that was chosen for it. */
  #timed(context: BinaryContext, to: number): Step {
    const { request, session } = context;
    this.#isTimed = false;
    this.#isRefused = false;
    const startedMs = performance.now();
    const step = this.#next(context, to);
    const waits = step === Outcome.NEED_INPUT && session.mode === BinaryMode.request;
    const counted = COUNTED_AS[request.opcode];
    if (!waits && !this.#isRefused && counted >= 0) this.times.time(counted, performance.now() - startedMs);
    return step;
  }

  /** The client's principal lacks the right for items. Methods have rights of their own. A client without any right has not logged in and
   * is disconnected, as in memcached. */
  #forbid(context: BinaryContext): Step {
    this.#isRefused = true;
    const { encoder, request, session } = context;
    if (this.#isAllowed(context)) return (BINARY_DISPATCH[request.opcode] as BinaryHandler)(context);
    encoder.error(BinaryErrors.notPermitted);
    if (session.principal.rights === 0) return Outcome.CLOSE;
    context.discard(request.valueLength);
    return CONTINUE;
  }

  #isAllowed({ operations, request, session }: BinaryContext): boolean {
    const { keyAt, keyLength, opcode } = request;
    if (OPCODE_NEEDS[opcode] === EVERYBODY) return true;
    if (session.principal.rights === 0) return false;
    const command = COMMAND_OF[opcode];
    return (isRetrieval(command) || isStorage(command)) && operations.isCall(keyAt, keyLength);
  }

  #refuse(context: BinaryContext, frame: Frame, to: number): Step {
    this.#isRefused = true;
    const { encoder, operations, request, session } = context;
    operations.metrics.add(OPERATION_METRICS.requests_refused, 1);
    if (frame === Frame.badMagic) {
      request.end = to;
      this.#tellRefusal(context, 'a frame has to begin with the byte 0x80; the connection is closed');
      return Outcome.CLOSE;
    }
    // A client must not learn which opcodes are known before it has logged in.
    const hasRights = session.principal.rights !== 0;
    const error = hasRights ? refusalOf(frame) : BinaryErrors.notPermitted;
    if (hasRights) this.#tellRefusal(context, error.text);
    encoder.text(error.status, error.bytes);
    if (!hasRights || frame !== Frame.unknown) return Outcome.CLOSE;
    context.discard(request.extrasLength + request.keyLength + request.valueLength);
    return CONTINUE;
  }

  #tellRefusal({ request }: BinaryContext, reason: string): void {
    const { notes } = this;
    if (notes.verbosity === 0) return;
    notes.tell(1, `a binary request with the opcode 0x${request.opcode.toString(16)} was refused: ${reason}`);
  }

  /** Continues a request that an earlier run, or an earlier step of this run, has begun. */
  #continue(context: BinaryContext, session: BinarySession): Step {
    context.request.end = this.#consumed;
    switch (session.mode) {
      case BinaryMode.value:
        return continueValue(context, session.incoming as IncomingValue);
      case BinaryMode.discard:
        return continueDiscard(context);
      case BinaryMode.item:
        return continueItem(context);
      case BinaryMode.login:
        return continueLogin(context);
      default:
        return continueText(context);
    }
  }
}

function refusalOf(frame: Frame): BinaryError {
  return frame === Frame.invalid ? BinaryErrors.invalid : BinaryErrors.unknownCommand;
}
