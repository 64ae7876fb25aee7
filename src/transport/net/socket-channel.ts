// A channel on Node's public sockets, for streams without a usable handle (TLS, other versions of Node). It copies all input and output, so
// it never pins memory of the arena. HandleChannel is cheaper and is used where possible.

import type { Socket } from 'node:net';
import type { ChannelReceiver, Reply } from '../channel.js';
import { nodeAddress, type SocketAddress } from '../socket-address.js';
import { KEEP_ALIVE_SECONDS } from '../transport-options.js';
import type { NetChannel } from './net-channel.js';

/** The address that a client has connected to. */
export function socketAddress({ localAddress, localFamily, localPort }: Socket): SocketAddress {
  return nodeAddress(localAddress, localFamily, localPort);
}

/** The number of a socket's descriptor, also beneath TLS; -1 where Node does not say it. */
export function socketDescriptor(socket: Socket): number {
  return (socket as unknown as { readonly _handle?: { readonly fd?: number } })._handle?.fd ?? -1;
}

export class SocketChannel implements NetChannel {
  readonly descriptor: number;
  readonly peerAddress: SocketAddress;
  readonly isHandshaking = false;
  #receiver: ChannelReceiver | undefined;
  #isReading = true;
  /** A socket reports the end even while it is paused. */
  #hasEnded = false;

  /** The socket must stay half open when the client ends, and be paused. */
  constructor(
    private readonly socket: Socket,
    private readonly readArea: Uint8Array,
    private readonly listening: SocketAddress | undefined,
  ) {
    this.descriptor = socketDescriptor(socket);
    this.peerAddress = nodeAddress(socket.remoteAddress, socket.remoteFamily, socket.remotePort);
    // Without a listener, an error of a socket that is being refused would end the process.
    socket.on('error', (error: NodeJS.ErrnoException) => this.#break(error.code ?? error.message));
  }

  get ownAddress(): SocketAddress {
    const { listening, socket } = this;
    return listening?.kind === 'unix' ? listening : socketAddress(socket);
  }

  get unwrittenBytes(): number {
    return this.socket.writableLength;
  }

  start(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.socket.setNoDelay(true);
    this.socket.setKeepAlive(true, KEEP_ALIVE_SECONDS * 1000);
    this.socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.socket.on('end', () => this.#onEnd());
    this.socket.on('drain', () => this.#receiver?.onWritten());
    this.socket.on('close', () => this.#break('closed'));
    this.socket.resume();
  }

  pauseReading(): void {
    this.#isReading = false;
    this.socket.pause();
  }

  resumeReading(): void {
    this.#isReading = true;
    if (this.#hasEnded) queueMicrotask(() => this.#onEnd());
    else this.socket.resume();
  }

  write({ window, replyAt, replyLength }: Reply): boolean {
    return this.writeBytes(window.copy(replyAt, replyLength));
  }

  writeBytes(bytes: Uint8Array): boolean {
    return this.socket.write(bytes);
  }

  finish(): void {
    this.socket.end();
  }

  destroy(onReleased?: () => void): void {
    this.#receiver = undefined;
    // After `end` the kernel still sends what was written; `destroy` would drop it.
    if (this.socket.writableNeedDrain || this.socket.destroyed) this.socket.destroy();
    else this.socket.destroySoon();
    onReleased?.();
  }

  #onData(chunk: Buffer): void {
    if (this.#receiver === undefined) return;
    const length = Math.min(chunk.length, this.readArea.length);
    this.readArea.set(length < chunk.length ? chunk.subarray(0, length) : chunk);
    // Bytes that do not fit are read again, after a pause if the receiver asks for one.
    if (length < chunk.length) this.socket.unshift(chunk.subarray(length));
    this.#receiver.onInput(length);
  }

  #onEnd(): void {
    this.#hasEnded = true;
    if (this.#isReading) this.#receiver?.onInputEnd();
  }

  #break(reason: string): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.onBroken(reason);
  }
}
