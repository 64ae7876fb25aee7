// The control of the benchmark: another process that keeps a few connections and closes all others.

import { type AddressInfo, createServer } from 'node:net';

const MOST_CONNECTIONS = 16;

const server = createServer((socket) => socket.on('error', () => undefined));
server.maxConnections = MOST_CONNECTIONS;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
