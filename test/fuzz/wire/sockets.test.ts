// A short run of the wire target against the built server, by both transports, with and without evictions. Not for long runs.

import { expect, test } from 'vitest';
import { startProcess } from '../../app/server-process.js';
import { runClients, versionOf } from './sockets.js';

const SECONDS = Number(process.env.WIRE_SECONDS ?? 1);
const ITEM_LIMIT = 300_000;

test.each([
  ['epoll', '-m64', false],
  ['epoll', '-m2', true],
  ['net', '-m64', false],
  ['net', '-m2', true],
] as const)(
  '%s, %s: clients that share a server are answered as the model says',
  async (transport, memory, mayEvict) => {
    const seed = Number(process.env.WIRE_SEED ?? 7);
    await using server = await startProcess(['--transport', transport, memory, '-I', String(ITEM_LIMIT), '-t', '2']);
    const version = await versionOf(server.port);
    const end = performance.now() + SECONDS * 1000;
    const goesOn = () => performance.now() < end;
    const requests = await runClients({
      port: server.port,
      seed,
      clients: 8,
      version,
      itemLimit: ITEM_LIMIT,
      mayEvict,
      goesOn,
    });
    expect(requests).toBeGreaterThan(100);
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  },
);
