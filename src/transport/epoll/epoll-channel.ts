// A channel on a bare descriptor: reads land in the engine's read area and writes go out of its output windows with nothing
// copied or made between. Not for waiting: the epoll transport calls it when something has happened. Nor for encryption: TlsChannel
// replaces what is protected here.

import { assert } from '../../base/assert.js';
import type { Metrics } from '../../base/metrics.js';
import type { ReplyParts } from '../../protocols/reply-parts.js';
import type { Batch } from '../batch.js';
import type { Channel, ChannelReceiver, Reply } from '../channel.js';
import { type EpollSet, Watched } from './epoll-set.js';
import type { GatherWriter } from './gather-writer.js';
import {
  EAGAIN,
  EINTR,
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  errorName,
  type Libc,
  MSG_NOSIGNAL,
  SHUT_WR,
} from './libc.js';

/** What all channels of a transport share. */
export interface EpollChannels {
  readonly libc: Libc;
  readonly set: EpollSet;
  /** Address of position 0 of the arena. */
  readonly base: number;
  readonly gathering: GatherWriter;
  readonly batch: Batch;
  readonly metrics: Metrics;
  /** The channel is closed, its descriptor is not. */
  onClosing(channel: EpollChannel): void;
  /** There may be more to read, of which the system does not tell again: `readMore` is to be called in the next turn. */
  onMore(channel: EpollChannel): void;
}

/** Reading is told of once when something comes, not for as long as it lies there: that spares the system a look at each socket that
    has just been read. The end of what the client sends is told of with the last bytes, perhaps. */
const READING = EPOLLIN | EPOLLRDHUP | EPOLLET;

const ENDING = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/** The system has not been told of the descriptor. */
const UNKNOWN = -1;

export class EpollChannel implements Channel {
  isHandshaking = false;
  #receiver: ChannelReceiver | undefined;
  protected isReading = false;
  protected isClosed = false;
  /** The system has told of the end: it is to be read, however much comes before it. */
  #mayHaveEnded = false;
  /** `onMore` has been called for the next turn. */
  #hasAsked = false;
  /** Bytes that were taken from the system and not yet returned: it does not tell of them again. */
  protected isHoldingInput = false;
  /** Events asked for. */
  #interest: number;
  /** What is being sent: parts of the arena, bytes outside of it, or else what lies at an address; and how much of it is left. */
  protected parts: ReplyParts | undefined;
  protected bytes: Uint8Array | undefined;
  protected address = 0;
  protected length = 0;
  protected restLength = 0;

  /** `isWatched` is true for a newcomer, whose descriptor is in the set already. */
  constructor(
    readonly descriptor: number,
    protected readonly shared: EpollChannels,
    isWatched: boolean,
  ) {
    this.#interest = isWatched ? EPOLLIN | EPOLLOUT : UNKNOWN;
  }

  get unwrittenBytes(): number {
    return this.restLength;
  }

  start(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.isReading = true;
    this.settleInterest();
  }

  pauseReading(): void {
    this.isReading = false;
    this.settleInterest();
  }

  resumeReading(): void {
    this.isReading = true;
    this.settleInterest();
  }

  write(reply: Reply): boolean {
    const { window, replyAt, replyLength } = reply;
    this.parts = reply.hasParts ? window.parts : undefined;
    this.bytes = undefined;
    this.address = this.shared.base + replyAt;
    if (this.#begin(replyLength)) return true;
    if (reply.isShared) {
      const rest = this.restLength;
      this.bytes = window.copy(replyAt + replyLength - rest, rest);
      this.length = rest;
    }
    return false;
  }

  writeBytes(bytes: Uint8Array): boolean {
    this.parts = undefined;
    this.bytes = bytes;
    return this.#begin(bytes.length);
  }

  finish(): void {
    // A client that is gone already is seen when reading.
    if (!this.isClosed) this.shared.libc.shutdown(this.descriptor, SHUT_WR);
  }

  destroy(onReleased?: () => void): void {
    this.#receiver = undefined;
    if (this.isClosed) return;
    this.isClosed = true;
    this.bytes = undefined;
    this.shared.onClosing(this);
    // Closing takes it out of the set as well; what was sent has been copied by the system.
    this.shared.libc.close(this.descriptor);
    onReleased?.();
  }

  /** Something has happened; perhaps to an earlier channel with the same descriptor, so nothing is taken for granted. */
  onEvents(events: number): void {
    if (this.restLength > 0) {
      if ((events & ~EPOLLIN) !== 0) this.#sendRest();
    } else if (this.isReading) {
      if ((events & ENDING) !== 0) this.#mayHaveEnded = true;
      this.#read();
    } else if ((events & (EPOLLERR | EPOLLHUP)) !== 0) {
      this.break('ECONNRESET');
    }
  }

  /** What `onMore` has asked for; where nothing is to be read now, the system tells of it when reading is resumed. */
  readMore(): void {
    this.#hasAsked = false;
    if (this.isReading && this.restLength === 0 && !this.isClosed) this.#read();
  }

  /** Reads once. Less than there was room for is all that there was, but for the end. */
  #read(): void {
    const { base, batch } = this.shared;
    const { room } = batch;
    const length = this.receive(base + batch.readAt, room);
    if (length > 0) {
      if (length === room || this.#mayHaveEnded || this.isHoldingInput) this.askForMore();
      this.#receiver?.onInput(length);
    } else if (length === 0) {
      this.pauseReading();
      this.#receiver?.onInputEnd();
    } else {
      const errno = this.errno();
      if (errno === EINTR) this.askForMore();
      else if (errno !== EAGAIN) this.break(this.reasonOf(errno));
    }
  }

  /** Reads to an address: how many bytes have come, 0 at the end, -1 with an `errno`. */
  protected receive(at: number, room: number): number {
    return this.shared.libc.receive(this.descriptor, at, room, 0);
  }

  /** Of what has failed last. */
  protected errno(): number {
    return this.shared.libc.errno();
  }

  protected reasonOf(errno: number): string {
    return errorName(errno);
  }

  /** Events to wait for while reading. */
  protected readingEvents(): number {
    return READING;
  }

  /** Once: two reads in one turn would be two parts of one batch, the second without what the first leaves. */
  protected askForMore(): void {
    if (this.#hasAsked) return;
    this.#hasAsked = true;
    this.shared.onMore(this);
  }

  #begin(length: number): boolean {
    assert(this.restLength === 0 && !this.isClosed, 'one write at a time on an open channel');
    this.length = length;
    this.restLength = length;
    this.#sendSome();
    if (this.restLength === 0) return true;
    this.settleInterest();
    return false;
  }

  #sendRest(): void {
    const receiver = this.#receiver;
    this.#sendSome();
    if (this.restLength > 0 || receiver !== this.#receiver) return;
    // The receiver may have more to send, or want to read: only then is it known what to wait for.
    receiver?.onWritten();
    this.settleInterest();
  }

  /** Hands over what the system takes of the rest; none is left either when all is sent or when the connection is broken. */
  #sendSome(): void {
    for (;;) {
      const sent = this.handOver();
      if (sent >= 0) {
        this.restLength -= sent;
        return;
      }
      const errno = this.errno();
      if (errno === EAGAIN) return;
      if (errno === EINTR) continue;
      this.restLength = 0;
      this.break(this.reasonOf(errno));
      return;
    }
  }

  /** Sends from the rest: how many bytes are gone, or -1 with an `errno`. */
  protected handOver(): number {
    const { libc, gathering } = this.shared;
    const rest = this.restLength;
    if (this.parts !== undefined) return gathering.send(this.descriptor, this.parts, this.length, rest);
    const done = this.length - rest;
    if (this.bytes === undefined) return libc.send(this.descriptor, this.address + done, rest, MSG_NOSIGNAL);
    return libc.sendBytes(this.descriptor, this.bytes.subarray(done), rest, MSG_NOSIGNAL);
  }

  protected settleInterest(): void {
    const wanted = this.restLength > 0 ? EPOLLOUT : this.isReading ? this.readingEvents() : 0;
    if (wanted === this.#interest || this.isClosed) return;
    if (this.#interest === UNKNOWN) this.shared.set.add(this.descriptor, wanted, Watched.client);
    else this.shared.set.modify(this.descriptor, wanted, Watched.client);
    this.#interest = wanted;
  }

  protected break(reason: string): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.onBroken(reason);
  }
}
