// Types that ship, called by many clients of two threads together: units, jobs, scores and changes are counted once each.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { type ServerProcess, startProcess } from '../server-process.js';

const CLIENTS = 8;
const CALLS = 100;
/** Instead of a version of a session. */
const ANY = 'any';

describe.runIf(process.platform === 'linux')('with two threads', () => {
  let server: ServerProcess;
  let clients: LineClient[];

  beforeAll(async () => {
    server = await startProcess(['-t', '2']);
    // Threads get connections in turn.
    clients = [];
    for (let count = 0; count < CLIENTS; count++) clients.push(await LineClient.connect(server.port));
  });

  afterAll(async () => {
    for (const client of clients) client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  /** What each client does at the same time as the others. */
  async function together<T>(work: (client: LineClient, number: number) => Promise<T>): Promise<T[]> {
    return await Promise.all(clients.map(work));
  }

  test('a stock sells each unit once', async () => {
    await clients[0].get(`stock:set:s:${CALLS}`);
    const sold = await together(async (client, number) => {
      let units = 0;
      for (let call = 0; call < CALLS; call++) {
        const order = `${number}.${call}`;
        if (!(await client.get(`stock:hold:s:${order}:1:60000`)).startsWith('OK')) continue;
        expect(await client.get(`stock:commit:s:${order}`)).toBe('OK');
        units++;
      }
      return units;
    });
    expect(sold.reduce((sum, units) => sum + units)).toBe(CALLS);
    expect(await clients[1].get('stock:peek:s')).toBe(`0 0 ${CALLS} ${CALLS} -1`);
  });

  test('a queue hands each job to one worker, by a token of its own', async () => {
    const taken = await together(async (client, number) => {
      const ids: string[] = [];
      const tokens: string[] = [];
      for (let call = 0; call < CALLS / 2; call++) {
        await client.get(`queue:put:q:0:0:0:${number}.${call}:body`);
        const [word, id, token] = (await client.get(`queue:take:q:w${number}:60000`)).split(' ');
        expect(word).toBe('JOB');
        expect(await client.get(`queue:ack:q:${id}:${token}`)).toBe('OK');
        ids.push(id);
        tokens.push(token);
      }
      return { ids, tokens };
    });
    const jobs = (CLIENTS * CALLS) / 2;
    expect(new Set(taken.flatMap(({ ids }) => ids)).size).toBe(jobs);
    expect(new Set(taken.flatMap(({ tokens }) => tokens)).size).toBe(jobs);
    expect(await clients[1].get('queue:stats:q')).toBe(`0 0 0 0 ${jobs} 0 0`);
  });

  test('a board adds up the points of one member', async () => {
    await together(async (client) => {
      for (let call = 0; call < CALLS; call++) await client.get('board:put:b:ann:1:incr');
    });
    expect(await clients[1].get('board:rank:b:ann')).toBe(`1 1 ${CLIENTS * CALLS}`);
  });

  test('a session keeps what all requests have changed', async () => {
    await clients[0].get('session:open:s:60000:60000');
    await together(async (client, number) => {
      for (let call = 0; call < CALLS / 4; call++) {
        await client.get(`session:patch:s:${ANY}:0:{"cart":{"a${number}.${call}":1}}`);
        await client.get('session:incr:s:n');
      }
    });
    expect(await clients[1].get('session:get:s:n')).toBe(String((CLIENTS * CALLS) / 4));
    const cart = JSON.parse(await clients[1].get('session:get:s:cart')) as Record<string, number>;
    expect(Object.keys(cart)).toHaveLength((CLIENTS * CALLS) / 4);
  });
});
