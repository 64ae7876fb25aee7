// What channels on Node's sockets know besides what every channel does.

import type { Channel } from '../channel.js';
import type { SocketAddress } from '../socket-address.js';

export interface NetChannel extends Channel {
  /** The address that the client has connected to; of a Unix socket the path. */
  readonly ownAddress: SocketAddress;
}
