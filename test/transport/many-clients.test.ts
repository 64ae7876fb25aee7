// Very many clients, from a separate process: the memory of idle ones, and the behaviour when descriptors run out.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { systemDescriptorLimit } from '../../src/transport/descriptors.js';
import { NetTransport } from '../../src/transport/net/net-transport.js';
import { TRANSPORT_METRICS } from '../../src/transport/transport-metrics.js';
import { eventually, TestClient } from './client.js';
import { libcIfAny } from './epoll-harness.js';
import { startServer } from './server.js';

const MEGABYTE = 1024 * 1024;
const isLong = process.env.LONG_TESTS !== undefined;
const IDLE_CLIENTS = Math.min(isLong ? 10_000 : 1000, systemDescriptorLimit() - 400);
const BUSY_CLIENTS = isLong ? 100 : 20;

/** Opens idle connections, then sends requests on busy ones, in order; prints its progress. */
const CLIENTS = `
  const net = require('node:net');
  const [port, idle, busy] = process.argv.slice(1).map(Number);
  let errors = 0;
  const open = () => new Promise((resolve) => {
    const socket = net.createConnection(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => { errors++; resolve(socket); });
    socket.on('close', () => errors++);
  });
  const ask = (socket) => new Promise((resolve) => {
    let received = 0;
    socket.removeAllListeners('data');
    socket.on('data', (chunk) => { received += chunk.length; if (received === 16 * 7) resolve(); });
    socket.write('echo hello\\r\\n'.repeat(16));
  });
  (async () => {
    for (let opened = 0; opened < idle; opened += 100) await Promise.all(Array.from({ length: 100 }, open));
    console.log('idle');
    const sockets = await Promise.all(Array.from({ length: busy }, open));
    for (let round = 0; round < 200; round++) await Promise.all(sockets.map(ask));
    console.log('errors ' + errors);
    process.stdin.on('end', () => process.exit()).resume();
  })();
`;

test(`${IDLE_CLIENTS} idle and ${BUSY_CLIENTS} busy connections cost little memory`, async () => {
  const server = await startServer((...parts) => new NetTransport(...parts), { maxConnections: 20_000 });
  const before = process.memoryUsage().rss;
  const args = [server.target.port, IDLE_CLIENTS, BUSY_CLIENTS].map(String);
  const child = spawn(process.execPath, ['-e', CLIENTS, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const answers = lines[Symbol.asyncIterator]();
  expect((await answers.next()).value).toBe('idle');
  expect((await answers.next()).value).toBe('errors 0');
  const growth = process.memoryUsage().rss - before;
  expect(server.transport.connectionCount).toBe(IDLE_CLIENTS + BUSY_CLIENTS);
  expect(growth).toBeLessThan((isLong ? 100 : 40) * MEGABYTE);
  child.stdin.end();
  await once(child, 'close');
  await eventually(() => server.transport.connectionCount === 0);
  expect(server.count(TRANSPORT_METRICS.rejected_connections)).toBe(0);
  server.transport.stop();
});

const SCARCITIES = [
  { transport: 'net', descriptors: 128, clients: 200, served: 64 },
  ...((await libcIfAny()) === undefined ? [] : [{ transport: 'epoll', descriptors: 300, clients: 500, served: 236 }]),
];

test.each(SCARCITIES)(
  '$transport: with $descriptors descriptors and $clients clients no client is dropped silently, and the server recovers',
  async ({ transport, descriptors, clients: count, served: expected }) => {
    const command = fileURLToPath(new URL('../../dist/bundle/cli.js', import.meta.url));
    const line = `ulimit -n ${descriptors}; exec "$0" "$@"`;
    const flags = ['-p', '0', '--log-format', 'json', '--transport', transport, '-t', '2', '--no-objects'];
    const child = spawn('/bin/sh', ['-c', line, process.execPath, command, ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      const target = { host: '127.0.0.1', port: await portOf(child) };
      const clients = await Promise.all(Array.from({ length: count }, () => TestClient.connect(target)));
      for (const client of clients) client.send('version\r\n');
      await Promise.all(clients.map((client) => client.until(() => client.isClosed || client.text.endsWith('\n'))));
      const served = clients.filter((client) => client.text.startsWith('VERSION '));
      const refused = clients.filter((client) => client.text === 'ERROR Too many open connections\r\n');
      expect(served).toHaveLength(expected);
      expect(refused).toHaveLength(count - expected);
      expect(await served[0]?.ask('stats\r\n', 'END\r\n')).toContain(
        `STAT rejected_connections ${count - expected}\r\n`,
      );
      for (const client of clients) client.destroy();
      await Promise.all(clients.map((client) => client.closed()));
      expect(await answerOf(target)).toMatch(/^VERSION /);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  },
);

async function portOf(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
    const port = / listening on [^ ]*:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('the server did not start');
}

/** Connects until there is room, since the server notices closed connections one after another. */
async function answerOf(target: { host: string; port: number }): Promise<string> {
  for (;;) {
    const client = await TestClient.connect(target);
    client.send('version\r\n');
    await client.until(() => client.isClosed || client.text.endsWith('\n'));
    client.destroy();
    if (!client.text.startsWith('ERROR')) return client.text;
  }
}
