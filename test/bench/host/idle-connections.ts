// Connections that are open next to the busy ones and never send anything.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface IdleConnections {
  close(): void;
}

export async function openIdle(port: number, count: number): Promise<IdleConnections> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index++) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    // A server that closes at its end of life must not end the benchmark.
    socket.on('error', () => {});
    sockets.push(socket);
  }
  return {
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
