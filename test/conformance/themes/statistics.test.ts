// What memcached's authors expect of its statistics: which rows there are, what they are at the start and after each kind of request, by prefix,
// by connection, and after a reset.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LineClient } from '../../app/line-client.js';
import { startProcess } from '../../app/server-process.js';
import { converse, statsOf } from './talk.js';

const ZERO_AT_START =
  'curr_items total_items bytes cmd_get cmd_set get_hits evictions get_misses get_expired bytes_written delete_hits delete_misses ' +
  'incr_hits incr_misses decr_hits get_flushed decr_misses listen_disabled_num lrutail_reflocked time_in_listen_disabled_us ' +
  'store_too_large store_no_memory cas_misses cas_hits cas_badval touch_hits touch_misses rejected_connections';
const ZERO_AFTER_RESET =
  'cmd_get cmd_set get_hits get_misses get_expired get_flushed delete_misses delete_hits incr_misses incr_hits decr_misses decr_hits ' +
  'cas_misses cas_hits cas_badval evictions reclaimed lrutail_reflocked';
const MONTH_AND_A_DAY_SECONDS = 31 * 86_400;

const zeros = (names: string) => Object.fromEntries(names.split(' ').map((name) => [name, '0']));

test('stats begin at zero, count each request once and return to zero at a reset', async () => {
  const flags = ['-t', '1', '-I', '1024', '-o', 'slab_chunk_max=1024,no_lru_crawler,no_lru_maintainer'];
  await using server = await startProcess(flags);
  using client = await LineClient.connect(server.port);
  const start = await statsOf(client);
  expect(start).toMatchObject({ ...zeros(ZERO_AT_START), accepting_conns: '1', curr_connections: '1' });
  // With the crawler and the maintainer there are nine more.
  expect(Object.keys(start)).toHaveLength(84);

  const after = async (send: string, expected: Record<string, string>) => {
    await client.ask(send.replaceAll('$', '\r\n'));
    expect(await statsOf(client)).toMatchObject(expected);
  };
  await after('set foo 0 0 6$fooval$get foo$', {
    ...{ total_items: '1', curr_items: '1', cmd_get: '1', cmd_set: '1', get_hits: '1' },
  });
  expect(await client.ask('stats cachedump 1 100\r\n')).toMatch(/^ITEM foo \[6 b; 0 s\]\r\n/);
  await after('delete foo$', { delete_hits: '1', delete_misses: '0' });
  await after('delete foo$', { delete_hits: '1', delete_misses: '1' });
  await after('incr i 1$', { incr_hits: '0', incr_misses: '1', decr_hits: '0', decr_misses: '0' });
  await after('decr d 1$set n 0 0 1$0$incr n 3$decr n 1$', { incr_hits: '1', decr_hits: '1', decr_misses: '1' });
  await after('cas c 0 0 1 99999999$z$', { cas_hits: '0', cas_misses: '1', cas_badval: '0' });
  await after('set c 0 0 1$x$cas c 0 0 1 99999999$z$', { cas_hits: '0', cas_badval: '1' });
  const token = / (\d+)\r\n/.exec(await client.ask('gets c\r\n'))?.[1];
  await after(`cas c 0 0 1 ${token}$z$`, { cas_hits: '1', cas_misses: '1', cas_badval: '1' });
  await after(`set e 0 ${MONTH_AND_A_DAY_SECONDS} 1$x$get e$`, { get_expired: '1' });
  await after(`set large 0 0 2048$${'B'.repeat(2048)}$`, { store_too_large: '1' });

  expect(await client.ask('stats reset\r\n')).toBe('RESET\r\n');
  expect(await statsOf(client)).toMatchObject({ ...zeros(ZERO_AFTER_RESET), curr_items: '2' });
  await after('flush_all$', { cmd_flush: '1', curr_items: '0' });
});

test('stats detail counts by prefix while it is on', async () => {
  await using server = await startProcess(['-t', '1']);
  await converse(server.port, [
    ['stats detail dump$stats detail on$set foo:123 0 0 6$fooval$', 'END$OK$STORED$'],
    ['stats detail dump$', 'PREFIX foo get 0 hit 0 set 1 del 0$END$'],
    ['get foo:123$stats detail dump$', /PREFIX foo get 1 hit 1 set 1 del 0\$END\$$/],
    ['get foo:124$delete foo:125$stats detail dump$', /PREFIX foo get 2 hit 1 set 1 del 1\$END\$$/],
    ['stats reset$stats detail dump$', 'RESET$END$'],
    [
      'get foo:123$stats detail off$get foo:123$get foo:124$stats detail dump$',
      /PREFIX foo get 1 hit 1 set 0 del 0\$END\$$/,
    ],
    ['stats detail$stats detail x$', 'CLIENT_ERROR usage: stats detail on|off|dump$'.repeat(2)],
  ]);
});

test('stats conns names the path of a Unix socket, who listens and who asks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conns-'));
  const path = join(folder, 'socket');
  await using _server = await startProcess(['-t', '1', '-s', path]);
  expect(statSync(path).isSocket()).toBe(true);
  using idle = await LineClient.connect(path);
  await idle.ask('mn\r\n');
  using asker = await LineClient.connect(path);
  const rows = await asker.ask('stats conns\r\n');
  const [, listening, shown] = /STAT (\d+):addr unix:([^\r]*)\r/.exec(rows) ?? [];
  expect(shown).toBe(path);
  expect(rows).toMatch(new RegExp(`STAT ${listening}:state conn_listening\\r`));
  expect([...rows.matchAll(/:state conn_parse_cmd\r/g)]).toHaveLength(1);
  rmSync(folder, { recursive: true });
});

test('stats sizes is disabled unless asked for at the start; unknown topics are errors', async () => {
  await using server = await startProcess(['-t', '1']);
  await using tracking = await startProcess(['-t', '1', '-o', 'track_sizes']);
  await converse(server.port, [
    ['stats sizes$', 'STAT sizes_status disabled$END$'],
    ['stats foo$stats noreply$stats maps$', 'ERROR$'.repeat(3)],
    ['stats items$stats slabs$', 'END$STAT active_slabs 0$STAT total_malloced 0$END$'],
    ['stats cachedump$stats cachedump 1$', 'CLIENT_ERROR bad command line$'.repeat(2)],
    ['stats cachedump 99 1$', 'CLIENT_ERROR Illegal slab id$'],
    [
      'verbosity 0$verbosity 1 noreply$verbosity x$verbosity$',
      'OK$CLIENT_ERROR bad command line format$CLIENT_ERROR bad command line format$',
    ],
  ]);
  await converse(tracking.port, [['set a 0 0 1$x$stats sizes$', 'STORED$STAT 64 1$END$']]);
});
