// Every command of the npm package `memcached` against the built server. The package uses callbacks, which the tests turn into promises.

import Memcached from 'memcached';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { sayTo } from './say.js';

let server: ServerProcess;
let client: Memcached;

beforeAll(async () => {
  server = await startProcess(['--debug-commands']);
  client = new Memcached(`127.0.0.1:${server.port}`);
});

afterAll(async () => {
  client.end();
  await server[Symbol.asyncDispose]();
});

type Callback = (error: unknown, result: unknown) => void;

/** Calls a method of the client by its name and resolves with its result. */
function call(method: string, ...args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => (error ? reject(error) : resolve(result));
    const methods = client as unknown as Record<string, (...args: readonly unknown[]) => void>;
    (methods[method] as (...args: readonly unknown[]) => void).call(client, ...args, callback);
  });
}

describe('npm memcached', () => {
  test('set, get and types of values', async () => {
    for (const value of ['text', '', 42, 4.5, { nested: [1, null, 'x'] }, Buffer.from([0, 1, 13, 10, 255])]) {
      expect(await call('set', 'key', value, 0)).toBe(true);
      expect(await call('get', 'key')).toEqual(value);
    }
    expect(await call('get', 'missing')).toBeUndefined();
  });

  test('text with line ends', async () => {
    await call('set', 'lines', 'one\r\nEND\r\ntwo\n', 0);
    expect(await call('get', 'lines')).toBe('one\r\nEND\r\ntwo\n');
  });

  test('a value of almost 1 MB', async () => {
    const large = 'x'.repeat(1_040_000);
    expect(await call('set', 'large', large, 0)).toBe(true);
    expect(await call('get', 'large')).toBe(large);
  });

  test('add and replace', async () => {
    expect(await call('add', 'fresh', 'a', 0)).toBe(true);
    await expect(call('add', 'fresh', 'b', 0)).rejects.toMatchObject({ notStored: true });
    expect(await call('replace', 'fresh', 'c', 0)).toBe(true);
    await expect(call('replace', 'missing', 'c', 0)).rejects.toMatchObject({ notStored: true });
    expect(await call('get', 'fresh')).toBe('c');
  });

  test('append and prepend', async () => {
    await call('set', 'joined', 'b', 0);
    expect(await call('append', 'joined', 'c')).toBe(true);
    expect(await call('prepend', 'joined', 'a')).toBe(true);
    expect(await call('get', 'joined')).toBe('abc');
    await expect(call('append', 'missing', 'c')).rejects.toMatchObject({ notStored: true });
  });

  test('gets and cas', async () => {
    await call('set', 'token', 'a', 0);
    const { cas, token } = (await call('gets', 'token')) as { cas: string; token: string };
    expect(token).toBe('a');
    expect(await call('cas', 'token', 'b', cas, 0)).toBe(true);
    expect(await call('cas', 'token', 'c', cas, 0)).toBe(false);
    expect(await call('get', 'token')).toBe('b');
  });

  test('many keys at once', async () => {
    const keys = Array.from({ length: 300 }, (_, index) => `many${index}`);
    for (const key of keys) await call('set', key, key.toUpperCase(), 0);
    const found = await call('getMulti', [...keys, 'missing']);
    expect(found).toEqual(Object.fromEntries(keys.map((key) => [key, key.toUpperCase()])));
    expect(await call('get', keys.slice(0, 2))).toEqual({ many0: 'MANY0', many1: 'MANY1' });
  });

  test('incr and decr', async () => {
    await call('set', 'count', 10, 0);
    expect(await call('incr', 'count', 5)).toBe(15);
    expect(await call('decr', 'count', 1)).toBe(14);
    expect(await call('increment', 'count', 1)).toBe(15);
    expect(await call('decrement', 'count', 100)).toBe(0);
    expect(await call('incr', 'missing', 1)).toBe(false);
    await call('set', 'word', 'x', 0);
    await expect(call('incr', 'word', 1)).rejects.toThrow(/non-numeric/);
  });

  test('del', async () => {
    await call('set', 'gone', 'x', 0);
    expect(await call('del', 'gone')).toBe(true);
    expect(await call('delete', 'gone')).toBe(false);
    expect(await call('get', 'gone')).toBeUndefined();
  });

  test('a long key becomes its digest, one of 250 bytes stays', async () => {
    for (const key of ['k'.repeat(250), 'k'.repeat(400)]) {
      await call('set', key, 'x', 0);
      expect(await call('get', key)).toBe('x');
    }
  });

  test('expiry and touch', async () => {
    await call('set', 'short', 'x', 100);
    await call('set', 'touched', 'x', 100);
    expect(await sayTo(server.port, 'debugtime 50\r\n')).toBe('OK\r\n');
    expect(await call('touch', 'touched', 500)).toBe(true);
    expect(await call('touch', 'missing', 500)).toBe(false);
    expect(await sayTo(server.port, 'debugtime 51\r\n')).toBe('OK\r\n');
    expect(await call('get', 'short')).toBeUndefined();
    expect(await call('get', 'touched')).toBe('x');
  });

  test('version, stats, settings and items', async () => {
    expect(await call('version')).toMatchObject([{ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) }]);
    expect(await call('stats')).toMatchObject([
      { pid: server.child.pid, cmd_flush: 0, curr_items: expect.any(Number) },
    ]);
    expect(await call('settings')).toMatchObject([{ maxbytes: 64 * 1024 * 1024 }]);
    expect(await call('items')).toMatchObject([{ 1: { number: expect.any(Number) } }]);
  });

  test('flush', async () => {
    await call('set', 'flushed', 'x', 0);
    expect(await call('flush')).toEqual([true]);
    expect(await call('get', 'flushed')).toBeUndefined();
  });
});
