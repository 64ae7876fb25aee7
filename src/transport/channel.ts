// What a connection needs of the stream of bytes beneath it, whichever way Node offers one. Bytes that arrive lie in
// the engine's read area until their batch is served. Not for what the bytes mean.

import type { OutputWindow } from './output-buffers.js';

/** A reply in an output window. */
export interface Reply {
  readonly window: OutputWindow;
  readonly replyAt: number;
  readonly replyLength: number;
  /** It goes on in the window's parts. */
  readonly hasParts: boolean;
  /** The window is used again at once. */
  readonly isShared: boolean;
}

export interface ChannelReceiver {
  /** `length` bytes lie where the batch wants the next. */
  onInput(length: number): void;
  /** The client sends nothing more; it may still read. */
  onInputEnd(): void;
  /** What `write` could not hand over at once is written now. */
  onWritten(): void;
  /** The stream is broken and closed. */
  onBroken(reason: string): void;
}

export interface Channel {
  /** The number of the descriptor, or -1 where it is not known. */
  readonly descriptor: number;
  /** Client and server have not agreed yet on how they encrypt; nothing is read or written until then. */
  readonly isHandshaking: boolean;
  /** Who hears of what happens; reading begins. */
  start(receiver: ChannelReceiver): void;
  pauseReading(): void;
  resumeReading(): void;
  /**
   * Sends a reply and answers whether the system took it all. If it did not, nothing more may be written, and its window must stay
   * as it is unless that is shared, until `onWritten` or `onBroken`, or after `destroy` until `onReleased` has been called.
   */
  write(reply: Reply): boolean;
  /** The same for bytes outside of the windows, which nobody else will change. */
  writeBytes(bytes: Uint8Array): boolean;
  /** Bytes handed over that the system has not taken yet. */
  readonly unwrittenBytes: number;
  /** Tells the client that no more replies come; reading goes on. */
  finish(): void;
  /** Closes at once; the receiver hears no more. `onReleased` is called when no window given to `write` is needed. */
  destroy(onReleased?: () => void): void;
}
