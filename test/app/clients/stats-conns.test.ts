// `stats conns`: the sockets of the server and its clients.

import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AskingClient } from '../asking-client.js';
import { startProcess } from '../server-process.js';

function rowsOf(reply: string): ReadonlyMap<string, Record<string, string>> {
  const sockets = new Map<string, Record<string, string>>();
  for (const [, descriptor, name, value] of reply.matchAll(/^STAT (\d+):(\S+) (\S+)\r$/gm)) {
    const row = sockets.get(descriptor) ?? {};
    sockets.set(descriptor, { ...row, [name]: value });
  }
  return sockets;
}

test('stats conns lists listeners and the clients of all threads with their addresses and states', async () => {
  await using server = await startProcess(['-t', '2', '--transport', 'epoll', '--no-objects']);
  const clients = await Promise.all(Array.from({ length: 3 }, () => AskingClient.connect(server.port)));
  for (const client of clients) await client.stat('pid');
  const sockets = [...rowsOf((await clients[0]?.list('stats conns\r\n')) ?? '').values()];
  const address = `tcp:127.0.0.1:${server.port}`;
  expect(sockets.filter(({ state }) => state === 'conn_listening')).toEqual([
    { addr: address, state: 'conn_listening', secs_since_last_cmd: '0' },
  ]);
  const served = sockets.filter(({ listen_addr }) => listen_addr === address);
  expect(served.map(({ state }) => state).sort()).toEqual(['conn_parse_cmd', 'conn_read', 'conn_read']);
  for (const { addr } of served) expect(addr).toMatch(/^tcp:127\.0\.0\.1:\d+$/);
  for (const client of clients) client.close();
});

test('stats conns names the file of a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conns-'));
  const path = join(folder, 'socket');
  await using server = await startProcess(['-s', path, '--transport', 'epoll', '--no-objects']);
  await server.logged(/listening on/);
  const socket = createConnection(path).setEncoding('latin1');
  socket.write('stats conns\r\n');
  let reply = '';
  for await (const text of socket) {
    reply += text;
    if (reply.endsWith('END\r\n')) break;
  }
  const sockets = [...rowsOf(reply).values()];
  expect(sockets.map(({ addr, state }) => [addr, state])).toEqual([
    [`unix:${path}`, 'conn_listening'],
    [`unix:${path}`, 'conn_parse_cmd'],
  ]);
  rmSync(folder, { recursive: true });
});
