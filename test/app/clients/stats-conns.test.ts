// `stats conns`: the sockets of the server and its clients, on every transport.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { TestClient } from '../../transport/client.js';
import { certificateFolder, issue, keyText } from '../../transport/tls/certificates.js';
import { startProcess } from '../server-process.js';

const folder = certificateFolder();
const certificate = issue({ name: 'server' });
const chain = folder.put('chain.pem', certificate.certificate);
const key = folder.put('key.pem', keyText(certificate));
afterAll(() => folder[Symbol.dispose]());

const TLS_FLAGS = ['-Z', '-o', `ssl_chain_cert=${chain},ssl_key=${key}`];
const ENCRYPTED = { ca: [certificate.certificate] };

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function rowsOf(client: TestClient): Promise<Record<string, string>[]> {
  const reply = await client.ask('stats conns\r\n', 'END\r\n');
  const sockets = new Map<string, Record<string, string>>();
  for (const [, descriptor, name, value] of reply.matchAll(/^STAT (\d+):(\S+) (\S+)\r$/gm)) {
    const row = sockets.get(descriptor) ?? {};
    sockets.set(descriptor, { ...row, [name]: value });
  }
  return [...sockets.values()];
}

describe.each([
  ['epoll', [], undefined],
  ['epoll with TLS', TLS_FLAGS, ENCRYPTED],
  ['net', [], undefined],
  ['net with TLS', TLS_FLAGS, ENCRYPTED],
] as const)('stats conns on %s', (name, flags, tls) => {
  test('lists listeners and the clients of all threads with their addresses and states', async () => {
    const transport = name.split(' ')[0];
    await using server = await startProcess(['-t', '2', '--transport', transport, '--no-objects', ...flags]);
    const target = { host: '127.0.0.1', port: server.port, tls };
    const clients = await Promise.all(Array.from({ length: 3 }, () => TestClient.connect(target)));
    for (const client of clients) await client.ask('version\r\n', '\r\n');
    const sockets = await rowsOf(clients[0]);
    const address = `tcp:127.0.0.1:${server.port}`;
    expect(sockets.filter(({ state }) => state === 'conn_listening')).toEqual([
      { addr: address, state: 'conn_listening', secs_since_last_cmd: expect.stringMatching(/^\d+$/) },
    ]);
    const served = sockets.filter(({ listen_addr }) => listen_addr === address);
    expect(served.map(({ state }) => state).sort()).toEqual(['conn_parse_cmd', 'conn_read', 'conn_read']);
    expect(served.map(({ addr }) => addr).sort()).toEqual(
      clients.map(({ socket }) => `tcp:127.0.0.1:${(socket.address() as { port: number }).port}`).sort(),
    );
    for (const row of served) {
      expect(Object.keys(row)).toEqual(['addr', 'listen_addr', 'state', 'secs_since_last_cmd']);
      expect(Number(row.secs_since_last_cmd)).toBeLessThan(60);
    }
    for (const client of clients) client.destroy();
  });
});

test.each([
  ['epoll', 'TCP'],
  ['epoll', 'Unix'],
  ['net', 'TCP'],
  ['net', 'Unix'],
])(
  'stats conns shows who is in the middle of a request, who watches and who has long been idle (%s, %s)',
  async (transport, kind) => {
    const directory = mkdtempSync(join(tmpdir(), 'conns-'));
    const path = join(directory, 'socket');
    const where = kind === 'Unix' ? ['-s', path] : [];
    await using server = await startProcess(['-t', '2', '--transport', transport, '--no-objects', ...where]);
    const target = kind === 'Unix' ? { path } : { host: '127.0.0.1', port: server.port };
    const [asker, idle, storing, watcher, finished] = await Promise.all(
      Array.from({ length: 5 }, () => TestClient.connect(target)),
    );
    for (const client of [idle, storing, finished]) await client.ask('version\r\n', '\r\n');
    await watcher.ask('watch\r\n', 'OK\r\n');
    storing.send('set foo 0 0 6\r\n');
    finished.send('set foo 0 0 6\r\n');
    await finished.ask('foobar\r\n', 'STORED\r\n');
    const states = async () => (await rowsOf(asker)).map(({ state }) => state).sort();
    const wanted = ['conn_listening', 'conn_nread', 'conn_parse_cmd', 'conn_read', 'conn_read', 'conn_watch'];
    for (let tries = 0; tries < 50 && (await states()).join() !== wanted.join(); tries++) await pause(0.1);
    expect(await states()).toEqual(wanted);
    const areIdle = async () =>
      (await rowsOf(asker)).every((row) => row.state === 'conn_parse_cmd' || Number(row.secs_since_last_cmd) > 0);
    for (let tries = 0; tries < 50 && !(await areIdle()); tries++) await pause(0.1);
    expect(await areIdle()).toBe(true);
    for (const client of [asker, idle, storing, watcher, finished]) client.destroy();
    rmSync(directory, { recursive: true });
  },
);

test.each(['epoll', 'net'])('stats conns names the file of a Unix socket (%s)', async (transport) => {
  const directory = mkdtempSync(join(tmpdir(), 'conns-'));
  const path = join(directory, 'socket');
  await using server = await startProcess(['-s', path, '--transport', transport, '--no-objects']);
  await server.logged(/listening on/);
  const client = await TestClient.connect({ path });
  expect((await rowsOf(client)).map(({ addr, state }) => [addr, state])).toEqual([
    [`unix:${path}`, 'conn_listening'],
    [`unix:${path}`, 'conn_parse_cmd'],
  ]);
  rmSync(directory, { recursive: true });
});

test.each(['epoll', 'net'])('stats conns writes IPv6 addresses with brackets (%s)', async (transport) => {
  await using server = await startProcess(['-l', '::1', '--transport', transport, '--no-objects']);
  const port = Number(/\[::1\]:(\d+)/.exec((await server.logged(/listening on/)).msg)?.[1]);
  const client = await TestClient.connect({ host: '::1', port });
  const { port: own } = client.socket.address() as { port: number };
  expect((await rowsOf(client)).map(({ addr, listen_addr }) => [addr, listen_addr])).toEqual([
    [`tcp6:[::1]:${port}`, undefined],
    [`tcp6:[::1]:${own}`, `tcp6:[::1]:${port}`],
  ]);
});
