// The client of `cacheismo/client` against a real server, and against one of the test that closes connections.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type gcra from '../../plugins/gcra.js';
import type lease from '../../plugins/lease.js';
import type map from '../../plugins/map.js';
import type queue from '../../plugins/queue.js';
import type set from '../../plugins/set.js';
import { CallConnection, CallError, connect, type ObjectClient } from '../../src/client/client.js';
import { type ServerProcess, startProcess } from '../app/server-process.js';

/** All characters that end words, lines, keys and escapes. */
const INPUT = 'a b:c%41%\r\nflush_all\r\n\t+&=/?#*\'"~\0\x7fü日';

describe('a client of a server', () => {
  let server: ServerProcess;
  let client: ObjectClient;

  beforeAll(async () => {
    server = await startProcess();
    client = connect({ port: server.port });
  });

  afterAll(async () => {
    client.close();
    await server[Symbol.asyncDispose]();
  });

  test('calls methods of types that ship, with arguments by name', async () => {
    const limiter = client.type<typeof gcra>('gcra');
    expect(await limiter.take('user:7', { burst: 2, count: 1, period_ms: 60_000 })).toBe('ALLOW 2 1 0 60000');
    const acquired = await client.type<typeof lease>('lease').acquire('report', { owner: 'w1', ttl_ms: 30_000 });
    expect(acquired).toMatch(/^OK \d+ 30000$/);
    const token = Number(acquired?.split(' ')[1]);
    expect(await client.type<typeof lease>('lease').release('report', { owner: 'w1', token })).toBe('OK');
  });

  test('keeps any key and any argument as it is, and results as text', async () => {
    const calls = client.type<typeof map>('map');
    const key = 'k:%41ü日';
    expect(await calls.new(key)).toBe('CREATED');
    expect(await calls.put(key, { k: INPUT, v: INPUT })).toBe('SUCCESS');
    expect(await calls.get(key, { k: INPUT })).toBe(`${INPUT} : ${INPUT}`);
    expect(await calls.put(key, { k: '', v: '' })).toBe('SUCCESS');
    expect(await calls.get(key, { k: '' })).toBe(' : ');
    await expect(calls.new('a b')).rejects.toThrow('must not have a blank');
  });

  test('returns bytes as characters on request', async () => {
    const bytes = connect({ port: server.port, encoding: 'latin1' });
    const calls = bytes.type<typeof map>('map');
    await calls.new('bytes');
    await calls.put('bytes', { k: 'k', v: Uint8Array.of(0, 255, 13) });
    expect(await calls.get('bytes', { k: 'k' })).toBe('k : \0\xff\r');
    bytes.close();
  });

  test('sends a last argument that is too long for a key as a data block, and returns the result', async () => {
    const jobs = client.type<typeof queue>('queue');
    const body = INPUT.repeat(100);
    expect(await jobs.put('mail', { body })).toMatch(/^OK \S+ 1$/);
    expect(await jobs.take('mail', { worker: 'w', ttr_ms: 1000 })).toMatch(/日$/);
    const members = Array.from({ length: 200 }, (_, index) => `member ${index}`);
    const calls = client.type<typeof set>('set');
    await calls.new('many');
    expect(await calls.putall('many', { members })).toBe('SUCCESS');
    expect(await calls.count('many')).toBe('200');
    expect(await calls.exists('many', { member: 'x'.repeat(300) })).toBe('NOT_FOUND');
    await expect(client.type<typeof map>('map').put('m', { k: 'x'.repeat(300), v: 'v' })).rejects.toThrow(
      'map:put: key and arguments, without the last one, take 310 of at most 250 bytes',
    );
  });

  test('sends the defaults of arguments that are left out before a given one', async () => {
    const limiter = client.type<typeof gcra>('gcra');
    await limiter.policy('p', { burst: 5, count: 1, period_ms: 60_000 });
    expect(await limiter.take('p')).toBe('ALLOW 5 4 0 60000');
    expect(await limiter.peek('q', { n: 3, period_ms: 1000, count: 1 })).toMatch(/^DENY 1 1 -1 /);
  });

  test('resolves with undefined for a missing object', async () => {
    expect(await client.type<typeof set>('set').count('none')).toBeUndefined();
    expect(await client.type<typeof queue>('queue').pause('mail')).toBe('OK');
    expect(await client.type<typeof map>('map').ttl('none')).toBeUndefined();
  });

  test('rejects with the error line of a refused call', async () => {
    const refused = client.type<typeof gcra>('gcra').take('u', { burst: -1 });
    await expect(refused).rejects.toThrow('CLIENT_ERROR gcra:take: burst must be >= 0');
    await expect(refused).rejects.toMatchObject({ name: 'CallError', code: 'CLIENT_ERROR' });
    await expect(client.type('nothing').get('k')).rejects.toThrow(CallError);
    await expect(client.type('nothing').get('k')).rejects.toThrow('type nothing is not loaded');
  });

  test('rejects wrong names and missing arguments without sending them', async () => {
    const calls = client.type('lease');
    await expect(calls.aquire('k', { owner: 'o' })).rejects.toThrow(
      'lease has no method aquire; it has acquire, renew, release, check, steal, who, ttl, expire',
    );
    await expect(calls.acquire('k', { owner: 'o', ttl: 1 })).rejects.toThrow(
      'lease:acquire has no parameter ttl; it has owner, ttl_ms, slots',
    );
    await expect(calls.acquire('k', { ttl_ms: 1 })).rejects.toThrow('lease:acquire: owner is required');
    await expect(calls.who('k', { n: 1 })).rejects.toThrow('lease:who has no parameter n; it has no parameters');
    for (const args of ['o', 7, ['o'], new Uint8Array(1), null] as unknown as Record<string, string>[]) {
      await expect(calls.acquire('k', args)).rejects.toThrow(
        'lease:acquire takes its arguments as one object: { owner: ... }',
      );
      await expect(calls.who('k', args)).rejects.toThrow('lease:who takes no arguments');
    }
  });

  test('gives each of many overlapping calls its own reply', async () => {
    const calls = client.type<typeof map>('map');
    await calls.new('sums');
    const sums = await Promise.all(Array.from({ length: 500 }, () => calls.incr('sums', { k: 'n' })));
    expect(sums.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    const echoes = Array.from({ length: 200 }, async (_, index) => {
      await calls.put('sums', { k: `k${index}`, v: 'v'.repeat(index * 20) });
      expect(await calls.get('sums', { k: `k${index}` })).toBe(`k${index} : ${'v'.repeat(index * 20)}`);
    });
    await Promise.all(echoes);
  });

  test('can be awaited with its calls', async () => {
    const calls = await Promise.resolve(client.type<typeof set>('set'));
    expect(await calls.new('awaited')).toBe('CREATED');
  });

  test('logs in, as a user whose role has the methods and the declaration', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'client-users-'));
    writeFileSync(join(folder, 'users'), 'shop:secret:set.*,cacheismo.declaration\nless:secret:set.*\n');
    await using protectedServer = await startProcess(['-Y', join(folder, 'users')]);
    const as = (name: string) => connect({ port: protectedServer.port, user: { name, password: 'secret' } });
    const [shop, less] = [as('shop'), as('less')];
    expect(await shop.type<typeof set>('set').new('k')).toBe('CREATED');
    await expect(shop.type<typeof map>('map').new('k')).rejects.toThrow('CLIENT_ERROR not permitted');
    await expect(less.type<typeof set>('set').count('k')).rejects.toThrow('CLIENT_ERROR not permitted');
    shop.close();
    less.close();
    rmSync(folder, { recursive: true });
  });

  test('needs a prefix where the server requires one', async () => {
    await using prefixed = await startProcess(['--virtual-prefix', 'obj:', '--virtual-prefix-required']);
    const without = connect({ port: prefixed.port });
    await expect(without.type<typeof set>('set').new('k')).rejects.toThrow('see --no-objects and --virtual-prefix');
    without.close();
    const right = connect({ port: prefixed.port, prefix: 'obj:' });
    expect(await right.type<typeof set>('set').new('k')).toBe('CREATED');
    right.close();
  });
});

describe('a client whose connection is lost', () => {
  let server: Server;
  let port: number;
  let connections: number;
  /** What the server declares of its type. */
  let parameters: readonly object[];
  let requests: string[];

  const reply = (request: string): string | undefined => {
    if (request === 'get cacheismo:declaration:t') {
      const json = JSON.stringify({ name: 't', missing: 'miss', methods: { m: { parameters } } });
      return `VALUE x 0 ${json.length}\r\n${json}\r\nEND\r\n`;
    }
    if (request === 'get t:m:wrong:1') return 'CLIENT_ERROR t:m: wrong\r\n';
    return request === 'get t:m:silent' ? undefined : 'VALUE x 0 2\r\nOK\r\nEND\r\n';
  };

  beforeAll(async () => {
    server = createServer((socket) => {
      connections++;
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        for (const request of data.toString().split('\r\n').slice(0, -1)) {
          requests.push(request);
          if (request === 'get t:m:end') socket.destroy();
          else socket.write(reply(request) ?? '');
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterAll(() => server.close());

  const fresh = (timeoutMs?: number): ObjectClient => {
    connections = 0;
    requests = [];
    parameters = [{ name: 'a', default: 0 }];
    return connect(timeoutMs === undefined ? { port } : { port, timeoutMs });
  };

  test('rejects the calls whose replies were due, repeats none, and connects again for the next', async () => {
    const client = fresh();
    const { m } = client.type('t');
    expect(await m('k')).toBe('OK');
    const lost = await Promise.allSettled([m('end'), m('k')]);
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await Promise.all([m('k'), m('k')])).toEqual(['OK', 'OK']);
    expect([connections, requests.filter((request) => request.endsWith(':end')).length]).toEqual([2, 1]);
    client.close();
  });

  test('reads the declaration once for a connection, and again after a call that was refused', async () => {
    const client = fresh();
    const { m } = client.type('t');
    const reads = () => requests.filter((request) => request.includes('declaration')).length;
    await Promise.all([m('k', { a: 1 }), m('k', { a: 2 })]);
    await m('k');
    expect(reads()).toBe(1);
    parameters = [{ name: 'b', default: 5 }, { name: 'a' }];
    await expect(m('wrong', { a: 1 })).rejects.toThrow('CLIENT_ERROR t:m: wrong');
    await m('k', { a: 1 });
    expect([reads(), requests.at(-1)]).toEqual([2, 'get t:m:k:5:1']);
    client.close();
  });

  test('rejects a call without a reply in time, but not for an idle connection', async () => {
    const client = fresh(100);
    const { m } = client.type('t');
    await m('k');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await m('k')).toBe('OK');
    expect(connections).toBe(1);
    await expect(m('silent')).rejects.toThrow('no answer within 100 ms');
    client.close();
  });

  test('rejects calls that are due when the program closes it, and later ones', async () => {
    const client = fresh();
    const { m } = client.type('t');
    await m('k');
    const due = expect(m('silent')).rejects.toThrow('the connection was closed by this program');
    await new Promise((resolve) => setImmediate(resolve));
    client.close();
    await due;
    await expect(m('k')).rejects.toThrow('the client was closed');
  });

  test('sends calls of one connection without waiting for replies', async () => {
    fresh().close();
    const connection = await CallConnection.open({ port });
    expect(await Promise.all(['t:m:a', 't:m:wrong:1', 't:m:b'].map((key) => connection.call(key)))).toEqual([
      { value: 'OK', error: undefined },
      { value: undefined, error: 'CLIENT_ERROR t:m: wrong' },
      { value: 'OK', error: undefined },
    ]);
    connection.close();
    await expect(connection.call('t:m:a')).rejects.toThrow('closed by this program');
  });
});
