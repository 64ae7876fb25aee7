// The interface of channels on Node's sockets, in addition to that of every channel.

import type { Channel } from '../channel.js';
import type { SocketAddress } from '../socket-address.js';

export interface NetChannel extends Channel {
  /** The address that the client has connected to; of a Unix socket the path. */
  readonly ownAddress: SocketAddress;
}
