// Several protocols on one transport: a second one is registered by the same interface, chosen by a connection's first byte or by its
// listener, and served in separate batches.

import { afterEach, describe, expect, test } from 'vitest';
import { Arena } from '../../src/arena/memory.js';
import { Clock } from '../../src/base/clock.js';
import { Metrics } from '../../src/base/metrics.js';
import { DEFAULT_OPERATION_OPTIONS } from '../../src/operations/operation-options.js';
import { Operations } from '../../src/operations/operations.js';
import type { Protocol } from '../../src/protocols/protocol.js';
import { ProtocolShell } from '../../src/protocols/protocol-shell.js';
import { TextProtocol } from '../../src/protocols/text/text-protocol.js';
import { Store } from '../../src/store/store.js';
import { NetTransport } from '../../src/transport/net/net-transport.js';
import type { ListenAddress, TransportOptions } from '../../src/transport/transport-options.js';
import { TestClient } from './client.js';
import { EpollUnderTest, libcIfAny } from './epoll-harness.js';
import { engineOf } from './fake-engine.js';
import { PingProtocol } from './ping-protocol.js';
import type { TestedTransport, TransportFactory } from './server.js';

const MIB = 1024 * 1024;
const HOST = '127.0.0.1';
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

const transports: [string, TransportFactory][] = [['net', (...parts) => new NetTransport(...parts)]];
const libc = await libcIfAny();
if (libc !== undefined) transports.push(['epoll', (...parts) => new EpollUnderTest(libc, ...parts)]);

describe.each(transports)('with the transport %s', (_, factory) => {
  const running: TestedTransport[] = [];
  const clients: TestClient[] = [];

  afterEach(() => {
    for (const client of clients.splice(0)) client.socket.destroy();
    for (const transport of running.splice(0)) transport.stop();
  });

  async function start(addresses: readonly ListenAddress[]) {
    const arena = Arena.create({ limitBytes: 4 * MIB, threads: 1 });
    const clock = new Clock(arena.clockCells);
    const metrics = new Metrics(arena.metricCells, 0);
    const store = new Store(arena, clock, metrics, 0, { itemLimitBytes: MIB, evictionsAllowed: true });
    const { scratch, spareOutputs, ...windows } = arena.windows(0);
    const options = { ...DEFAULT_OPERATION_OPTIONS, version: '1.2.3' };
    const shell = new ProtocolShell(
      new Operations({ bytes: arena.bytes, scratch, store, clock, metrics, options }),
      windows,
    );
    const ping = new PingProtocol(shell);
    const protocols: readonly Protocol[] = [ping, new TextProtocol(shell)];
    const transportOptions: TransportOptions = {
      memory: arena,
      spareOutputs,
      addresses,
      backlog: 64,
      maxConnections: 64,
      idleTimeoutSeconds: 0,
      valueTimeoutSeconds: 0,
      writeTimeoutSeconds: 0,
      onShutdown: () => {},
      onFatal: (error) => {
        throw error;
      },
    };
    const transport = factory(engineOf(shell, protocols), transportOptions, metrics, clock, SILENT);
    running.push(transport);
    const { tcp } = await transport.listen();
    const connect = async (listener = 0): Promise<TestClient> => {
      const client = await TestClient.connect({ host: HOST, port: tcp[listener]?.port ?? 0 });
      clients.push(client);
      return client;
    };
    return { connect, ping };
  }

  const ANY: ListenAddress = { host: HOST, port: 0 };

  test('a second protocol is recognized by the first byte of a connection', async () => {
    const { connect } = await start([ANY]);
    const pinging = await connect();
    const asking = await connect();
    pinging.send('PING\r\nPING\r\n');
    asking.send('set a 0 0 1\r\nx\r\nget a\r\n');
    await pinging.until(() => pinging.text === 'PONG\r\nPONG\r\n');
    await asking.until(() => asking.text === 'STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n');
  });

  test('a request of the second protocol that arrives byte by byte is served when it is complete', async () => {
    const { connect } = await start([ANY]);
    const client = await connect();
    for (const byte of 'PING\r\n') {
      expect(client.text).toBe('');
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until(() => client.text === 'PONG\r\n');
  });

  test('a connection keeps its protocol, and is closed by it', async () => {
    const { connect } = await start([ANY]);
    const client = await connect();
    client.send('PING\r\n');
    await client.until(() => client.text === 'PONG\r\n');
    client.send('version\r\n');
    await client.until(() => client.hasEnded || client.isClosed);
    expect(client.text).toBe('PONG\r\n');
  });

  test('connections of two protocols that send alternately are each served in their own protocol', async () => {
    const { connect, ping } = await start([ANY]);
    const all: TestClient[] = [];
    for (let index = 0; index < 20; index++) all.push(await connect());
    for (let round = 1; round <= 5; round++) {
      for (const [index, client] of all.entries()) client.send(index % 2 === 0 ? 'PING\r\n' : 'version\r\n');
      for (const [index, client] of all.entries()) {
        const reply = index % 2 === 0 ? 'PONG\r\n' : 'VERSION 1.2.3\r\n';
        await client.until(() => client.text === reply.repeat(round));
      }
    }
    expect(ping.batches).toBeGreaterThan(0);
  });

  test('a listener with one protocol accepts no other', async () => {
    const { connect } = await start([
      { ...ANY, protocols: ['text'] },
      { ...ANY, protocols: ['ping'] },
    ]);
    const [text, ping] = [await connect(0), await connect(1)];
    text.send('PING\r\n');
    await text.until(() => text.text === 'ERROR\r\n');
    ping.send('version\r\n');
    await ping.until(() => ping.hasEnded || ping.isClosed);
    expect(ping.text).toBe('');
  });
});
