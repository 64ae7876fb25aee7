// One client's connection: passes input to its protocol, sends the replies of a batch in one write, and stops reading while the client does
// not read. Timeouts: timeouts.ts.
//
// Its states:
//   reading    waits for the client
//   writing    waits until the kernel has taken all replies
//   waiting    keeps requests for a later turn, so that other connections are served, or until a decision outside of the connection
//   lingering  the last reply is sent; input is discarded until the client closes its side
//   closed

import { detectProtocol } from '../protocols/detect.js';
import type { Protocol } from '../protocols/protocol.js';
import { Outcome, type ProtocolSession } from '../protocols/run.js';
import type { Run } from './batch.js';
import type { Channel, ChannelReceiver } from './channel.js';
import type { CloseReason } from './close-reason.js';
import type { ConnectionContext } from './connection-context.js';
import type { OutputWindow } from './output-buffers.js';
import { TRANSPORT_METRICS } from './transport-metrics.js';

/** Full output windows that a connection sends in one turn before others are served: 1 MiB, a fraction of a millisecond of copying. */
const WINDOWS_PER_TURN = 4;

const UNSERVED = 'a request could not be served';

const NOTHING = new Uint8Array(0);

export class Connection implements ChannelReceiver {
  /** Index in the connection table. */
  tableIndex = -1;
  /** Server second of the client's last activity, and the unwritten bytes at that time. */
  activeAt: number;
  unwrittenSeen = 0;
  /** Bytes of an unfinished request that had arrived when the timer last saw progress; 0 for a new request. */
  arrivedSeen = 0;
  /** Bytes per second that the timer measured last, for a client that reads or sends slowly. */
  rate = 0;
  isWriting = false;
  isLingering = false;
  isClosed = false;
  protocol: Protocol;
  session: ProtocolSession;
  /** The first byte, which chooses the protocol, has not arrived. */
  #isUndetected: boolean;
  /** Unused input: an incomplete line, or requests for a later turn. */
  #kept: Uint8Array = NOTHING;
  #hasRequestsKept = false;
  /** Whether the run before this one ended inside a request. */
  #isRequestOpen = false;
  #isLastReplySent = false;
  /** The reason why it ends once its last reply is sent; undefined for a refused client, which is not reported. */
  #ending: CloseReason | undefined = 'the server stops';
  #retired: OutputWindow | null = null;

  constructor(
    readonly channel: Channel,
    private readonly context: ConnectionContext,
    /** The protocols of its listener; the last one applies until the first byte arrives. */
    private readonly protocols: readonly Protocol[],
  ) {
    this.protocol = protocols.at(-1) as Protocol;
    this.session = this.protocol.open(channel);
    this.#isUndetected = protocols.length > 1;
    this.activeAt = context.clock.now;
  }

  /** In the middle of a line or of a value. */
  get isMidRequest(): boolean {
    return this.#kept.length > 0 || this.session.isMidRequest;
  }

  /** Bytes of the arena that are held for this client: of values that it is reading or sending. */
  get heldBytes(): number {
    const { heldBytes, reservedBytes } = this.session;
    return Math.max(heldBytes, this.#retired?.parts?.valueBytes ?? 0) + reservedBytes;
  }

  /** Bytes of the unfinished request that have arrived; of a large value, those of the value only. */
  get arrivedBytes(): number {
    return this.#kept.length + this.session.receivedBytes;
  }

  onInput(length: number): void {
    const { context } = this;
    context.metrics.add(TRANSPORT_METRICS.bytes_read, length);
    if (this.isLingering) return;
    const { batch } = context;
    const at = batch.readAt;
    if (this.#isUndetected) this.#detect(at);
    if (this.#kept.length === 0) {
      batch.add(this, at, at + length);
      return;
    }
    // Unfinished input would overwrite input of connections in the batch.
    batch.flush();
    if (!this.isClosed) batch.add(this, this.#bringBack(at), at + length);
  }

  /** Called after a run: sends its reply and continues. True if the rest of its input is to be served immediately. */
  onServed(run: Run): boolean {
    if (this.isClosed) return false;
    // Bytes of an unfinished request do not reset the timer, which counts them itself.
    if (!this.#isRequestOpen || !this.#isOnlyLonger(run)) {
      // Only now, since the batch has refreshed the clock; before, the clock may show the time of an earlier request.
      this.activeAt = this.context.clock.now;
      this.arrivedSeen = 0;
    }
    if (run.replyLength > 0) this.#send(run);
    if (this.isClosed) return false;
    const { consumed, outcome, to } = run;
    const wasRequestOpen = this.#isRequestOpen;
    this.#isRequestOpen = false;
    if (outcome === Outcome.NEED_INPUT) {
      this.#rest(consumed, to);
      this.#isRequestOpen = this.isMidRequest;
      if (this.#isRequestOpen !== wasRequestOpen) this.context.noteState(this);
    } else if (outcome === Outcome.OUTPUT_FULL && !this.isWriting && ++run.windows < WINDOWS_PER_TURN) {
      run.from = consumed;
      return true;
    } else if (outcome === Outcome.OUTPUT_FULL || outcome === Outcome.YIELD) {
      this.#postpone(consumed, to);
    } else if (outcome === Outcome.WAIT) {
      this.#keepRequests(consumed, to);
      this.session.resume = () => this.context.turns.add(this);
    } else {
      this.#end(outcome);
    }
    return false;
  }

  onInputEnd(): void {
    // Reading resumes only after all replies are sent, so none is outstanding.
    this.close('the client closed it');
  }

  onWritten(): void {
    this.isWriting = false;
    this.activeAt = this.context.clock.now;
    if (this.#retired !== null) this.context.outputs.release(this.#retired);
    this.#retired = null;
    this.#goOn();
  }

  onBroken(reason: string): void {
    this.context.metrics.add(TRANSPORT_METRICS.resets, 1);
    this.close(`it broke: ${reason}`);
  }

  /** The turn that was requested through `context.turns`. */
  takeTurn(): void {
    if (this.isClosed || this.isWriting) return;
    if (!this.#hasRequestsKept && this.session.isWatching) this.#hasRequestsKept = true;
    if (this.#hasRequestsKept) this.#goOn();
  }

  /** Sends a last line and closes as soon as the client has it; for connections that are refused. */
  refuse(line: Uint8Array): void {
    this.context.metrics.add(TRANSPORT_METRICS.bytes_written, line.length);
    if (!this.channel.writeBytes(line)) this.#waitForWrite();
    this.#isLastReplySent = true;
    this.#ending = undefined;
    if (!this.isWriting) this.#linger();
  }

  /** Closes when all replies are sent. */
  closeWhenQuiet(): void {
    if (this.isClosed || this.isWriting || this.#hasRequestsKept || this.isMidRequest || this.isLingering) return;
    this.#linger();
  }

  close(reason: CloseReason): void {
    if (this.isClosed) return;
    const { descriptor } = this.channel;
    this.isClosed = true;
    this.#kept = NOTHING;
    const retired = this.#retired;
    this.#retired = null;
    this.context.engine.close(this.protocol, this.session);
    if (!this.isLingering) this.#report(reason);
    this.channel.destroy(retired === null ? undefined : () => this.context.outputs.release(retired));
    this.context.onClosed(this, descriptor, reason);
  }

  #detect(firstAt: number): void {
    const { engine, memory } = this.context;
    const protocol = detectProtocol(this.protocols, memory.bytes[firstAt]);
    this.#isUndetected = false;
    if (protocol === this.protocol) return;
    engine.close(this.protocol, this.session);
    this.protocol = protocol;
    this.session = protocol.open(this.channel);
  }

  /** Whether the run's bytes all belong to a request that began before it and has not ended. */
  #isOnlyLonger({ from, consumed, outcome }: Run): boolean {
    if (outcome !== Outcome.NEED_INPUT) return false;
    // If the value began in this run, fewer of its bytes have arrived than the run has, since the run includes the command line.
    return this.session.receivedBytes >= consumed - from;
  }

  #keepRequests(from: number, end: number): void {
    this.#keep(from, end);
    this.#hasRequestsKept = true;
    this.channel.pauseReading();
  }

  #postpone(from: number, end: number): void {
    this.#keepRequests(from, end);
    if (this.isWriting) return;
    this.context.metrics.add(TRANSPORT_METRICS.conn_yields, 1);
    this.context.turns.add(this);
  }

  /** The client ends the connection, or a request after which the stream cannot be parsed. */
  #end(outcome: Outcome): void {
    this.#isLastReplySent = true;
    if (outcome === Outcome.CLOSE) this.#ending = this.session.hasQuit ? 'all its requests got a reply' : UNSERVED;
    this.#settle();
    if (outcome === Outcome.SHUTDOWN) this.context.onShutdown(false);
    else if (outcome === Outcome.SHUTDOWN_GRACEFUL) this.context.onShutdown(true);
  }

  #send(run: Run): void {
    const { metrics, outputs } = this.context;
    metrics.add(TRANSPORT_METRICS.bytes_written, run.replyLength);
    if (this.channel.write(run)) return;
    if (!run.isShared) this.#retired = outputs.retire();
    this.#waitForWrite();
  }

  #waitForWrite(): void {
    this.isWriting = true;
    this.activeAt = this.context.clock.now;
    this.unwrittenSeen = this.channel.unwrittenBytes;
  }

  /** All complete requests are served; the rest is the beginning of one. */
  #rest(from: number, end: number): void {
    if (from !== end) this.#keep(from, end);
    this.#settle();
  }

  /** Everything that can be served has been. */
  #settle(): void {
    if (this.isWriting) this.channel.pauseReading();
    else if (this.#isLastReplySent) this.#linger();
    else if (this.context.isDraining) this.closeWhenQuiet();
  }

  /** Continues after a write or a turn. */
  #goOn(): void {
    if (this.#hasRequestsKept) this.#serveKept();
    else this.#settle();
    if (!this.isClosed && !this.isWriting && !this.#hasRequestsKept) this.channel.resumeReading();
  }

  #serveKept(): void {
    const { batch, engine } = this.context;
    batch.flush();
    this.#hasRequestsKept = false;
    const length = this.#kept.length;
    const at = engine.input.at;
    this.#bringBack(at + length);
    batch.add(this, at, at + length);
    batch.flush();
  }

  #keep(from: number, end: number): void {
    this.#kept = from === end ? NOTHING : this.context.memory.bytes.slice(from, end);
  }

  /** Copies the unused input so that it ends at a position; returns its start. */
  #bringBack(end: number): number {
    const from = end - this.#kept.length;
    this.context.memory.bytes.set(this.#kept, from);
    this.#kept = NOTHING;
    return from;
  }

  #report(reason: CloseReason): void {
    if (this.#ending !== undefined) this.context.onEnding(this.channel, reason);
  }

  #linger(): void {
    if (this.isLingering || this.isClosed) return;
    if (!this.context.mayLinger(this.channel)) {
      this.close(this.#ending ?? 'all its requests got a reply');
      return;
    }
    if (this.#ending !== undefined) this.#report(this.#ending);
    this.isLingering = true;
    this.activeAt = this.context.clock.now;
    this.channel.finish();
    this.channel.resumeReading();
    this.context.onLingering(this);
  }
}
