// The API for what the dashboard shows besides statistics: hot and big keys, slow calls, the curve, reloads, and methods by their calls.

import { expect, test } from 'vitest';
import { AskingClient } from '../asking-client.js';
import { scriptOf, TypeFolders } from '../type-folders.js';
import { startAdmin } from './http-client.js';

const SLOW = 'local n = 0 for i = 1, 15000 do n = n + i end return tostring(n)';

test('hot keys, big keys, slow calls and the curve are the same as in stats', async () => {
  using folders = new TypeFolders().copy('scripts/set.lua');
  folders.script('turtle.lua', scriptOf('turtle', { walk: SLOW }));
  const { server, json } = await startAdmin(folders.flags);
  await using _ = server;
  const client = await AskingClient.connect(server.port);
  await client.set('large', 'x'.repeat(50_000));
  for (let time = 0; time < 20; time++)
    await client.until(`${'get hot\r\n'.repeat(200)}version\r\n`, /VERSION .*\r\n$/);
  await client.set('hot', 'v');
  await client.get('turtle:new:t');
  await client.get('turtle:walk:t:far');
  const hot: { keys: object[] } = await json('/api/hot-keys');
  expect(hot).toMatchObject({ isOn: true, notedOneIn: 64, keys: [{ key: { text: 'hot' }, holds: 'item' }] });
  const big = await json('/api/big-keys');
  expect(big).toMatchObject({ isOn: true, keys: [{ key: { text: 'large' }, holds: 'item', bytes: 50_005 }] });
  const slow: { count: number; calls: { method: string }[] } = await json('/api/slow-calls');
  expect(slow.count).toBe(slow.calls.length);
  // The first call of a type may be slow as well.
  expect(slow.calls.filter(({ method }) => method === 'walk')).toMatchObject([
    { type: 'turtle', key: { text: 't' }, version: 1, argumentBytes: [3], isFailed: false },
  ]);
  const curve: { sizes: { factor: number; hitRatio: number }[] } = await json('/api/curve');
  expect(curve.sizes.map(({ factor }) => factor)).toEqual([0.25, 0.5, 1, 2, 4, 8]);
  const { methods }: { methods: object[] } = await json('/api/stats');
  expect(methods).toContainEqual(expect.objectContaining({ type: 'turtle', method: 'walk', calls: 1, errors: 0 }));
  client.close();
});

const PAIR = `return {
  name = "pair",
  methods = {
    new = { access = "create", run = function() return "CREATED" end },
    join = {
      access = "write",
      parameters = { { name = "left", type = "string", default = "" }, { name = "right", type = "string" } },
      run = function() ${SLOW} end,
    },
    alone = { access = "write", run = function() ${SLOW} end },
  },
}
`;

test('argumentBytes has the length of each argument of a slow call, null for one that was left out', async () => {
  using folders = new TypeFolders().script('pair.lua', PAIR);
  const { server, json } = await startAdmin(folders.flags);
  await using _ = server;
  const client = await AskingClient.connect(server.port);
  for (const call of ['new:k', 'alone:k', 'join:k:four:12']) await client.get(`pair:${call}`);
  await client.set('pair:join:k', 'block');
  const { calls }: { calls: { method: string; argumentBytes: unknown }[] } = await json('/api/slow-calls');
  const sizes = calls.filter(({ method }) => method !== 'new').map(({ argumentBytes }) => argumentBytes);
  expect(sizes).toEqual([[null, 5], [4, 2], []]);
  client.close();
});

test('with -X no key is shown', async () => {
  using folders = new TypeFolders();
  folders.script('turtle.lua', scriptOf('turtle', { walk: SLOW }));
  const { server, json } = await startAdmin([...folders.flags, '-X']);
  await using _ = server;
  const client = await AskingClient.connect(server.port);
  await client.get('turtle:new:t');
  await client.get('turtle:walk:t');
  expect(await json('/api/hot-keys')).toEqual({ isOn: false, keys: [] });
  expect(await json('/api/big-keys')).toEqual({ isOn: false, keys: [] });
  const { calls }: { calls: { method: string; key: object }[] } = await json('/api/slow-calls');
  expect(calls.find(({ method }) => method === 'walk')).toMatchObject({ type: 'turtle', key: { text: '' } });
  client.close();
});

test('the load history of a file has its reloads and failures, the newest first', async () => {
  using folders = new TypeFolders();
  folders.script('turtle.lua', scriptOf('turtle', { walk: 'return "1"' }));
  folders.script('other.lua', scriptOf('other', { walk: 'return "1"' }));
  const { server, json } = await startAdmin(folders.flags);
  await using _ = server;
  folders.script('turtle.lua', 'return {\n  name = \n}\n');
  await server.logged(/scripts\/turtle\.lua:3: /);
  folders.script('turtle.lua', scriptOf('turtle', { walk: 'return "2"' }));
  await server.logged(/version 2 of turtle is live/);
  const { reloads }: { reloads: object[] } = await json('/api/reloads?file=scripts/turtle.lua');
  const time = { unixMs: expect.any(Number), file: 'scripts/turtle.lua' };
  expect(reloads).toEqual([
    { ...time, outcome: 'loaded', message: 'scripts/turtle.lua: version 2 of turtle is live' },
    {
      ...time,
      outcome: 'failed',
      message: expect.stringMatching(/^scripts\/turtle\.lua:3: .*version 1 keeps running/),
    },
    { ...time, outcome: 'loaded', message: 'scripts/turtle.lua: version 1 of turtle is live' },
  ]);
  const all: { reloads: object[] } = await json('/api/reloads?limit=2');
  expect(all.reloads.length).toBe(2);
});
