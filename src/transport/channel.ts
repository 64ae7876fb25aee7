// The byte stream of a connection, independent of its implementation. Received bytes are in the engine's read area until their batch is
// served.

import type { OutputWindow } from './output-buffers.js';
import type { SocketAddress } from './socket-address.js';

/** A reply in an output window. */
export interface Reply {
  readonly window: OutputWindow;
  readonly replyAt: number;
  readonly replyLength: number;
  /** The reply continues in the window's parts. */
  readonly hasParts: boolean;
  /** The window is reused immediately. */
  readonly isShared: boolean;
}

export interface ChannelReceiver {
  /** `length` bytes have been read to the batch's `readAt`. */
  onInput(length: number): void;
  /** The client has closed its sending side; it may still read. */
  onInputEnd(): void;
  /** The rest of a `write` that the kernel did not take immediately has been written. */
  onWritten(): void;
  /** The stream is broken and closed. */
  onBroken(reason: string): void;
}

export interface Channel {
  /** The number of the descriptor, or -1 if unknown. */
  readonly descriptor: number;
  /** The client's address, known also when the client has broken the connection; to be read before `destroy`. */
  readonly peerAddress: SocketAddress;
  /** The TLS handshake is not finished; nothing is read or written until then. */
  readonly isHandshaking: boolean;
  /** Sets the receiver of events and starts reading. */
  start(receiver: ChannelReceiver): void;
  pauseReading(): void;
  resumeReading(): void;
  /**
   * Sends a reply; returns whether the kernel took all of it. If it did not, nothing more may be written, and the window must not change
   * unless it is shared, until `onWritten` or `onBroken`, or after `destroy` until `onReleased` has been called.
   */
  write(reply: Reply): boolean;
  /** The same for bytes outside of the windows, which must not change afterwards. */
  writeBytes(bytes: Uint8Array): boolean;
  /** Bytes passed to `write` that the kernel has not taken yet. */
  readonly unwrittenBytes: number;
  /** Closes the sending side; reading continues. */
  finish(): void;
  /** Closes immediately; the receiver gets no more events. `onReleased` is called when no window passed to `write` is needed any more. */
  destroy(onReleased?: () => void): void;
}
