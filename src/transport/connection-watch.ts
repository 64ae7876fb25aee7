// The clients that `watch connevents` reports: who came, and why each connection ended. While nobody watches, it costs one look at a shared
// cell for each connection that comes or goes. The lines: src/operations/event-lines.ts.

import type { CloseReason } from './close-reason.js';
import type { SocketAddress } from './socket-address.js';

/** memcached's words. */
export type WatchedReason = 'normal' | 'error' | 'idle_timeout' | 'shutdown';

export interface ConnectionWatch {
  readonly isWatched: boolean;
  onOpened(descriptor: number, peer: SocketAddress): void;
  onClosed(descriptor: number, peer: SocketAddress, reason: WatchedReason): void;
}

export const NO_WATCH: ConnectionWatch = { isWatched: false, onOpened: () => {}, onClosed: () => {} };

const REASONS: Readonly<Record<string, WatchedReason>> = {
  'the client closed it': 'normal',
  'all was answered': 'normal',
  'it was idle for too long': 'idle_timeout',
  'the server stops': 'shutdown',
} satisfies Partial<Record<CloseReason, WatchedReason>>;

export function watchedReason(reason: CloseReason): WatchedReason {
  return REASONS[reason] ?? 'error';
}
