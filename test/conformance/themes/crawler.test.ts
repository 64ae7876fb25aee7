// What memcached's authors expect of its crawler and of dumps: the switch, expired items that go without being asked for, and each item once in
// a dump by lists and by the hash table.

import { expect, test } from 'vitest';
import { LineClient } from '../../app/line-client.js';
import { startProcess } from '../../app/server-process.js';
import { converse, seconds, statsOf } from './talk.js';

const MANY = 20_000;

test('items that have expired are reclaimed, and dumps name the others once', async () => {
  await using server = await startProcess(['-t', '1', '-m', '32', '-o', 'no_modern']);
  using client = await LineClient.connect(server.port);
  expect(await statsOf(client, 'settings')).toMatchObject({ lru_crawler: 'no' });
  await converse(server.port, [
    ['lru_crawler crawl 1$', 'CLIENT_ERROR lru crawler disabled$'],
    ['lru_crawler enable$lru_crawler enable$', 'OK$ERROR failed to start lru crawler thread$'],
  ]);
  expect(await statsOf(client, 'settings')).toMatchObject({ lru_crawler: 'yes' });
  for (const [name, exptime] of Object.entries({ never: 0, hour: 3600, second: 1 })) {
    const sets = Array.from({ length: 30 }, (_, index) => `set ${name}${index} 0 ${exptime} 2\r\nok\r\n`);
    expect(await client.ask(sets.join(''))).toBe('STORED\r\n'.repeat(30));
  }
  expect(await statsOf(client, 'slabs')).toMatchObject({ '1:used_chunks': '90' });
  await seconds(2.2);
  await converse(server.port, [['lru_crawler crawl 1$lru_crawler crawl all$', 'OK$OK$']]);
  const crawled = async () => (await statsOf(client, 'items'))['items:1:crawler_reclaimed'] === '30';
  for (let tries = 0; tries < 20 && !(await crawled()); tries++) await seconds(0.2);
  expect(await statsOf(client)).toMatchObject({ lru_crawler_running: '0', curr_items: '60', expired_unfetched: '30' });
  expect(await statsOf(client, 'slabs')).toMatchObject({ '1:used_chunks': '60' });
  expect(await statsOf(client, 'items')).toMatchObject({ 'items:1:crawler_reclaimed': '30', 'items:1:number': '60' });

  const dumped = (await client.ask('lru_crawler metadump all\r\n'))
    .split('\n')
    .filter((line) => line.startsWith('key='));
  expect(dumped.filter((line) => / exp=-1 /.test(line))).toHaveLength(30);
  expect(dumped).toHaveLength(60);

  const sets = Array.from({ length: MANY }, (_, index) => `set many${index} 0 0 1 noreply\r\nz\r\n`);
  await client.ask(sets.join(''));
  const hashed = (await client.ask('lru_crawler metadump hash\r\n')).matchAll(/^key=many(\d+) /gm);
  const numbers = [...hashed].map(([, number]) => Number(number));
  expect(numbers).toHaveLength(MANY);
  expect(new Set(numbers).size).toBe(MANY);

  await converse(server.port, [
    ['lru_crawler disable$lru_crawler metadump all$', 'OK$CLIENT_ERROR lru crawler disabled$'],
  ]);
  expect(await statsOf(client, 'settings')).toMatchObject({ lru_crawler: 'no' });
});

test('a class stays when all of its items have expired', async () => {
  await using server = await startProcess(['-t', '1', '-o', 'no_modern,lru_crawler']);
  using client = await LineClient.connect(server.port);
  await client.ask('set a 0 1 2\r\nok\r\nset b 0 1 2\r\nok\r\n');
  expect(await statsOf(client, 'settings')).toMatchObject({ lru_crawler: 'yes' });
  await seconds(2.2);
  const used = async () => (await statsOf(client, 'slabs'))['1:used_chunks'];
  for (let tries = 0; tries < 20 && (await used()) !== '0'; tries++) await seconds(0.2);
  expect(await used()).toBe('0');
});

test('-X refuses what lists keys', async () => {
  await using server = await startProcess(['-t', '1', '-X']);
  await converse(server.port, [
    ['lru_crawler metadump all$lru_crawler mgdump all$', 'ERROR metadump not allowed$ERROR key dump not allowed$'],
    [
      'stats cachedump 1 1$stats detail dump$',
      'CLIENT_ERROR stats cachedump not allowed$CLIENT_ERROR stats detail not allowed$',
    ],
  ]);
});
