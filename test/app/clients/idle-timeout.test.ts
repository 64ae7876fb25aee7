// When the server closes clients that send no requests (--idle-timeout). Tests without a server process: test/transport/suite-limits.ts.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { startPlain } from '../server-process.js';

const IDLE_SECONDS = 2;
/** Long enough that a thread without clients has not read the clock for a while. */
const QUIET_MS = 3700;
/** Half of them send a request. */
const CLIENTS = 8;

async function connect(port: number, isSilent: boolean): Promise<Socket> {
  const socket = createConnection(port, '127.0.0.1');
  if (!isSilent) socket.write('version\r\n');
  await once(socket, isSilent ? 'connect' : 'data');
  return socket.resume();
}

/** Resolves when the server closes the connection, which it does without waiting for the client's end. */
function closing(socket: Socket): Promise<number> {
  socket.on('error', () => {});
  return new Promise((resolve) => socket.on('close', () => resolve(performance.now())));
}

// Both mostly wait.
test.concurrent.each(['epoll', 'net'])(
  'with %s a client that comes after a quiet time has its whole idle time, and a watcher stays',
  async (transport) => {
    const flags = ['-m', '16', '-t', '2', '--transport', transport, '--idle-timeout', String(IDLE_SECONDS)];
    await using server = await startPlain(...flags);
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const startMs = performance.now();
    const watcher = createConnection(server.port, '127.0.0.1').on('error', () => {});
    watcher.write('watch connevents\r\n');
    await once(watcher, 'data');
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, (_, index) => connect(server.port, index >= CLIENTS / 2)),
    );
    const closedMs = await Promise.all(clients.map(closing));
    // The clock counts whole seconds, and the thread's second may begin a little early.
    for (const ms of closedMs) expect(ms - startMs).toBeGreaterThan(IDLE_SECONDS * 1000 - 100);
    // A watcher came first, and is not closed: it has nothing to ask.
    expect(watcher.readableEnded || watcher.destroyed).toBe(false);
    watcher.destroy();
  },
);
