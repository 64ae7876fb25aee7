// Calls that change several objects, on two threads: what moves from one object to another is neither lost nor doubled, whatever fails.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { type ServerProcess, startProcess } from '../server-process.js';
import { TypeFolders } from '../type-folders.js';

const THREADS = 2;
const CLIENTS = 4;
const OBJECTS = 5;
const STOCK = 100;
const MOVES = 200;

const SHELF = `return { name = "shelf", methods = {
  put = { access = "upsert", parameters = { { name = "n", type = "integer" } }, run = function(self, args)
    self.left = (self.left or 0) + args.n
    return self.left
  end },
  take = { access = "write", parameters = { { name = "n", type = "integer" } }, run = function(self, args, call)
    if self.left < args.n then call.refuse("too few") end
    self.left = self.left - args.n
    if self.left == 0 then call.remove() end
    return true
  end },
} }`;

const MOVER = `import { defineType, method } from 'cacheismo';
export default defineType({ name: 'mover', methods: {
  move: method({
    access: 'upsert',
    parameters: { from: { type: 'string' }, to: { type: 'string' }, n: { type: 'integer' } },
    run(self, { from, to, n }, call) {
      self.set('moves', ((self.get('moves') as number | undefined) ?? 0) + 1);
      call.setValue('moved', String(self.get('moves')));
      call.invoke('shelf', 'put', to, { n });
      if (call.invoke('shelf', 'take', from, { n }) === undefined) call.refuse('no shelf');
      return 'MOVED';
    },
  }),
} });`;

describe.runIf(process.platform === 'linux')('two threads', () => {
  const folders = new TypeFolders().script('shelf.lua', SHELF).plugin('mover.ts', MOVER);
  let server: ServerProcess;
  let clients: LineClient[];

  beforeAll(async () => {
    server = await startProcess(['-t', `${THREADS}`, ...folders.flags]);
    clients = [];
    for (let count = 0; count < CLIENTS; count++) clients.push(await LineClient.connect(server.port));
  });

  afterAll(async () => {
    for (const client of clients) client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    folders[Symbol.dispose]();
  });

  test('move stock between objects by a method that calls others, all or nothing', async () => {
    for (let shelf = 0; shelf < OBJECTS; shelf++) await clients[0].get(`shelf:put:${shelf}:${STOCK}`);
    const replies = await Promise.all(
      clients.map(async (client, index) => {
        const own: string[] = [];
        for (let move = 0; move < MOVES; move++) {
          const from = (move * 7 + index) % OBJECTS;
          const to = (from + 1 + (move % (OBJECTS - 1))) % OBJECTS;
          own.push(await client.get(`mover:move:all:${from}:${to}:${(move * 13) % 60}`));
        }
        return own;
      }),
    );
    const moved = replies.flat().filter((reply) => reply === 'MOVED').length;
    const refused = replies
      .flat()
      .filter((reply) => /^CLIENT_ERROR mover:move: (shelf:take: too few|no shelf)$/.test(reply));
    expect(moved + refused.length).toBe(CLIENTS * MOVES);
    expect(moved).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    let total = 0;
    for (let shelf = 0; shelf < OBJECTS; shelf++) {
      const reply = await clients[shelf % CLIENTS].get(`shelf$${shelf}`);
      if (reply !== 'END') total += (JSON.parse(reply) as { left: number }).left;
    }
    expect(total).toBe(OBJECTS * STOCK);
    expect(await clients[1].get('mover$all')).toBe(`{"moves":${moved}}`);
    expect(await clients[2].get('moved')).toBe(`${moved}`);
  });
});
