// Listening on a Unix socket: existing files at the path, permissions, and removal.

import { linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NetTransport } from '../../src/transport/net/net-transport.js';
import { TestClient } from './client.js';
import { EpollUnderTest, libcIfAny } from './epoll-harness.js';
import { startServer, type TestServer, type TransportFactory } from './server.js';

const libc = await libcIfAny();
const TRANSPORTS: Record<string, TransportFactory> = { net: (...parts) => new NetTransport(...parts) };
if (libc !== undefined) TRANSPORTS.epoll = (...parts) => new EpollUnderTest(libc, ...parts);

let folder = '';
let servers: TestServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socket-'));
});

afterEach(() => {
  for (const server of servers) server.transport.stop();
  servers = [];
  rmSync(folder, { recursive: true });
});

describe.each(Object.entries(TRANSPORTS))('a Unix socket, %s', (_name, factory) => {
  const startAt = async (path: string, mode = 0o700): Promise<TestServer> => {
    const server = await startServer(factory, { addresses: [], unixSocket: { path, mode } });
    servers.push(server);
    return server;
  };

  test('serves clients, and is removed at the end', async () => {
    const path = join(folder, 'a');
    const server = await startAt(path);
    expect(server.addresses).toEqual({ tcp: [], unix: path });
    const client = await TestClient.connect({ path });
    client.send(`big ${30 * 1024 * 1024}\r\n`);
    await client.until(() => client.received === 30 * 1024 * 1024 + 7);
    server.transport.stop();
    await client.closed();
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test.each([0o700, 0o770, 0o777])('has the requested permissions: %o', async (mode) => {
    const path = join(folder, 'a');
    await startAt(path, mode);
    expect(statSync(path).mode & 0o777).toBe(mode);
  });

  test('replaces that of a dead server', async () => {
    const path = join(folder, 'a');
    await leaveDeadSocket(path);
    await startAt(path);
    const client = await TestClient.connect({ path });
    expect(await client.ask('echo reclaimed\r\n', '\r\n')).toBe('reclaimed\r\n');
  });

  test('does not replace that of a running server', async () => {
    const path = join(folder, 'a');
    await startAt(path);
    await expect(startAt(path)).rejects.toThrow(`cannot listen on ${path}: another server is listening there`);
    const client = await TestClient.connect({ path });
    expect(await client.ask('echo undisturbed\r\n', '\r\n')).toBe('undisturbed\r\n');
  });

  test('does not replace a file that is not a socket', async () => {
    const path = join(folder, 'a');
    writeFileSync(path, 'precious');
    await expect(startAt(path)).rejects.toThrow(`cannot listen on ${path}: it exists and is not a socket`);
    expect(statSync(path).size).toBe(8);
  });

  test('refuses a path that is too long', async () => {
    const path = join(folder, 'x'.repeat(120));
    await expect(startAt(path)).rejects.toThrow(/the path of a Unix socket is at most \d+ bytes$/);
  });

  test('refuses a folder that does not exist', async () => {
    await expect(startAt(join(folder, 'no', 'a'))).rejects.toThrow(/^cannot listen on .*\/no\/a: /);
  });
});

/** A socket file whose server has ended without removing it: a hard link survives the removal of the first name. */
async function leaveDeadSocket(path: string): Promise<void> {
  const other = `${path}.other`;
  const server = await new Promise<Server>((resolve) => {
    const created = createServer();
    created.listen(other, () => resolve(created));
  });
  linkSync(other, path);
  await new Promise((resolve) => server.close(resolve));
}
