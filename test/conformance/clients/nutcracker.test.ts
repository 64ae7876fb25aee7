// Objects on three servers behind nutcracker, which sends all keys with the same hash tag to the same server. The test names say if it is not
// installed.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from '../../app/line-client.js';
import { ask } from '../memcached.js';
import { PLAIN_POOL, type Pool, startPool, testConfiguration, withoutNutcracker } from './nutcracker.js';

const USERS = Array.from({ length: 60 }, (_, number) => `user${number}`);

let pool: Pool;

/** The replies that a proxy gives on one connection, as LineClient: nutcracker passes `version` on to a server. */
async function through(requests: string): Promise<string> {
  using client = await LineClient.connect(pool.port);
  return await client.ask(requests);
}

/** The value of the key on each server, asked directly. */
function onServers(key: string): Promise<(string | undefined)[]> {
  return Promise.all(
    pool.servers.map(async ({ port }) => {
      const reply = await ask(port, `get ${key}\r\n`);
      return /^VALUE \S+ \d+ \d+\r\n(.*)\r\nEND\r\n$/s.exec(reply)?.[1];
    }),
  );
}

function block(command: string, key: string, text: string): string {
  return `${command} ${key} 0 0 ${text.length}\r\n${text}\r\n`;
}

describe.skipIf(withoutNutcracker !== '')(`three servers behind nutcracker${withoutNutcracker}`, () => {
  beforeAll(async () => {
    pool = await startPool(PLAIN_POOL);
  });

  afterAll(() => pool[Symbol.asyncDispose]());

  test('nutcracker accepts the configuration of the guide', async () => {
    const guide = readFileSync(new URL('../../../src/client/README.md', import.meta.url), 'utf8');
    const [, configuration = ''] = /```yaml\n([\s\S]*?)```/.exec(guide) ?? [];
    const { code, errors } = await testConfiguration(configuration);
    expect(errors).toContain('syntax is ok');
    expect(code).toBe(0);
  });

  test('an object is whole on one server, whichever commands call its methods', async () => {
    for (const user of USERS) {
      const key = `v{${user}}`;
      const calls = [
        ...[`get set:new:${key}\r\n`, `get set:put:${key}:by-get\r\n`, `gets set:put:${key}:by-gets\r\n`],
        ...['set', 'add', 'replace', 'append', 'prepend'].map((command) =>
          block(command, `set:put:${key}`, `by-${command}`),
        ),
      ];
      await through(calls.join(''));
    }
    const counts = [0, 0, 0];
    for (const user of USERS) {
      const found = await onServers(`set$v{${user}}`);
      const members = '"by-get":true,"by-gets":true,"by-set":true,"by-add":true,"by-replace":true,"by-append":true';
      expect(found.filter((value) => value !== undefined)).toEqual([`{${members},"by-prepend":true}`]);
      counts[found.findIndex((value) => value !== undefined)]++;
    }
    for (const count of counts) expect(count).toBeGreaterThan(0);
  });

  test.each([
    ['get set:count:k{a}', 'VALUE set:count:k{a} 0 1\r\n2\r\nEND\r\n'],
    ['gets set:count:k{a}', 'VALUE set:count:k{a} 0 1 0\r\n2\r\nEND\r\n'],
    [
      'get set:count:k{a} set:count:k{b} plain',
      'VALUE set:count:k{a} 0 1\r\n2\r\nVALUE set:count:k{b} 0 1\r\n0\r\nEND\r\n',
    ],
    ['set set:put:k{a} 0 0 1\r\nx', 'STORED\r\n'],
    ['add set:put:k{a} 0 0 1\r\nx', 'STORED\r\n'],
    ['replace set:put:k{a} 0 0 1\r\nx', 'STORED\r\n'],
    ['append set:put:k{a} 0 0 1\r\nx', 'STORED\r\n'],
    ['prepend set:put:k{a} 0 0 1\r\nx', 'STORED\r\n'],
    ['set set:put:k{a} 0 0 1 noreply\r\nx', ''],
    ['get set:put:k{a}', 'CLIENT_ERROR set:put: member is required\r\n'],
    ['get set$k{a}', 'VALUE set$k{a} 0 19\r\n{"x":true,"y":true}\r\nEND\r\n'],
    ['touch set$k{a} 100', 'TOUCHED\r\n'],
    ['delete set$k{a}', 'DELETED\r\n'],
    ['incr set:count:k{a} 1', 'NOT_FOUND\r\n'],
    ['cas set:put:k{a} 0 0 1 5\r\nx', 'CLIENT_ERROR append, prepend, incr, decr and cas are not for objects\r\n'],
    ['get set:put:k{a} set:count:k{c} set:count:k{d} set:count:k{e}', 'SERVER_ERROR Invalid argument\r\n'],
  ])('%j reaches the object through it', async (request, reply) => {
    await through(`get set:new:k{a}\r\nget set:put:k{a}:x\r\nget set:put:k{a}:y\r\nget set:new:k{b}\r\n`);
    expect(await through(`${request}\r\n`)).toBe(reply);
    await through('delete set$k{a}\r\ndelete set$k{b}\r\n');
  });

  test.each([
    ['gat 10 set:count:k{a}'],
    ['gats 10 set:count:k{a}'],
    ['\x80\x0a'.padEnd(24, '\0')],
    ['mg set:count:k{a} v'],
    ['ms set:put:k{a} 1\r\nx'],
    ['stats'],
    ['flush_all'],
  ])('%j is not known to it, so it closes the connection', async (request) => {
    await expect(through(`${request}\r\n`)).rejects.toThrow('closed');
  });

  test('a call of two objects with one tag finds both', async () => {
    for (const user of USERS) {
      const [first, second] = [`f{${user}}`, `s{${user}}`];
      const fill = [`set:new:${first}`, `set:put:${first}:a`, `set:new:${second}`, `set:put:${second}:b`];
      await through(fill.map((key) => `get ${key}\r\n`).join(''));
      expect(await through(`get set:union:${first}:${second}\r\n`)).toContain('\r\na\r\nb\r\n');
    }
  });

  test('a call of two objects with different tags misses the second one if it is on another server', async () => {
    const homes = await Promise.all(
      USERS.map(async (user) => (await onServers(`set$f{${user}}`)).findIndex((value) => value !== undefined)),
    );
    const far = homes.findIndex((home) => home !== homes[0]);
    const near = homes.indexOf(homes[0], 1);
    const union = (index: number) => through(`get set:union:f{${USERS[0]}}:f{${USERS[index]}}\r\n`);
    expect(await union(near)).toContain('\r\na\r\n');
    expect(await union(far)).toContain('ERROR_CACHE_MISS');
  });

  test('while a server is dead and after it is back, the objects of the others are untouched', async () => {
    const keys = USERS.map((user) => `{${user}}counted`);
    for (const key of keys) await through(`get set:new:${key}\r\nget set:put:${key}:a\r\n`);
    const homes = await Promise.all(
      keys.map(async (key) => (await onServers(`set$${key}`)).findIndex((value) => value !== undefined)),
    );
    const dead = homes[0];
    const count = (index: number) => through(`get set:count:${keys[index]}\r\n`);
    const others = homes.flatMap((home, index) => (home === dead ? [] : [index]));
    const countOthers = async () => {
      for (const index of others) expect(await count(index)).toBe(`VALUE set:count:${keys[index]} 0 1\r\n1\r\nEND\r\n`);
    };
    const { child } = pool.servers[dead];
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    // Its objects are not made anew on another server, where they would be left when it is back.
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await ask(pool.port, `get set:new:${keys[0]}\r\n`)).toMatch(/^SERVER_ERROR /);
    }
    await countOthers();
    await pool.restart(dead);
    await expect.poll(() => ask(pool.port, `get set:new:${keys[0]}\r\n`), { timeout: 30_000 }).toContain('CREATED');
    expect((await onServers(`set$${keys[0]}`)).findIndex((value) => value !== undefined)).toBe(dead);
    await countOthers();
  });
});
