// The required behaviour of every transport when there are too many or slow clients, and when it stops. A part of suite.ts.

import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { ConnectionWatch } from '../../src/transport/connection-watch.js';
import { TRANSPORT_METRICS } from '../../src/transport/transport-metrics.js';
import { eventually, TestClient } from './client.js';
import { drained, type Start, stalled } from './server.js';

const MEGABYTE = 1024 * 1024;

/** `refusal` is the line for a client over the limit. */
export function describeLimits(start: Start, refusal: string): void {
  test('sends an error line to one connection over the limit, closes it, and admits the next after another closes', async () => {
    const server = await start({ maxConnections: 3 });
    const clients = await Promise.all([server.connect(), server.connect(), server.connect()]);
    for (let round = 1; round <= 2; round++) {
      const refused = await server.connect();
      refused.send('echo unheard\r\n');
      await refused.closed();
      expect(refused.text).toBe(refusal);
      expect(server.count(TRANSPORT_METRICS.rejected_connections)).toBe(round);
    }
    // As in memcached, which counts only pauses of accepting.
    expect(server.count(TRANSPORT_METRICS.listen_disabled_num)).toBe(0);
    clients[0]?.destroy();
    await eventually(() => server.transport.connectionCount === 2);
    const accepted = await server.connect();
    expect(await accepted.ask('echo in\r\n', '\r\n')).toBe('in\r\n');
    expect(server.count(TRANSPORT_METRICS.total_connections)).toBe(4);
  });

  test('does not count refused clients as open, even if they do not close', async () => {
    const server = await start({ maxConnections: 3 });
    const clients = await Promise.all([server.connect(), server.connect(), server.connect()]);
    const refused = await Promise.all(Array.from({ length: 20 }, () => server.connect({ allowHalfOpen: true })));
    // TLS clients are closed without an error line.
    const isOver = (client: TestClient) => (refusal === '' ? client.isClosed : client.hasEnded);
    await Promise.all(refused.map((client) => client.until(() => isOver(client))));
    expect(server.count(TRANSPORT_METRICS.rejected_connections)).toBe(20);
    expect(server.count(TRANSPORT_METRICS.curr_connections)).toBe(3);
    for (const client of [...clients, ...refused]) client.destroy();
    await eventually(() => server.transport.connectionCount === 0);
    expect(server.count(TRANSPORT_METRICS.curr_connections)).toBe(0);
  });

  test('keeps the connection limit below the limit of descriptors', async () => {
    const server = await start({ maxConnections: 1000, descriptorLimit: 300 });
    expect(server.transport.maxConnections).toBe(236);
    expect(server.logged.map(({ message }) => message)).toEqual(['too few descriptors for all connections']);
  });

  test('serves many simultaneous connections', async () => {
    const server = await start({ backlog: 1024 });
    const clients = await Promise.all(Array.from({ length: 300 }, () => server.connect()));
    const answers = await Promise.all(clients.map((client) => client.ask('echo hi\r\n', '\r\n')));
    expect(new Set(answers)).toEqual(new Set(['hi\r\n']));
    expect(server.count(TRANSPORT_METRICS.curr_connections)).toBe(300);
    for (const client of clients) client.destroy();
    await eventually(() => server.transport.connectionCount === 0);
  });
}

export function describeTimeouts(start: Start): void {
  test('closes 500 clients that stop in the middle of a value', async () => {
    const server = await start({ valueTimeoutSeconds: 30 });
    const clients = await Promise.all(Array.from({ length: 500 }, () => server.connect()));
    for (const client of clients) client.send('set 1000\r\nhalf of it');
    await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) === 500 * 20);
    server.advance(29);
    expect(server.transport.connectionCount).toBe(500);
    server.advance(1);
    expect(server.transport.connectionCount).toBe(0);
    expect(server.engine.sessions.size).toBe(0);
    expect(server.count(TRANSPORT_METRICS.value_timeouts)).toBe(500);
    await Promise.all(clients.map((client) => client.closed()));
  });

  test('closes a client that sends less than a kilobyte of its value per second, but not one that sends a kilobyte', async () => {
    const server = await start({ valueTimeoutSeconds: 4 });
    const [slow, steady] = [await server.connect(), await server.connect()];
    let sent = 0;
    const send = async (client: typeof slow, text: string) => {
      client.send(text);
      sent += text.length;
      await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) === sent);
    };
    for (const client of [slow, steady]) await send(client, 'set 10240\r\n');
    for (let second = 0; second < 10; second++) {
      if (second < 3) await send(slow, 's');
      await send(steady, 'p'.repeat(1024));
      server.advance(1);
    }
    await slow.closed();
    expect(server.count(TRANSPORT_METRICS.value_timeouts)).toBe(1);
    expect(await steady.ask('\r\n', '\r\n')).toBe('STORED 1146880\r\n');
  });

  test('restarts the timeout for each request, however short', async () => {
    const server = await start({ valueTimeoutSeconds: 4 });
    const client = await server.connect();
    client.send('echo a');
    for (let second = 0; second < 10; second++) {
      await client.ask('\r\necho a', 'a\r\n');
      server.advance(2);
    }
    expect(server.transport.connectionCount).toBe(1);
  });

  test('closes slow writers that hold more than their share, the slowest first', async () => {
    const server = await start({ heldLimitBytes: 25_000 });
    const clients = await Promise.all(Array.from({ length: 4 }, () => server.connect()));
    for (const client of clients) client.send('set 10000\r\n');
    for (let second = 1; second <= 2; second++) {
      clients.forEach((client, index) => {
        client.send('p'.repeat(1024 * (index + 1)));
      });
      await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) === 4 * 11 + second * 10 * 1024);
      server.advance(1);
    }
    await Promise.all(clients.slice(0, 2).map((client) => client.closed()));
    expect(server.transport.connectionCount).toBe(2);
    expect(server.count(TRANSPORT_METRICS.held_closes)).toBe(2);
  });

  test('treats an unfinished line as stalled, but not an idle connection', async () => {
    const server = await start({ valueTimeoutSeconds: 30 });
    const [stalling, idle] = [await server.connect(), await server.connect()];
    stalling.send('echo unfinis');
    await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) === 12);
    server.advance(100_000);
    await stalling.closed();
    expect(server.count(TRANSPORT_METRICS.value_timeouts)).toBe(1);
    expect(await idle.ask('echo patience\r\n', '\r\n')).toBe('patience\r\n');
  });

  test('closes idle connections with an idle timeout', async () => {
    const server = await start({ idleTimeoutSeconds: 10 });
    const [idle, active] = [await server.connect(), await server.connect()];
    await eventually(() => server.transport.connectionCount === 2);
    server.advance(6);
    await active.ask('echo active\r\n', '\r\n');
    server.advance(6);
    await idle.closed();
    expect(server.count(TRANSPORT_METRICS.idle_kicks)).toBe(1);
    expect(await active.ask('echo still\r\n', '\r\n')).toBe('still\r\n');
  });
}

export function describeStop(start: Start): void {
  test('replies to what has arrived before a drain, and closes 1,000 clients', async () => {
    const server = await start({ maxConnections: 2000 });
    const clients = await Promise.all(Array.from({ length: 1000 }, () => server.connect()));
    clients.slice(0, 100).forEach((client) => {
      client.send(`big ${MEGABYTE}\r\n`);
    });
    await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) >= 100 * 13);
    await eventually(() => server.transport.connectionCount === 1000);
    const done = drained(server.transport, 5000);
    await Promise.all(clients.map((client) => client.closed()));
    await done;
    for (const [index, client] of clients.entries()) {
      expect(client.error).toBeUndefined();
      expect(client.received).toBe(index < 100 ? MEGABYTE + 7 : 0);
    }
    expect(server.transport.connectionCount).toBe(0);
    expect(server.count(TRANSPORT_METRICS.drain_cuts)).toBe(0);
    const late = new TestClient(server.target);
    await late.closed();
    expect(late.error).toBe('ECONNREFUSED');
  });

  test('waits for the rest of a value during a drain', async () => {
    const server = await start();
    const client = await server.connect();
    client.send('set 3\r\nab');
    await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) === 9);
    const done = drained(server.transport, 5000);
    client.send('c\r\n');
    await client.closed();
    await done;
    expect(client.text).toBe('STORED 294\r\n');
  });

  test('cuts off clients that are not done before the end of a drain, and logs their number', async () => {
    const server = await start();
    const client = await server.connect();
    client.send('set 3\r\na');
    await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) === 8);
    await drained(server.transport, 20);
    await client.closed();
    expect(server.count(TRANSPORT_METRICS.drain_cuts)).toBe(1);
    expect(server.logged.map(({ level }) => level)).toEqual(['warn']);
  });

  test('reports each client that comes, by its address, and why it went, but none that is refused', async () => {
    const events: string[] = [];
    const watch: ConnectionWatch = {
      isWatched: true,
      onOpened: (_descriptor, { host, port }) => events.push(`${host}:${port} came`),
      onClosed: (_descriptor, { host, port }, reason) => events.push(`${host}:${port} ${reason}`),
    };
    const server = await start({ watch, maxConnections: 1, idleTimeoutSeconds: 10 });
    const leave: Record<string, (client: TestClient) => unknown> = {
      normal: (client) => client.socket.end(),
      error: (client) => client.reset(),
      idle_timeout: () => server.advance(20),
      shutdown: () => drained(server.transport, 5000),
    };
    for (const [reason, act] of Object.entries(leave)) {
      const client = await server.connect();
      const { port } = client.socket.address() as AddressInfo;
      await eventually(() => events.length === 1);
      const refused = await server.connect();
      await refused.closed();
      act(client);
      await eventually(() => events.length === 2);
      expect(events.splice(0)).toEqual([`127.0.0.1:${port} came`, `127.0.0.1:${port} ${reason}`]);
      await eventually(() => server.transport.connectionCount === 0);
    }
  });

  test('closes everything immediately on stop, also during a drain', async () => {
    const server = await start();
    const clients = await Promise.all([server.connect({ reads: false }), server.connect()]);
    clients[0]?.send(`big ${100 * MEGABYTE}\r\n`);
    await stalled(server);
    const done = drained(server.transport, 60_000);
    server.transport.stop();
    expect(server.transport.connectionCount).toBe(0);
    await done;
    await clients[1]?.closed();
  });
}
