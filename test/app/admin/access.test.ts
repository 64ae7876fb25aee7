// Who may use the admin port, and that clients that misuse it do not disturb others.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MOST_ACCEPTED_A_SECOND } from '../../../src/app/admin/accept-limit.js';
import { AskingClient } from '../asking-client.js';
import { runCommand, startPlain } from '../server-process.js';
import { askHttp, startPlainAdmin } from './http-client.js';

const TOKEN = 'a-token-of-some-length';

function tokenFile(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'cacheismo-token-')), 'token');
  writeFileSync(path, text);
  return path;
}

describe('the options', () => {
  test('open no port by default', async () => {
    await using server = await startPlain();
    expect(server.log.filter(({ msg }) => msg.startsWith('admin'))).toEqual([]);
  });

  test.each([
    [['--admin-listen', '127.0.0.1'], '--admin-listen: needs --admin-port'],
    [['--admin-port', '0', '--admin-listen', '0.0.0.0'], '--admin-listen 0.0.0.0: needs --admin-token-file'],
    [['--admin-port', '0', '--admin-listen', 'example.org'], '--admin-listen example.org: needs --admin-token-file'],
    [['--admin-port', '70000'], '--admin-port 70000: must be'],
    [['--admin-port', '0', '--admin-token-file', tokenFile('short')], 'the first line must be a token of at least 16'],
    [['--admin-port', '0', '--admin-token-file', 'nowhere'], 'no such file or directory'],
    [['--admin-port', '0', '--admin-token-file', '/dev/zero'], '--admin-token-file /dev/zero: is not a regular file'],
  ])('that cannot work stop the start with one line: %j', async (flags, line) => {
    const { code, errors } = await runCommand(['-p', '0', '-u', 'root', '--no-objects', ...flags]);
    expect(code).not.toBe(0);
    expect(errors).toContain(line);
    expect(errors.trim().split('\n').length).toBe(1);
  });

  test('that name a port in use stop the start with one line', async () => {
    const { server, port } = await startPlainAdmin();
    await using _ = server;
    const { code, errors } = await runCommand(['-p', '0', '-u', 'root', '--no-objects', '--admin-port', String(port)]);
    expect([code, errors.trim().split('\n').length]).toEqual([71, 1]);
    expect(errors).toContain(`--admin-port ${port}: the address is in use on 127.0.0.1; choose another port`);
  });
});

describe('without a token', () => {
  test('addresses and localhost are accepted as Host, names are not, since they can be rebound', async () => {
    const { server, port } = await startPlainAdmin();
    await using _ = server;
    const statusFor = async (host: string) => (await askHttp(port, '/metrics', { headers: { host } })).status;
    for (const host of [`127.0.0.1:${port}`, 'localhost', 'LOCALHOST', `[::1]:${port}`])
      expect(await statusFor(host)).toBe(200);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example']) {
      expect(await statusFor(host)).not.toBe(200);
    }
  });

  test('pages of another origin are refused, the own page is not', async () => {
    const { server, port } = await startPlainAdmin();
    await using _ = server;
    const host = `127.0.0.1:${port}`;
    const statusFor = async (headers: Readonly<Record<string, string>>) =>
      (await askHttp(port, '/api/stats', { headers: { host, ...headers } })).status;
    expect(await statusFor({ origin: `http://${host}` })).toBe(200);
    expect(await statusFor({ 'sec-fetch-site': 'same-origin' })).toBe(200);
    for (const origin of ['http://evil.example', 'http://127.0.0.1:1', 'null'])
      expect(await statusFor({ origin })).toBe(403);
    expect(await statusFor({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  });
});

test('a request that two programs may read differently is refused, by one line of JSON', async () => {
  const { server, port } = await startPlainAdmin();
  await using _ = server;
  const start = 'GET /api/stats HTTP/1.1\r\nConnection: close\r\n';
  const post = 'POST /api/call HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
  const smuggled = 'GET /api/stats HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  const refused: [bytes: string, status: number][] = [
    [`${start}Host: 127.0.0.1\r\nHost: evil.example\r\n\r\n`, 400],
    [start.replace('/api', 'http://evil.example/api').concat('Host: 127.0.0.1\r\n\r\n'), 400],
    [`${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`, 400],
    [`${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}${smuggled}`, 400],
    [`${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`, 400],
    ['GET /api/stats HTTP/1.1\nHost: 127.0.0.1\n\n', 400],
    [`${start}Host: 127.0.0.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['get key\r\n', 400],
    ['GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', 400],
  ];
  for (const [bytes, status] of refused) {
    const reply = await rawReply(port, bytes);
    const [head, body] = reply.split('\r\n\r\n');
    expect([bytes.slice(0, 100), head.slice(0, 12)]).toEqual([bytes.slice(0, 100), `HTTP/1.1 ${status}`]);
    expect(Object.keys(JSON.parse(body))).toEqual(['error']);
    expect(reply.match(/HTTP\/1\.1 /g)?.length).toBe(1);
  }
  const client = await AskingClient.connect(server.port);
  const counted = /STAT admin_refused (\d+)/.exec(await client.list('stats transport\r\n'))?.[1];
  expect(Number(counted)).toBe(refused.length);
  client.close();
});

/** All that the server sends until it closes the connection. */
async function rawReply(port: number, bytes: string): Promise<string> {
  const socket = createConnection(port, '127.0.0.1').setEncoding('latin1');
  let text = '';
  socket.on('data', (part: string) => {
    text += part;
  });
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return text;
}

describe('with a token', () => {
  test('requests need it, but health checks do not', async () => {
    const { server, port } = await startPlainAdmin('--admin-token-file', tokenFile(`${TOKEN}\n`));
    await using _ = server;
    const statusFor = async (path: string, authorization?: string) =>
      (await askHttp(port, path, { headers: authorization === undefined ? {} : { authorization } })).status;
    expect(await statusFor('/metrics')).toBe(401);
    expect(await statusFor('/metrics', `Bearer ${TOKEN}x`)).toBe(401);
    expect(await statusFor('/metrics', `Basic ${TOKEN}`)).toBe(401);
    expect(await statusFor('/metrics', `Bearer ${TOKEN}`)).toBe(200);
    expect(await statusFor('/readyz')).toBe(200);
    const rebound = { host: 'cache.example', authorization: `Bearer ${TOKEN}` };
    expect((await askHttp(port, '/metrics', { headers: rebound })).status).toBe(200);
  });

  test('an address beyond loopback is served, and the log names it', async () => {
    const { server, port } = await startPlainAdmin('--admin-listen', '0.0.0.0', '--admin-token-file', tokenFile(TOKEN));
    await using _ = server;
    expect((await askHttp(port, '/metrics')).status).toBe(401);
    expect(server.log.map(({ msg }) => msg)).toContain(`admin interface at http://0.0.0.0:${port}`);
  });
});

test('health checks follow the life of the server', async () => {
  const { server, port } = await startPlainAdmin();
  await using _ = server;
  expect(await askHttp(port, '/healthz')).toMatchObject({ status: 200, text: '{"state":"ready"}' });
  expect(await askHttp(port, '/readyz')).toMatchObject({ status: 200, text: '{"state":"ready"}' });
  // A client in the middle of a request keeps the drain from ending.
  const client = createConnection(server.port, '127.0.0.1');
  client.write('set k 0 0 10\r\nhalf');
  await once(client, 'ready');
  await new Promise((resolve) => setTimeout(resolve, 200));
  server.child.kill('SIGTERM');
  await server.logged(/^stopping: SIGTERM/);
  const { status, text } = await askHttp(port, '/readyz');
  expect([status, text]).toEqual([503, '{"state":"stopping"}']);
  client.destroy();
  expect(await server.ended).toBe(0);
});

test('an unknown path, a wrong method and a body that is no JSON get one line of JSON', async () => {
  const { server, port } = await startPlainAdmin();
  await using _ = server;
  expect(await askHttp(port, '/nothing?a=b')).toMatchObject({
    status: 404,
    text: '{"error":"there is no GET /nothing"}',
  });
  expect((await askHttp(port, '/api/call')).status).toBe(404);
  const form = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: {} };
  const { status, text } = await askHttp(port, '/api/call', form);
  expect(status).toBe(415);
  expect(JSON.parse(text)).toEqual({
    error: 'the body must be JSON, with the header content-type: application/json',
  });
});

test('a client that sends requests ahead and reads no reply is cut off, and costs next to nothing', async () => {
  const { server, port } = await startPlainAdmin();
  await using _ = server;
  const ahead = Array.from({ length: 12 }, () => {
    const socket = createConnection(port, '127.0.0.1').on('error', () => undefined);
    socket.write('GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(1400));
    return once(socket.resume(), 'close');
  });
  await Promise.all(ahead);
  expect((await askHttp(port, '/readyz')).status).toBe(200);
  // One connection for several requests, one after another, is served.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let number = 0; number < 5; number++) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path: '/metrics', agent }, resolve).on('error', reject);
    });
    await once(response.resume(), 'end');
    expect(response.statusCode).toBe(200);
  }
  agent.destroy();
  const client = await AskingClient.connect(server.port);
  const refused = /STAT admin_refused (\d+)/.exec(await client.list('stats transport\r\n'))?.[1];
  expect(Number(refused)).toBeGreaterThanOrEqual(12);
  client.close();
});

/** Opens connections, 50 a millisecond, and sends half of a head on each; ends when its input does. */
const SLOW_CLIENTS = `
  const { createConnection } = require('node:net');
  const [port, count] = process.argv.slice(1).map(Number);
  let begun = 0;
  const opening = setInterval(() => {
    for (let left = 50; left > 0 && begun < count; left--, begun++) {
      createConnection(port, '127.0.0.1').on('error', () => {}).resume().write('GET /metrics HTTP/1.1\\r\\nHost: loc');
    }
    if (begun === count) clearInterval(opening);
  }, 1);
  process.stdin.on('end', () => process.exit(0)).resume();
`;

/** The counters of the admin port that begin with this. */
async function counted(client: AskingClient, name: string): Promise<number> {
  return Number(new RegExp(`STAT ${name} (\\d+)`).exec(await client.list('stats transport\r\n'))?.[1]);
}

/** Of a get of another client, in milliseconds. */
async function p99Of(client: AskingClient, gets: number): Promise<number> {
  const times: number[] = [];
  for (let number = 0; number < gets; number++) {
    const startedMs = performance.now();
    await client.get('k');
    times.push(performance.now() - startedMs);
  }
  return times.sort((left, right) => left - right)[Math.floor(times.length * 0.99)];
}

test.runIf(process.env.LONG_TESTS !== undefined)(
  '10,000 slow clients are refused or bounded, and a get takes no longer meanwhile',
  { timeout: 300_000 },
  async () => {
    const { server, port } = await startPlainAdmin();
    await using _ = server;
    const client = await AskingClient.connect(server.port);
    await client.set('k', 'v');
    await p99Of(client, 3000);
    const ratios: number[] = [];
    const startedMs = performance.now();
    // The best of several, since other programs run at the same time.
    for (let attempt = 0; attempt < 3 && !ratios.some((ratio) => ratio < 1.5); attempt++) {
      const before = await p99Of(client, 3000);
      const slow = spawn(process.execPath, ['-e', SLOW_CLIENTS, String(port), '10000'], {
        stdio: ['pipe', 'inherit', 'inherit'],
      });
      const ended = once(slow, 'exit');
      while ((await counted(client, 'admin_accept_pauses')) <= 2 * attempt) await client.get('k');
      const during = await p99Of(client, 3000);
      slow.stdin.end();
      expect((await ended)[0]).toBe(0);
      ratios.push(during / before);
    }
    console.log(
      `p99 of a get during 10,000 slow clients to before: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`,
    );
    expect(Math.min(...ratios)).toBeLessThan(3);
    expect(await counted(client, 'admin_connections_refused')).toBeLessThanOrEqual(mostAccepted(startedMs));
    expect((await askHttp(port, '/readyz')).status).toBe(200);
    client.close();
  },
);

/** Connections that are accepted from a time of performance.now() on, those that are refused included. */
function mostAccepted(fromMs: number): number {
  const seconds = Math.ceil((performance.now() - fromMs) / 1000) + 1;
  return seconds * MOST_ACCEPTED_A_SECOND;
}

test.runIf(process.platform === 'linux')(
  'of thousands of new connections at most 256 a second are accepted or refused; the port stays in use, and the others wait',
  async () => {
    const { server, port } = await startPlainAdmin();
    await using _ = server;
    const client = await AskingClient.connect(server.port);
    const startedMs = performance.now();
    const sockets = Array.from({ length: 2000 }, () =>
      createConnection(port, '127.0.0.1').on('error', () => undefined),
    );
    // In a pause as well as before it.
    const others = [createServer(), createServer()];
    for (const [pauses, other] of others.entries()) {
      while ((await counted(client, 'admin_accept_pauses')) < pauses) await client.get('k');
      other.listen(port, '127.0.0.1');
      expect((await once(other, 'error'))[0]).toMatchObject({ code: 'EADDRINUSE' });
    }
    while ((await counted(client, 'admin_accept_pauses')) < 2) await client.get('k');
    const refused = await counted(client, 'admin_connections_refused');
    expect(refused).toBeGreaterThan(MOST_ACCEPTED_A_SECOND);
    expect(refused).toBeLessThanOrEqual(mostAccepted(startedMs));
    for (const socket of sockets) socket.destroy();
    // Those that are in the kernel's queue come first.
    expect((await askHttp(port, '/readyz')).status).toBe(200);
    client.close();
  },
);

test('hundreds of slow clients are bounded and counted, while the cache and the health check go on', async () => {
  const { server, port } = await startPlainAdmin();
  await using _ = server;
  const slow: Socket[] = [];
  for (let number = 0; number < 300; number++) {
    const socket = createConnection(port, '127.0.0.1')
      .on('error', () => undefined)
      .resume();
    socket.write('GET /metrics HTTP/1.1\r\nHost: loc');
    slow.push(socket);
  }
  await Promise.all(slow.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
  const client = await AskingClient.connect(server.port);
  const [first, second] = [await client.stat('curr_connections'), await client.set('k', 'v')];
  expect([first, second]).toEqual([1, 'STORED']);
  const rows = await client.list('stats transport\r\n');
  expect(Number(/STAT admin_connections (\d+)/.exec(rows)?.[1])).toBeLessThanOrEqual(16);
  expect(Number(/STAT admin_connections_refused (\d+)/.exec(rows)?.[1])).toBeGreaterThan(200);
  // Their headers do not arrive in time, so they lose their places.
  await Promise.all(slow.map((socket) => (socket.closed ? undefined : once(socket, 'close'))));
  expect((await askHttp(port, '/readyz')).status).toBe(200);
  client.close();
});
