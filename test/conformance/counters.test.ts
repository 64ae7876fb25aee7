// The counters of `stats` after the same random requests to memcached and to our engine. Runs only if memcached is installed. Gauges that
// depend on the memory layout or on when expired items are collected are not compared.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Harness } from '../protocols/text/harness.js';
import { ask, memcachedVersion, type Peer, startMemcached } from './memcached.js';

const COUNTERS = [
  ...['cmd_get', 'cmd_set', 'cmd_flush', 'cmd_touch', 'get_hits', 'get_misses', 'delete_misses', 'delete_hits'],
  ...['incr_misses', 'incr_hits', 'decr_misses', 'decr_hits', 'cas_misses', 'cas_hits', 'cas_badval', 'touch_hits'],
  ...['touch_misses', 'store_too_large', 'store_no_memory', 'total_items'],
];

const KEYS = ['a', 'b', 'c', 'n', 'm'];
const SEEDS = process.env.LONG_TESTS ? 200 : 20;
const REQUESTS = 60;

/** A small generator with a seed (mulberry32, by Tommy Ettinger). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** decr of a number that gets shorter is left out: memcached keeps its length unless a reply with it has yet to be sent. */
function request(random: (below: number) => number): string {
  const pick = <T>(of: readonly T[]): T => of[random(of.length)];
  const key = pick(KEYS);
  const noreply = pick(['', '', '', ' noreply']);
  switch (random(18)) {
    case 0:
    case 1:
    case 2: {
      const value = pick(['1', '9', '99', 'x', '', 'some words', '1844674407370955161']);
      const command = pick(['set', 'set', 'add', 'replace', 'append', 'prepend']);
      return `${command} ${key} 0 ${pick([0, 0, 100, -1])} ${value.length}${noreply}\r\n${value}\r\n`;
    }
    case 3:
      return `get ${key}\r\n`;
    case 4:
      return `${pick(['get', 'gets'])} ${KEYS.slice(0, 1 + random(KEYS.length)).join(' ')}\r\n`;
    case 5:
      return `${pick(['gat', 'gats'])} ${pick([0, 100, -1])} ${key} ${pick(KEYS)}\r\n`;
    case 6:
      return `touch ${key} ${pick([0, 100, -1])}${noreply}\r\n`;
    case 7:
      return `incr ${key} ${pick(['1', '5', '100', 'x', ''])}${noreply}\r\n`;
    case 8:
      return `decr ${pick(['z', key])} ${pick(['0', '0', 'x'])}${noreply}\r\n`;
    case 9:
      return `delete ${key}${noreply}\r\n`;
    case 10:
      return `cas ${key} 0 0 1 ${1_000_000 + random(9)}${noreply}\r\ny\r\n`;
    case 11:
      return random(4) === 0 ? `flush_all${pick(['', ' 0', ' -1', ' noreply', ' x'])}\r\n` : 'version\r\n';
    case 12:
      return random(4) === 0 ? `set ${key} 0 0 2000000\r\n${'v'.repeat(2_000_000)}\r\n` : `set ${key} 0 0 1\r\nxyz`;
    case 13:
    case 14:
    case 15:
    case 16:
      return metaRequest(pick);
    default:
      return pick(['\r\n', 'foo\r\n', 'get\r\n', 'incr a\r\n', 'set a\r\n', 'touch a\r\n']);
  }
}

/** With a separate key for commands that mark items, since in memcached a number that grows loses its marks, and one for ma, which makes a
 * new item while a reply with the number is still to be sent. */
function metaRequest(pick: <T>(of: readonly T[]) => T): string {
  const key = pick([...KEYS, 'marked']);
  const quiet = pick(['', '', ' q']);
  return pick([
    `mg ${key} ${pick(['v', 's k', 'u', 'T100', 'T0 v', 'T100 u', 'N50 v', 'N50 T100', 'T100 N0', 'R30 v', 'C1000000 v'])}${quiet}\r\n`,
    `ms ${pick([key, key, 'counted'])} 2${pick(['', ' ME', ' MA', ' MP', ' MR', ' T100', ' C1000000', ' MA C1000000', ' MR C1000000', ' MZ', ' Tx'])}${quiet}\r\n10\r\n`,
    `ms marked 1 C1 I\r\nx\r\n`,
    `md ${pick([key, 'counted'])}${pick(['', '', ' C1000000'])}${quiet}\r\n`,
    `md marked I${pick(['', ' T100', ' C1000000'])}${quiet}\r\n`,
    `ma ${pick(['counted', 'counted', 'none'])}${pick(['', ' MD D0', ' N50', ' N-1', ' N50 MD D0', ' C1000000', ' T100', ' Tx'])}\r\n`,
  ]);
}

function counters(reply: string): Record<string, string> {
  const rows = new Map(reply.split('\r\n').map((row) => row.split(' ').slice(1) as [string, string]));
  return Object.fromEntries(COUNTERS.map((name) => [name, rows.get(name) ?? 'missing']));
}

describe.runIf(memcachedVersion() !== undefined)('counters compared with memcached', () => {
  let peer: Peer;
  beforeAll(async () => {
    peer = await startMemcached();
  });
  afterAll(() => peer.stop());

  test.each(Array.from({ length: SEEDS }, (_, seed) => [seed]))(
    'are the same after random requests, seed %i',
    async (seed) => {
      const random = randomFrom(seed);
      const send = Array.from({ length: REQUESTS }, () => request(random)).join('');
      // Flushed items are dropped first, so that none is found later.
      await ask(peer.port, `flush_all\r\nget marked counted none ${KEYS.join(' ')}\r\nstats reset\r\n`);
      const harness = new Harness({ limitBytes: 8 * 1024 * 1024 });
      // The first token goes to another key, so that 1 is older than any other.
      harness.ask('set first 0 0 1\r\nx\r\ngets first\r\ndelete first\r\nstats reset\r\n');
      const [theirs, ours] = [await ask(peer.port, send), harness.ask(send)];
      expect(withoutTokens(ours)).toBe(withoutTokens(theirs));
      expect(counters(harness.ask('stats\r\n'))).toEqual(counters(await ask(peer.port, 'stats\r\n')));
    },
  );
});

/** Error lines differ between the versions of memcached (text.test.ts compares them), so all of them count as one here. */
function withoutTokens(reply: string): string {
  return reply
    .replace(/^ERROR(?=\r$)/gm, 'CLIENT_ERROR bad command line format')
    .replace(/^(VALUE \S+ \d+ \d+) \d+/gm, '$1 token')
    .replace(/^VERSION .*/gm, 'VERSION');
}
