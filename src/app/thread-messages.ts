// What the main thread and a data thread tell each other. Not for requests, which never leave their thread.

import type { EpollPeer } from '../transport/epoll/acceptor.js';
import type { ThreadSettings } from './thread-engine.js';

/** What a data thread is started with. */
export interface DataThreadStart {
  readonly arena: SharedArrayBuffer;
  /** From 1; the main thread is 0. */
  readonly thread: number;
  readonly settings: ThreadSettings;
  /** Cells of ConnectionShares. */
  readonly shares: Int32Array<SharedArrayBuffer>;
  readonly epoll: number;
  readonly wake: number;
  readonly listeners: readonly number[];
  readonly peers: readonly EpollPeer[];
}

/** To a data thread, which reads them when it is woken. */
export type ToDataThread = { readonly kind: 'drain'; readonly timeoutMs: number } | { readonly kind: 'stop' };

export type LogLevel = 'info' | 'warn' | 'error';

/** From a data thread. */
export type FromDataThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly details: object; readonly message: string }
  | { readonly kind: 'verbosity'; readonly level: number }
  | { readonly kind: 'shutdown'; readonly graceful: boolean }
  | { readonly kind: 'fatal'; readonly message: string; readonly stack: string | undefined };
