// A channel on a bare descriptor: reads land in the engine's read area and writes go out of its output windows with nothing
// copied or made between. Not for waiting: the epoll transport calls it when something has happened.

import { assert } from '../../base/assert.js';
import type { Channel, ChannelReceiver } from '../channel.js';
import type { OutputWindow } from '../output-windows.js';
import { type EpollSet, Watched } from './epoll-set.js';
import {
  EAGAIN,
  EINTR,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
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
  readonly readAddress: number;
  readonly readBytes: number;
  /** The channel is closed, its descriptor is not. */
  onClosing(channel: EpollChannel): void;
}

/** The system has not been told of the descriptor. */
const UNKNOWN = -1;

export class EpollChannel implements Channel {
  #receiver: ChannelReceiver | undefined;
  #isReading = false;
  #isClosed = false;
  /** Events asked for. */
  #interest: number;
  /** What the system did not take at once: in a window at an address, or bytes of its own. */
  #restAddress = 0;
  #restBytes: Uint8Array | undefined;
  #restLength = 0;

  /** `isWatched` is true for a newcomer, whose descriptor is in the set already. */
  constructor(
    readonly descriptor: number,
    private readonly shared: EpollChannels,
    isWatched: boolean,
  ) {
    this.#interest = isWatched ? EPOLLIN | EPOLLOUT : UNKNOWN;
  }

  get unwrittenBytes(): number {
    return this.#restLength;
  }

  start(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.#isReading = true;
    this.#settleInterest();
  }

  pauseReading(): void {
    this.#isReading = false;
    this.#settleInterest();
  }

  resumeReading(): void {
    this.#isReading = true;
    this.#settleInterest();
  }

  write(window: OutputWindow, length: number): boolean {
    return this.#send(this.shared.base + window.at, undefined, length);
  }

  writeBytes(bytes: Uint8Array): boolean {
    return this.#send(0, bytes, bytes.length);
  }

  finish(): void {
    // A client that is gone already is seen when reading.
    if (!this.#isClosed) this.shared.libc.shutdown(this.descriptor, SHUT_WR);
  }

  destroy(onReleased?: () => void): void {
    this.#receiver = undefined;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#restBytes = undefined;
    this.shared.onClosing(this);
    // Closing takes it out of the set as well; what was sent has been copied by the system.
    this.shared.libc.close(this.descriptor);
    onReleased?.();
  }

  /** Something has happened; perhaps to an earlier channel with the same descriptor, so nothing is taken for granted. */
  onEvents(events: number): void {
    if (this.#restLength > 0) {
      if ((events & ~EPOLLIN) !== 0) this.#sendRest();
    } else if (this.#isReading) {
      this.#read();
    } else if ((events & (EPOLLERR | EPOLLHUP)) !== 0) {
      this.#break('ECONNRESET');
    }
  }

  /** Reads once: what is left is told of again. */
  #read(): void {
    const { libc, readAddress, readBytes } = this.shared;
    const length = libc.receive(this.descriptor, readAddress, readBytes, 0);
    if (length > 0) {
      this.#receiver?.onInput(length);
    } else if (length === 0) {
      this.pauseReading();
      this.#receiver?.onInputEnd();
    } else {
      const errno = libc.errno();
      if (errno !== EAGAIN && errno !== EINTR) this.#break(errorName(errno));
    }
  }

  #send(address: number, bytes: Uint8Array | undefined, length: number): boolean {
    assert(this.#restLength === 0 && !this.#isClosed, 'one write at a time on an open channel');
    const sent = this.#sendSome(address, bytes, length);
    if (sent === length || sent < 0) return true;
    this.#restAddress = address + sent;
    this.#restBytes = bytes?.subarray(sent);
    this.#restLength = length - sent;
    this.#settleInterest();
    return false;
  }

  #sendRest(): void {
    const sent = this.#sendSome(this.#restAddress, this.#restBytes, this.#restLength);
    if (sent < 0) return;
    this.#restAddress += sent;
    this.#restBytes = this.#restBytes?.subarray(sent);
    this.#restLength -= sent;
    if (this.#restLength > 0) return;
    this.#restBytes = undefined;
    // The receiver may have more to send, or want to read: only then is it known what to wait for.
    this.#receiver?.onWritten();
    this.#settleInterest();
  }

  /** How many bytes the system took; -1 when the connection is broken, which the receiver has been told. */
  #sendSome(address: number, bytes: Uint8Array | undefined, length: number): number {
    const { libc } = this.shared;
    for (;;) {
      const sent =
        bytes === undefined
          ? libc.send(this.descriptor, address, length, MSG_NOSIGNAL)
          : libc.sendBytes(this.descriptor, bytes, length, MSG_NOSIGNAL);
      if (sent >= 0) return sent;
      const errno = libc.errno();
      if (errno === EAGAIN) return 0;
      if (errno === EINTR) continue;
      this.#break(errorName(errno));
      return -1;
    }
  }

  #settleInterest(): void {
    const wanted = this.#restLength > 0 ? EPOLLOUT : this.#isReading ? EPOLLIN : 0;
    if (wanted === this.#interest || this.#isClosed) return;
    if (this.#interest === UNKNOWN) this.shared.set.add(this.descriptor, wanted, Watched.client);
    else this.shared.set.modify(this.descriptor, wanted, Watched.client);
    this.#interest = wanted;
  }

  #break(reason: string): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.onBroken(reason);
  }
}
