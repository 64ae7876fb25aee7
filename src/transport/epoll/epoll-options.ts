// The options of a data thread's transport, in addition to those of every transport.

import type { ConnectionShares } from '../connection-shares.js';
import type { TlsChannels } from '../tls/tls-channel.js';
import type { ServiceOptions } from '../transport-options.js';
import type { EpollPeer } from './acceptor.js';
import type { Libc } from './libc.js';
import type { PeerAddresses } from './peer-addresses.js';

export interface EpollOptions extends ServiceOptions {
  readonly libc: Libc;
  /** Descriptors of this thread's epoll instance, and of the eventfd that wakes it. */
  readonly epoll: number;
  readonly wake: number;
  readonly thread: number;
  readonly shares: ConnectionShares;
  readonly addresses: PeerAddresses;
  /** All threads that serve connections. */
  readonly peers: readonly EpollPeer[];
  /** Creates the channels of TLS clients, if there are TLS listeners. */
  readonly tlsChannels?: TlsChannels;
  /** Work to do from time to time, and soon when it is due. */
  readonly deferredWork?: { readonly isDue: boolean; run(): void };
  /** Called when another thread has woken this one. */
  readonly onWake?: () => void;
}
