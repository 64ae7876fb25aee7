// Listings for tools: keys by `stats cachedump` and `lru_crawler metadump`, memory by `stats slabs`, and their refusal. Not for counters.

import { describe, expect, test } from 'vitest';
import { Harness, statsOf } from './harness.js';
import { objectKeys } from './object-harness.js';

const SET = (key: string, value: string, exptime = 0) => `set ${key} 7 ${exptime} ${value.length}\r\n${value}\r\n`;
const UNIX_START = 1_800_000_000;

describe('keys', () => {
  test('metadump tells key, expiry, last access, token, use and size of each item', () => {
    const harness = new Harness();
    harness.ask(`${SET('a', 'abc')}${SET('b%\x01\xff', 'x', 1000)}get a\r\ngets a\r\n`);
    const dump = harness.ask('lru_crawler metadump all\r\n');
    expect(dump.split('\n').sort()).toEqual([
      '',
      'END\r',
      `key=a exp=-1 la=${UNIX_START} cas=1 fetch=yes cls=1 size=4 flags=7`,
      `key=b%25%01%FF exp=${UNIX_START + 1000} la=${UNIX_START} cas=0 fetch=no cls=1 size=5 flags=7`,
    ]);
    for (const what of ['hash', '1', '5,1']) expect(harness.ask(`lru_crawler metadump ${what}\r\n`)).toBe(dump);
    expect(harness.ask('lru_crawler metadump 2\r\n')).toBe('END\r\n');
  });

  test('a dump of more items than an output holds names each once, and other requests are served meanwhile', () => {
    const harness = new Harness({ outputBytes: 4096 });
    const keys = Array.from({ length: 5000 }, (_, index) => `key${index}`);
    harness.ask(keys.map((key) => SET(key, 'x')).join(''));
    const reply = harness.ask('lru_crawler metadump all\r\nversion\r\n');
    expect(reply.endsWith('END\r\nVERSION 1.2.3\r\n')).toBe(true);
    expect([...reply.matchAll(/^key=(\w+) /gm)].map((match) => match[1]).sort()).toEqual([...keys].sort());
    expect(harness.longestOutputBytes).toBeLessThanOrEqual(4096);
  });

  test('an expired item is in no dump', () => {
    const harness = new Harness();
    harness.ask(`${SET('gone', 'x', 5)}${SET('here', 'y')}`);
    harness.time.seconds += 10;
    harness.clock.refresh();
    expect(harness.ask('stats cachedump 1 0\r\n')).toBe('ITEM here [1 b; 0 s]\r\nEND\r\n');
    expect(harness.ask('lru_crawler metadump all\r\n')).not.toContain('gone');
  });

  test('dumps can be refused', () => {
    const harness = new Harness({ dumpEnabled: false });
    expect(harness.ask(`${SET('a', 'x')}stats cachedump 1 1\r\nlru_crawler metadump all\r\n`)).toBe(
      'STORED\r\nCLIENT_ERROR stats cachedump not allowed\r\nERROR metadump not allowed\r\n',
    );
  });
});

test('where dumps are refused, cacheismo:keys is too', () => {
  const harness = new Harness({ dumpEnabled: false, virtualKeys: objectKeys([], { keysListed: false }) });
  expect(harness.ask(`${SET('a', 'x')}get cacheismo:keys:a\r\nset cacheismo:keys 0 0 1\r\na\r\n`)).toMatch(
    /^STORED\r\nCLIENT_ERROR cacheismo:keys: listing keys is disabled \(-X\)\r\nCLIENT_ERROR [^\r]*\r\n$/,
  );
});

describe('slabs', () => {
  test('an empty cache has no class', () => {
    expect([...statsOf(new Harness(), 'slabs').keys()]).toEqual(['active_slabs', 'total_malloced']);
  });

  test('all items are of one class, whose chunks are counted', () => {
    const harness = new Harness();
    harness.ask(`${SET('a', 'x')}get a\r\n`);
    const slabs = statsOf(harness, 'slabs');
    const number = (name: string) => Number(slabs.get(name));
    expect(slabs.get('1:get_hits')).toBe('1');
    expect(number('1:used_chunks')).toBeGreaterThan(0);
    expect(number('1:used_chunks') + number('1:free_chunks')).toBe(number('1:total_chunks'));
    expect(number('1:total_chunks') * number('1:chunk_size')).toBe(number('total_malloced'));
  });
});
