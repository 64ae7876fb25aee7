// What operators see of pinned objects: `stats objects`, dumps, the limit that --pinned-limit sets.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createTestCache } from '../../src/app/testing/testing.js';

const directory = mkdtempSync(join(tmpdir(), 'cacheismo-pinned-'));
const script = join(directory, 'box.lua');

writeFileSync(
  script,
  `return { name = "box", retention = "pinned", methods = {
    put = {
      access = "upsert",
      parameters = { { name = "count", type = "integer" } },
      run = function(self, args)
        for index = 1, args.count do self[index] = string.rep("x", 100) end
        return "OK"
      end,
    },
  } }`,
);

afterAll(() => rmSync(directory, { recursive: true }));

function rowsOf(reply: string): ReadonlyMap<string, number> {
  return new Map([...reply.matchAll(/^STAT (\S+) (\S+)/gm)].map(([, name, value]) => [name, Number(value)]));
}

test('stats objects counts pinned objects, their memory and the calls that were refused for the limit', async () => {
  const cache = await createTestCache({
    types: [script],
    config: { 'pinned-limit': '64k', 'call-milliseconds': 1000 },
  });
  expect(rowsOf(await cache.send('stats objects\r\n'))).toSatisfy(
    (rows: ReadonlyMap<string, number>) => rows.get('pinned_objects') === 0 && rows.get('pinned_limit_bytes') === 65536,
  );
  for (const key of ['a', 'b']) expect(await cache.call(`box:put:${key}:100`)).toBe('OK');
  await expect(cache.call('box:put:c:1000')).rejects.toThrow(
    /^CLIENT_ERROR box:put: pinned objects would take \d+ of at most 65536 bytes: delete some, let some expire, or raise --pinned-limit$/,
  );
  const rows = rowsOf(await cache.send('stats objects\r\n'));
  expect(rows.get('pinned_objects')).toBe(2);
  expect(rows.get('pinned_bytes')).toBeGreaterThan(20_000);
  expect(rows.get('object_pinned_refusals')).toBe(1);
  await cache.send('flush_all\r\n');
  expect(rowsOf(await cache.send('stats objects\r\n')).get('pinned_bytes')).toBe(0);
  cache.close();
});

test('the limit is a quarter of the memory by default', async () => {
  const cache = await createTestCache({ types: [script] });
  expect(rowsOf(await cache.send('stats objects\r\n')).get('pinned_limit_bytes')).toBe(4 * 1024 * 1024);
  cache.close();
});

test('pinned objects are counted and listed with all others, and plain commands work on them', async () => {
  const cache = await createTestCache({ types: [script] });
  await cache.call('box:put:a:1');
  await cache.send('set plain 0 0 1\r\nx\r\n');
  expect(await cache.send('stats items\r\n')).toContain('STAT items:1:number 2\r\n');
  const dump = await cache.send('lru_crawler metadump all\r\n');
  expect(dump).toMatch(/^key=box%24a exp=-1 /m);
  expect(dump).toMatch(/^key=plain /m);
  expect(await cache.send('stats cachedump 1 0\r\n')).toMatch(/ITEM plain .*\r\nITEM box\$a /);
  expect(await cache.send('mg box$a t\r\n')).toBe('HD t-1\r\n');
  expect(await cache.send('add box$a 0 0 1\r\nx\r\n')).toBe('NOT_STORED\r\n');
  expect(await cache.send('touch box$a 60\r\n')).toBe('TOUCHED\r\n');
  expect(await cache.send('mg box$a t\r\n')).toBe('HD t60\r\n');
  expect(rowsOf(await cache.send('stats objects\r\n')).get('pinned_objects')).toBe(1);
  cache.advance(61_000);
  expect(await cache.send('get box$a\r\n')).toBe('END\r\n');
  expect(rowsOf(await cache.send('stats objects\r\n')).get('pinned_objects')).toBe(0);
  await cache.call('box:put:a:1');
  expect(await cache.send('set box$a 0 0 1\r\nx\r\n')).toBe('STORED\r\n');
  expect(rowsOf(await cache.send('stats objects\r\n')).get('pinned_objects')).toBe(0);
  await cache.call('box:put:b:1');
  expect(await cache.send('delete box$b\r\n')).toBe('DELETED\r\n');
  expect(rowsOf(await cache.send('stats objects\r\n')).get('pinned_bytes')).toBe(0);
  cache.close();
});
