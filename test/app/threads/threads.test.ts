// Several data threads on one arena: the distribution of clients, the common clock and counters, and the effect of a failure. Load:
// threads-stress.test.ts.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/app/config/config.js';
import { choosePlane } from '../../../src/app/plane.js';
import { SYNC, syncCells } from '../../../src/arena/sync.js';
import { Lock } from '../../../src/base/lock.js';
import type { Store } from '../../../src/store/store.js';
import type { Libc } from '../../../src/transport/epoll/libc.js';
import { TRANSPORT_METRICS } from '../../../src/transport/transport-metrics.js';
import { checkStore } from '../../store/checker.js';
import { eventually } from '../../transport/client.js';
import { libcIfAny } from '../../transport/epoll-harness.js';
import { AskingClient } from '../asking-client.js';
import { startProcess } from '../server-process.js';
import { startPlane } from './data-plane-harness.js';

const libc = await libcIfAny();

/** A client that sends requests and does not read. */
class SilentClient {
  private constructor(private readonly socket: Socket) {}

  static async connect(port: number): Promise<SilentClient> {
    const socket = createConnection(port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    return new SilentClient(socket.pause());
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  close(): void {
    this.socket.destroy();
  }
}

function pinnedItems(store: Store): number {
  let pinned = 0;
  store.forEachItem((item) => {
    if (store.items.pins(item) !== 0) pinned++;
  });
  return pinned;
}

const connections = (port: number, count: number) =>
  Promise.all(Array.from({ length: count }, () => AskingClient.connect(port)));

if (libc !== undefined) {
  describe('data threads', () => {
    test('get equal shares of the connections, also after some have closed', async () => {
      await using server = await startPlane(libc, 2, ['--no-objects']);
      const clients = await connections(server.port, 50);
      await Promise.all(clients.map((client) => client.line('version\r\n')));
      expect(server.shares(TRANSPORT_METRICS.curr_connections)).toEqual([0, 25, 25]);
      // The first thread loses all of its clients.
      const before = server.shares(TRANSPORT_METRICS.bytes_read)[1];
      for (const client of clients) {
        const known = server.shares(TRANSPORT_METRICS.bytes_read)[1];
        await client.line('version\r\n');
        if (server.shares(TRANSPORT_METRICS.bytes_read)[1] > known) client.close();
      }
      expect(server.shares(TRANSPORT_METRICS.bytes_read)[1]).toBeGreaterThan(before);
      await eventually(() => server.shares(TRANSPORT_METRICS.curr_connections)[1] === 0);
      const others = await connections(server.port, 25);
      await Promise.all(others.map((client) => client.line('version\r\n')));
      expect(server.shares(TRANSPORT_METRICS.curr_connections)).toEqual([0, 25, 25]);
      for (const client of [...clients, ...others]) client.close();
    });

    test('share data, counters and clock', async () => {
      await using server = await startPlane(libc, 4, ['--no-objects', '--debug-commands']);
      const clients = await connections(server.port, 8);
      const [first] = clients as [AskingClient];
      expect(await first.set('lasting', 'here')).toBe('STORED');
      expect(await first.set('passing', 'here', 100)).toBe('STORED');
      for (const client of clients) expect(await client.get('passing')).toBe('here');
      expect(await first.stat('threads')).toBe(4);
      expect(await first.stat('get_hits')).toBe(8);
      expect(await first.stat('curr_connections')).toBe(8);
      expect(await clients[1].line('debugtime 200\r\n')).toBe('OK');
      for (const client of clients) expect(await client.get('passing')).toBeUndefined();
      for (const client of clients) expect(await client.get('lasting')).toBe('here');
      const uptimes = await Promise.all(clients.map((client) => client.stat('uptime')));
      for (const uptime of uptimes) expect(uptime).toBeGreaterThanOrEqual(200);
      for (const client of clients) client.close();
    });

    test('have a common limit of connections', async () => {
      await using server = await startPlane(libc, 3, ['--no-objects', '-c', '10']);
      const clients = await connections(server.port, 10);
      await Promise.all(clients.map((client) => client.line('version\r\n')));
      const eleventh = await AskingClient.connect(server.port);
      expect(await eleventh.line('')).toBe('ERROR Too many open connections');
      clients[5]?.close();
      await eventually(() => server.parts.metrics.total(TRANSPORT_METRICS.curr_connections) <= 9);
      const twelfth = await AskingClient.connect(server.port);
      expect(await twelfth.line('version\r\n')).toMatch(/^VERSION/);
      for (const client of [...clients, eleventh, twelfth]) client.close();
    });

    test('stop together, with one reason, when one of them fails', async () => {
      await using server = await startPlane(libc, 3, ['--no-objects']);
      const clients = await connections(server.port, 6);
      await clients[0].set('torn', 'x'.repeat(100));
      server.exclusively(() => {
        const { arena, store } = server.parts;
        const { at } = arena.windows(0).input;
        arena.bytes.set(Buffer.from('torn'), at);
        // The item's chunk is marked as free though it is in use.
        const item = store.find(at, 4);
        arena.words[item * 2] = arena.words[item * 2] & ~1;
      });
      const answers = clients.map((client) => client.line('delete torn\r\n').catch(() => 'closed'));
      const error = await server.failed;
      expect(error.message).toBe('invariant broken: a released chunk was in use');
      for (const client of clients) client.close();
      expect(await Promise.all(answers)).toEqual(clients.map(() => 'closed'));
      await server.plane.drain(1000);
      expect(server.fatal).toHaveLength(1);
    });

    test('are waited for at the end for longer if the data is to be saved', async () => {
      for (const [flags, isAtRest] of [
        [[], false],
        [['-e', '/cache.mem'], true],
      ] as const) {
        await using server = await startPlane(libc, 2, ['--no-objects', ...flags]);
        const client = await SilentClient.connect(server.port);
        const lock = new Lock(syncCells(server.parts.arena), SYNC.lock);
        lock.acquire();
        client.send('get a\r\n');
        // A drain of 100 ms ends at most 400 ms late where nothing is saved.
        const released = sleep(1500).then(() => lock.release());
        await server.plane.drain(100);
        expect(server.plane.isAtRest).toBe(isAtRest);
        await released;
        client.close();
      }
    });
  });

  describe('large values', () => {
    const big = (letter: string) => letter.repeat(20_000);

    test('arrive completely, even many in one reply, and none is sent before an error line', async () => {
      await using server = await startPlane(libc, 2, ['--no-objects', '-I', '4m']);
      const [client] = (await connections(server.port, 1)) as [AskingClient];
      const keys = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
      for (const key of keys) expect(await client.set(key, big(key))).toBe('STORED');
      const line = (key: string) => `VALUE ${key} 0 20000\r\n${big(key)}\r\n`;
      expect((await client.list(`get ${keys.join(' ')}\r\n`)) === `${keys.map(line).join('')}END\r\n`).toBe(true);
      expect(await client.line(`get a b ${'x'.repeat(251)}\r\n`)).toBe('CLIENT_ERROR bad command line format');
      const huge = 'h'.repeat(3_000_000);
      expect(await client.set('huge', huge)).toBe('STORED');
      expect((await client.get('huge')) === huge).toBe(true);
      const both = `VALUE huge 0 3000000 1\r\n${huge}\r\nVALUE a 0 20000 2\r\n${big('a')}\r\nEND\r\n`;
      expect((await client.list('gets huge a\r\n')) === both).toBe(true);
      client.close();
    });

    test('are pinned for clients that do not read, and freed when those have gone', async () => {
      await using server = await startPlane(libc, 2, ['--no-objects', '-m', '32']);
      const [client] = (await connections(server.port, 1)) as [AskingClient];
      const keys = Array.from({ length: 20 }, (_, index) => `key${index}`);
      for (const key of keys) await client.set(key, 'v'.repeat(400_000));
      const slow = await Promise.all(Array.from({ length: 30 }, () => SilentClient.connect(server.port)));
      for (const [index, one] of slow.entries()) one.send(`get ${keys[index % 20]}\r\n`.repeat(50));
      const pinned = () => server.exclusively(() => pinnedItems(server.parts.store));
      await eventually(() => pinned() > 0);
      // The items that they hold can be replaced and deleted meanwhile.
      for (const key of keys.slice(10)) expect(await client.set(key, 'w'.repeat(400_000))).toBe('STORED');
      for (const key of keys.slice(0, 5)) expect(await client.line(`delete ${key}\r\n`)).toBe('DELETED');
      for (const one of slow) one.close();
      await eventually(() => server.parts.metrics.total(TRANSPORT_METRICS.curr_connections) === 1);
      // The items are unpinned at the end of the turn in which their client disconnected.
      await eventually(() => pinned() === 0);
      expect(pinned()).toBe(0);
      server.exclusively(() => checkStore(server.parts.store));
      client.close();
    });
  });

  describe('the server with threads', () => {
    test('ends on a signal with clients in every thread', async () => {
      await using server = await startProcess(['-t', '4', '--no-objects']);
      const clients = await connections(server.port, 40);
      await Promise.all(clients.map((client) => client.set('key', 'value')));
      server.child.kill('SIGTERM');
      expect(await server.ended).toBe(0);
      await eventually(() => clients.every((client) => client.isClosed));
    });

    test('ends immediately by the shutdown command, though other threads sleep', async () => {
      await using server = await startProcess(['-t', '4', '-A', '--no-objects']);
      const clients = await connections(server.port, 8);
      await expect(clients[6]?.line('shutdown\r\n')).rejects.toThrow('closed');
      expect(await server.ended).toBe(0);
    });

    test('logs when fewer threads start than requested', async () => {
      await using many = await startProcess(['-t', '8', '--no-objects']);
      await many.logged(new RegExp(`^8 threads were asked for; ${Math.min(4, availableParallelism())} serve`));
      await using net = await startProcess(['-t', '3', '--transport', 'net', '--no-objects']);
      await net.logged(/^3 threads were asked for; with the transport net one thread serves/);
      const client = await AskingClient.connect(net.port);
      expect(await client.stat('threads')).toBe(1);
      expect(await client.list('stats transport\r\n')).toContain('STAT transport net\r\n');
      client.close();
    });

    test('lets any thread change the verbosity of all', async () => {
      await using server = await startProcess(['-t', '2', '--no-objects']);
      const clients = await connections(server.port, 4);
      expect(await clients[0]?.line('verbosity 1\r\n')).toBe('OK');
      for (const client of clients) expect(await client.list('stats settings\r\n')).toContain('STAT verbosity 1\r\n');
      for (const client of clients) client.close();
    });
  });
}

const load = async (args: readonly string[]) => {
  const config = await loadConfig({ args, environment: {}, directory: '/' });
  if ('print' in config) throw new Error('printed instead');
  return config;
};

test('a server without epoll logs why it has one thread', async () => {
  expect(choosePlane(await load([]), 'there is no epoll here')).toMatchObject({
    transport: 'net',
    dataThreads: 1,
    notices: ["there is no epoll here: one thread serves all connections by Node's own sockets"],
  });
  const asked = await load(['--transport', 'epoll']);
  expect(() => choosePlane(asked, 'there is no epoll here')).toThrow('--transport epoll: there is no epoll here');
});

test('a number of threads that needs more descriptors than allowed is refused in one line', async () => {
  const asked = await load(['--transport', 'epoll', '-t', '2']);
  const withDescriptors = (count: number) => () => choosePlane(asked, {} as Libc, 2, count);
  expect(withDescriptors(55)).toThrow('--transport epoll: 2 threads need 56 files, and the process may open only 55');
  expect(withDescriptors(56)).not.toThrow();
});

test('the number of threads is limited by that of processors, and by four', async () => {
  const some = {} as Libc;
  const plane = async (args: readonly string[], processors: number) => {
    const { dataThreads, notices } = choosePlane(await load(args), some, processors);
    return [dataThreads, ...notices];
  };
  expect(await plane([], 1)).toEqual([1]);
  expect(await plane([], 3)).toEqual([3]);
  expect(await plane([], 64)).toEqual([4]);
  expect(await plane(['-t', '2'], 2)).toEqual([2]);
  expect(await plane(['-t', '4'], 2)).toEqual([2, '4 threads were asked for; 2 serve, one for each processor']);
  expect(await plane(['-t', '4'], 4)).toEqual([4]);
  expect(await plane(['-t', '8'], 64)).toEqual([
    4,
    '8 threads were asked for; 4 serve, more would only wait for each other',
  ]);
});
