// A channel directly on Node's stream handle: Node reads into the engine's read area without allocating a buffer, and a write that the
// kernel takes immediately allocates nothing. Versions of Node without these handles: SocketChannel.

import { getSystemErrorName } from 'node:util';
import { assert } from '../../base/assert.js';
import type { ChannelReceiver, Reply } from '../channel.js';
import type { SocketAddress } from '../socket-address.js';
import { KEEP_ALIVE_SECONDS } from '../transport-options.js';
import type { NetChannel } from './net-channel.js';
import { handleAddress, type StreamBinding, type StreamHandle, type StreamRequest } from './stream-handle.js';

/** State that all channels of a transport share. */
export class HandleChannels {
  readonly state: Int32Array;
  readonly readAt: number;
  readonly asyncAt: number;
  /** A request object that the next write can use; only writes that continue in the background keep theirs. */
  unusedRequest: StreamRequest;

  constructor(
    readonly binding: StreamBinding,
    readonly readArea: Uint8Array,
  ) {
    this.state = binding.streamBaseState;
    this.readAt = binding.kReadBytesOrError;
    this.asyncAt = binding.kLastWriteWasAsync;
    this.unusedRequest = new binding.WriteWrap();
  }
}

export class HandleChannel implements NetChannel {
  readonly isHandshaking = false;
  #receiver: ChannelReceiver | undefined;
  #isReading = false;
  #isWriting = false;
  #isClosed = false;

  constructor(
    private readonly handle: StreamHandle,
    private readonly shared: HandleChannels,
    private readonly listening: SocketAddress,
  ) {
    this.peerAddress = handleAddress(handle, 'getpeername');
  }

  /** Asked for now, since a client that breaks its connection takes it along. */
  readonly peerAddress: SocketAddress;

  get ownAddress(): SocketAddress {
    return this.listening.kind === 'unix' ? this.listening : handleAddress(this.handle, 'getsockname');
  }

  get descriptor(): number {
    return this.handle.fd;
  }

  get unwrittenBytes(): number {
    return this.#isWriting ? this.handle.writeQueueSize : 0;
  }

  start(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.handle.setNoDelay?.(true);
    this.handle.setKeepAlive?.(true, KEEP_ALIVE_SECONDS);
    this.handle.useUserBuffer(this.shared.readArea);
    this.handle.onread = () => this.#onRead(receiver);
    this.resumeReading();
  }

  pauseReading(): void {
    if (!this.#isReading || this.#isClosed) return;
    this.#isReading = false;
    this.handle.readStop();
  }

  resumeReading(): void {
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    const error = this.handle.readStart();
    if (error !== 0) this.#break(error);
  }

  write({ window, replyAt, replyLength, isShared }: Reply): boolean {
    return this.writeBytes(isShared ? window.copy(replyAt, replyLength) : window.view(replyLength));
  }

  writeBytes(bytes: Uint8Array): boolean {
    assert(!this.#isWriting && !this.#isClosed, 'one write at a time on an open channel');
    const { shared } = this;
    const request = shared.unusedRequest;
    const error = this.handle.writeBuffer(request, bytes);
    if (error !== 0) {
      shared.unusedRequest = new shared.binding.WriteWrap();
      this.#break(error);
      return true;
    }
    if (shared.state[shared.asyncAt] === 0) return true;
    shared.unusedRequest = new shared.binding.WriteWrap();
    request.bytes = bytes;
    request.oncomplete = (status) => this.#onWritten(status);
    this.#isWriting = true;
    return false;
  }

  finish(): void {
    if (this.#isClosed) return;
    const request = new this.shared.binding.ShutdownWrap();
    // If the client is gone, the next read reports it.
    request.oncomplete = () => undefined;
    this.handle.shutdown(request);
  }

  destroy(onReleased?: () => void): void {
    this.#receiver = undefined;
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Closing cancels a write; Node no longer uses its bytes once it calls back.
    this.handle.close(onReleased);
  }

  #onRead(receiver: ChannelReceiver): void {
    const length = this.shared.state[this.shared.readAt];
    if (this.#isClosed || length === 0) return;
    if (length > 0) receiver.onInput(length);
    else if (getSystemErrorName(length) === 'EOF') this.#onEnd(receiver);
    else this.#break(length);
  }

  #onEnd(receiver: ChannelReceiver): void {
    this.pauseReading();
    receiver.onInputEnd();
  }

  #onWritten(status: number): void {
    this.#isWriting = false;
    if (this.#isClosed) return;
    if (status !== 0) this.#break(status);
    else this.#receiver?.onWritten();
  }

  #break(error: number): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.onBroken(getSystemErrorName(error));
  }
}
