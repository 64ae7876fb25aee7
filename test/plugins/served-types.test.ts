// Types that ship, on the built server: which are served, and calls from two threads at one time.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from '../app/line-client.js';
import { runCommand, type ServerProcess, startProcess } from '../app/server-process.js';

const CLIENTS = 4;
const CALLS = 2000;

describe('--types', () => {
  test('serves the named types and no others, and the log names them', async () => {
    await using server = await startProcess(['--types', 'gcra,set']);
    await server.logged(/^object types: gcra, set$/);
    using client = await LineClient.connect(server.port);
    expect(await client.get('gcra:take:k:1:1:1000')).toBe('ALLOW 1 0 0 1000');
    expect(await client.ask('get map:new:m\r\n')).toBe('END\r\n');
  });

  test('with a name that no file defines stops the start with one line', async () => {
    const { code, errors } = await runCommand(['-p', '0', '--types', 'set,gcar']);
    expect(errors).toContain('--types gcar: no file defines this type; did you mean gcra?');
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(64);
  });
});

test('a type that ships in both languages starts without a warning, and is served in TypeScript', async () => {
  await using server = await startProcess(['-v']);
  await server.logged(/scripts\/gcra\.lua: version 1 of gcra is live, shadowed by plugins\/gcra\.ts$/);
  using client = await LineClient.connect(server.port);
  expect(await client.get('cacheismo:types')).toMatch(/^gcra typescript plugins\/gcra\.ts version 1/m);
  expect(server.log.filter(({ level, msg }) => level !== 'info' && level !== 'debug' && msg.includes('gcra'))).toEqual(
    [],
  );
});

describe.runIf(process.platform === 'linux')('two threads', () => {
  let server: ServerProcess;
  let clients: LineClient[];

  beforeAll(async () => {
    server = await startProcess(['-t', '2']);
    // Threads get connections in turn.
    clients = await Promise.all(Array.from({ length: CLIENTS }, () => LineClient.connect(server.port)));
  });

  afterAll(async () => {
    for (const client of clients) client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  /** How many of all calls at one time have a reply that begins with the word. */
  async function count(word: string, call: (client: number, number: number) => string): Promise<number> {
    const replies = await Promise.all(
      clients.map(async (client, index) => {
        let found = 0;
        for (let number = 0; number < CALLS / CLIENTS; number++) {
          if ((await client.get(call(index, number))).startsWith(word)) found++;
        }
        return found;
      }),
    );
    return replies.reduce((sum, found) => sum + found, 0);
  }

  test('let exactly the burst of a limiter pass', async () => {
    expect(await count('ALLOW', () => 'gcra:take:k:700:1:3600000')).toBe(700);
  });

  test('give a lease to one of many owners', async () => {
    expect(await count('OK', (client, number) => `lease:acquire:k:owner-${client}-${number}:3600000`)).toBe(1);
  });
});
