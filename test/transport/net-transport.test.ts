// The transport on Node's sockets, through stream handles and through public sockets.

import { NetTransport } from '../../src/transport/net/net-transport.js';
import { describeTransport } from './suite.js';

describeTransport(
  'net, on handles',
  (engine, options, metrics, clock, log) => new NetTransport(engine, options, metrics, clock, log),
);

describeTransport(
  'net, on public sockets',
  (engine, options, metrics, clock, log) =>
    new NetTransport(engine, { ...options, useHandles: false }, metrics, clock, log),
);
