// A channel on a bare descriptor: reads go to the engine's read area and writes come from its output windows, without copies or allocation.
// The epoll transport waits for events and calls it. For encryption, TlsChannel overrides the protected methods.

import { assert } from '../../base/assert.js';
import type { Metrics } from '../../base/metrics.js';
import type { ReplyParts } from '../../protocols/reply-parts.js';
import type { Batch } from '../batch.js';
import type { Channel, ChannelReceiver, Reply } from '../channel.js';
import type { SocketAddress } from '../socket-address.js';
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
import type { PeerAddresses } from './peer-addresses.js';

/** State that all channels of a transport share. */
export interface EpollChannels {
  readonly libc: Libc;
  readonly set: EpollSet;
  /** Address of position 0 of the arena. */
  readonly base: number;
  readonly gathering: GatherWriter;
  readonly batch: Batch;
  readonly metrics: Metrics;
  readonly addresses: PeerAddresses;
  /** Called when the channel is closed; its descriptor is still open. */
  onClosing(channel: EpollChannel): void;
  /** There may be more to read, which the kernel does not report again (edge-triggered): call `readMore` in the next turn. */
  onMore(channel: EpollChannel): void;
}

/** Edge-triggered: the kernel reports new input once, which saves it from checking each socket that has just been read. It may report the
    end of the stream together with the last bytes. */
const READING = EPOLLIN | EPOLLRDHUP | EPOLLET;

const ENDING = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/** The descriptor is not registered with epoll. */
const UNKNOWN = -1;

export class EpollChannel implements Channel {
  isHandshaking = false;
  #receiver: ChannelReceiver | undefined;
  protected isReading = false;
  protected isClosed = false;
  /** The kernel has reported the end of the stream: read until it is reached. */
  #mayHaveEnded = false;
  /** `onMore` has been called for the next turn. */
  #hasAsked = false;
  /** Bytes that were read from the kernel and not passed on yet: the kernel does not report them again. */
  protected isHoldingInput = false;
  /** Events registered with epoll. */
  #interest: number;
  /** The reply being sent: parts of the arena, bytes outside of it, or bytes at an address; and how many of them are left. */
  protected parts: ReplyParts | undefined;
  protected bytes: Uint8Array | undefined;
  protected address = 0;
  protected length = 0;
  protected restLength = 0;

  /** `isWatched` is true for a client from another thread, whose descriptor is already registered. */
  constructor(
    readonly descriptor: number,
    protected readonly shared: EpollChannels,
    isWatched: boolean,
  ) {
    this.#interest = isWatched ? EPOLLIN | EPOLLOUT : UNKNOWN;
  }

  get peerAddress(): SocketAddress {
    return this.shared.addresses.of(this.descriptor);
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
    // If the client is gone, the next read reports it.
    if (!this.isClosed) this.shared.libc.shutdown(this.descriptor, SHUT_WR);
  }

  destroy(onReleased?: () => void): void {
    this.#receiver = undefined;
    if (this.isClosed) return;
    this.isClosed = true;
    this.bytes = undefined;
    this.shared.onClosing(this);
    // Closing a descriptor also removes it from epoll; the kernel has copied what was sent.
    this.shared.libc.close(this.descriptor);
    onReleased?.();
  }

  /** Handles an event. It may be that of an earlier channel with the same descriptor, so each read and write may find nothing to do. */
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

  /** The read that `onMore` asked for. While reading is paused it does nothing: the kernel reports the input again when reading resumes. */
  readMore(): void {
    this.#hasAsked = false;
    if (this.isReading && this.restLength === 0 && !this.isClosed) this.#read();
  }

  /** Reads once. If fewer bytes come than there is room for, nothing is left, except perhaps the end of the stream. */
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

  /** Reads to an address; returns the number of bytes, 0 at the end of the stream, -1 with an `errno`. */
  protected receive(at: number, room: number): number {
    return this.shared.libc.receive(this.descriptor, at, room, 0);
  }

  /** The `errno` of the last failure. */
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

  /** At most one read per turn: the unfinished input of the first would not be placed before the second in the same batch. */
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
    // The receiver may send more or resume reading; then it is known which events to wait for.
    receiver?.onWritten();
    this.settleInterest();
  }

  /** Sends as much of the rest as the kernel takes. Nothing is left when all is sent, or when the connection is broken. */
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

  /** Sends from the rest; returns the number of bytes sent, or -1 with an `errno`. */
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
