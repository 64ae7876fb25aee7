// Reports connections for `watch connevents`: each new client, and the reason why each connection ended. Without watchers it reads one
// shared cell for each connection that begins or ends. The lines: src/operations/event-lines.ts.

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
  'all its requests got a reply': 'normal',
  'it was idle for too long': 'idle_timeout',
  'the server stops': 'shutdown',
} satisfies Partial<Record<CloseReason, WatchedReason>>;

export function watchedReason(reason: CloseReason): WatchedReason {
  return REASONS[reason] ?? 'error';
}
