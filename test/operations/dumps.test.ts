// Listings for tools: keys by `stats cachedump` and `lru_crawler metadump`, memory by `stats slabs`, and their refusal.

import { describe, expect, test } from 'vitest';
import { ItemWalk, keyOf } from '../../src/operations/item-listing.js';
import { Harness, statsOf } from '../protocols/text/harness.js';
import { objectKeys } from './object-harness.js';

const SET = (key: string, value: string, exptime = 0) => `set ${key} 7 ${exptime} ${value.length}\r\n${value}\r\n`;
const UNIX_START = 1_800_000_000;

describe('a dump of keys', () => {
  test('by metadump has key, expiry, last access, token, use and size of each item', () => {
    const harness = new Harness();
    harness.ask(`${SET('a', 'abc')}${SET('b%\x01\xff', 'x', 1000)}get a\r\ngets a\r\n`);
    const dump = harness.ask('lru_crawler metadump all\r\n');
    expect(dump.split('\n').sort()).toEqual([
      '',
      'END\r',
      'OK\r',
      `key=a exp=-1 la=${UNIX_START} cas=1 fetch=yes cls=1 size=4 flags=7 `,
      `key=b%25%01%FF exp=${UNIX_START + 1000} la=${UNIX_START} cas=0 fetch=no cls=1 size=5 flags=7 `,
    ]);
    for (const what of ['hash', '1', '5,1']) expect(harness.ask(`lru_crawler metadump ${what}\r\n`)).toBe(dump);
    expect(harness.ask('lru_crawler metadump 2\r\n')).toBe('OK\r\nEND\r\n');
    const keys = harness.ask('lru_crawler mgdump all\r\n');
    expect(keys.split('\r\n').sort()).toEqual(['', 'EN', 'OK', 'mg YiUB/w== b', 'mg a']);
    for (const line of keys.split('\r\n').filter((line) => line.startsWith('mg '))) {
      expect(['mg a', 'mg YiUB/w== b']).toContain(line);
    }
  });

  test('an item that exists during a whole dump is in it once, while the index grows and shrinks by buckets', () => {
    for (const grows of [true, false]) {
      const harness = new Harness({ outputBytes: 4096 });
      const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
      const [kept, others] = [names('kept', 1500), names('other', 6000)];
      harness.ask(kept.map((key) => SET(key, 'x')).join(''));
      if (!grows) harness.ask(others.map((key) => SET(key, 'x')).join(''));
      const walk = new ItemWalk(harness.engine.shell.operations);
      const seen: string[] = [];
      const bucketsBefore = harness.store.index.buckets;
      for (let step = 0; !walk.isDone; step++) {
        const key = others[step * 3];
        for (const other of key === undefined ? [] : others.slice(step * 3, step * 3 + 3)) {
          harness.ask(grows ? SET(other, 'x') : `delete ${other}\r\n`);
        }
        for (let tick = 0; tick < 3; tick++) harness.store.tick();
        walk.step((item) => seen.push(keyOf(harness.engine.shell.operations, item)));
      }
      expect(harness.store.index.buckets).not.toBe(bucketsBefore);
      expect(seen.filter((key) => key.startsWith('kept')).sort()).toEqual([...kept].sort());
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  test('is refused behind another request that was sent with it, as by memcached', () => {
    const harness = new Harness();
    harness.ask(SET('a', 'x'));
    const line = (name: string) => `ERROR cannot pipeline other commands before ${name}\r\n`;
    expect(harness.ask('mg b v\r\nlru_crawler metadump all\r\nversion\r\n')).toBe(
      `EN\r\n${line('metadump')}VERSION 1.2.3\r\n`,
    );
    expect(harness.ask('set b 0 0 1 noreply\r\nx\r\nlru_crawler mgdump all\r\n')).toBe(line('mgdump'));
    expect(harness.ask('lru_crawler mgdump all\r\nversion\r\n')).toMatch(
      /^OK\r\n(mg [ab]\r\n){2}EN\r\nVERSION 1.2.3\r\n$/,
    );
  });

  test('of more items than the output holds names each once, and other requests are served meanwhile', () => {
    const harness = new Harness({ outputBytes: 4096 });
    const keys = Array.from({ length: 5000 }, (_, index) => `key${index}`);
    harness.ask(keys.map((key) => SET(key, 'x')).join(''));
    const reply = harness.ask('lru_crawler metadump all\r\nversion\r\n');
    expect(reply.endsWith('END\r\nVERSION 1.2.3\r\n')).toBe(true);
    expect([...reply.matchAll(/^key=(\w+) /gm)].map((match) => match[1]).sort()).toEqual([...keys].sort());
    expect(harness.longestOutputBytes).toBeLessThanOrEqual(4096);
  });

  test('leaves out expired items', () => {
    const harness = new Harness();
    harness.ask(`${SET('gone', 'x', 5)}${SET('here', 'y')}`);
    harness.time.seconds += 10;
    harness.clock.refresh();
    expect(harness.ask('stats cachedump 1 0\r\n')).toBe('ITEM here [1 b; 0 s]\r\nEND\r\n');
    expect(harness.ask('lru_crawler metadump all\r\n')).not.toContain('gone');
  });

  test('by cachedump shows a key of any bytes unchanged, and so does me', () => {
    const harness = new Harness();
    expect(harness.ask(`${SET('\xe9\xff\x80', 'x')}stats cachedump 1 0\r\nme \xe9\xff\x80\r\n`)).toMatch(
      /^STORED\r\nITEM \xe9\xff\x80 \[1 b; 0 s\]\r\nEND\r\nME \xe9\xff\x80 exp=-1 /,
    );
  });

  test('by mgdump has the bytes of a key unchanged', () => {
    const harness = new Harness();
    harness.ask(SET('\xc3\xa9\xff', 'x'));
    expect(harness.ask('lru_crawler mgdump all\r\n')).toBe('OK\r\nmg \xc3\xa9\xff\r\nEN\r\n');
  });

  test('no key with a line end can begin a line of its own', () => {
    const harness = new Harness();
    const key = Buffer.from('a\r\nEND\r\nb:c').toString('base64');
    harness.ask(`stats detail on\r\n${SET('plain', 'x')}ms ${key} 1 b\r\nx\r\n`);
    // As memcached, which cannot show such a key there.
    expect(harness.ask('stats cachedump 1 0\r\n')).toBe('ITEM plain [1 b; 0 s]\r\nEND\r\n');
    expect(harness.ask('stats detail dump\r\n')).toBe('PREFIX a%0D%0AEND%0D%0Ab get 0 hit 0 set 1 del 0\r\nEND\r\n');
    expect(harness.ask('lru_crawler mgdump all\r\n').split('\r\n').sort()).toEqual([
      '',
      'EN',
      'OK',
      `mg ${key} b`,
      'mg plain',
    ]);
  });

  test('is refused with -X', () => {
    const harness = new Harness({ dumpEnabled: false });
    expect(harness.ask(`${SET('a', 'x')}stats cachedump 1 1\r\nlru_crawler metadump all\r\n`)).toBe(
      'STORED\r\nCLIENT_ERROR stats cachedump not allowed\r\nERROR metadump not allowed\r\n',
    );
  });
});

test('cacheismo:keys is refused where dumps are', () => {
  const harness = new Harness({ dumpEnabled: false, virtualKeys: objectKeys([], { keysListed: false }) });
  expect(harness.ask(`${SET('a', 'x')}get cacheismo:keys:a\r\nset cacheismo:keys 0 0 1\r\na\r\n`)).toMatch(
    /^STORED\r\nCLIENT_ERROR cacheismo:keys: listing keys is disabled \(-X\)\r\nCLIENT_ERROR [^\r]*\r\n$/,
  );
});

describe('statistics by prefix', () => {
  test('count reads, stores and deletes by the text before the delimiter, only while they are on', () => {
    const harness = new Harness({ prefixDelimiter: '/' });
    harness.ask(SET('p/before', 'x'));
    harness.ask(`stats detail on\r\n${SET('p/a', 'x')}get p/a p/b\r\ngat 0 p/a\r\ndelete p/a\r\ndelete p/a\r\n`);
    harness.ask(
      `${SET('plain', 'x')}get plain /x\r\nincr p/n 1\r\ntouch p/n 1\r\ncas q/a 0 0 1 1\r\nx\r\nadd q/a 0 0 1\r\nx\r\n`,
    );
    const dump = harness.ask('stats detail off\r\nget p/a\r\nstats detail dump\r\n');
    expect(dump.split('\r\n').sort()).toEqual([
      ...['', 'END', 'END', 'OK', 'PREFIX p get 3 hit 2 set 1 del 2', 'PREFIX q get 0 hit 0 set 2 del 0'],
    ]);
    expect(harness.ask('stats reset\r\nstats detail dump\r\n')).toBe('RESET\r\nEND\r\n');
  });

  test('a prefix that finds no room is counted as left out', () => {
    const harness = new Harness({ prefixesCounted: true });
    harness.ask(Array.from({ length: 6000 }, (_, index) => `get prefix${index}:a\r\n`).join(''));
    const counted = harness.ask('stats detail dump\r\n').split('PREFIX').length - 1;
    const leftOut = Number(statsOf(harness, 'transport').get('prefixes_left_out'));
    expect(leftOut).toBeGreaterThan(0);
    expect(counted + leftOut).toBe(6000);
  });
});

describe('stats slabs', () => {
  test('shows no class for an empty cache', () => {
    expect([...statsOf(new Harness(), 'slabs').keys()]).toEqual(['active_slabs', 'total_malloced']);
  });

  test('shows one class for all items, each in one chunk of their mean size', () => {
    const harness = new Harness();
    harness.ask(`${SET('a', 'x')}${SET('b', 'x'.repeat(3000))}get a\r\n`);
    const slabs = statsOf(harness, 'slabs');
    const number = (name: string) => Number(slabs.get(name));
    expect(slabs.get('1:get_hits')).toBe('1');
    expect(number('1:used_chunks')).toBe(2);
    expect(number('1:chunk_size')).toBeGreaterThan(1500);
    expect(number('1:chunk_size')).toBeLessThan(1600);
    expect(number('1:used_chunks') + number('1:free_chunks')).toBe(number('1:total_chunks'));
    expect(number('1:chunks_per_page')).toBe(Math.floor(1024 ** 2 / number('1:chunk_size')));
    expect(number('1:total_chunks')).toBe(number('1:chunks_per_page') * number('1:total_pages'));
  });

  test('keeps the class when its items have gone', () => {
    const harness = new Harness();
    harness.ask(`${SET('a', 'x')}delete a\r\n`);
    expect(statsOf(harness, 'slabs').get('1:used_chunks')).toBe('0');
  });
});
