// Options of memcached that have no effect here, and `stats settings`, which shows them.

import { expect, test } from 'vitest';
import { settingRows } from '../../../src/app/config/setting-rows.js';
import { loadStatistics } from '../../conformance/recorded/load.js';
import { useConfigDirectory } from './config-directory.js';

const { load, writeFile } = useConfigDirectory();

test.each([
  ['-U 34567', '-U 34567 has no effect: there is no UDP'],
  ['-U -1', '-U -1 has no effect: there is no UDP'],
])('%s is taken with a notice', async (line, notice) => {
  expect((await load(line.split(' '))).notices).toEqual([notice]);
});

test("memcached's options for slabs are accepted and said to be unneeded", async () => {
  const args = '-f 1.25 -n 48 -L -R 20 -N 2 -o slab_automove=1,no_lru_crawler,hashpower=20,modern'.split(' ');
  const { notices } = await load(args);
  expect(notices.map((notice) => notice.split(' is unneeded: ')[0])).toEqual(
    '-f,-n,-L,-R,-N,-o slab_automove,-o no_lru_crawler,-o hashpower,-o modern'.split(','),
  );
  expect((await load([], { CACHEISMO_SLAB_MIN_SIZE: '48' })).notices).toHaveLength(1);
  writeFile('cacheismo.config.yaml', 'slab-min-size: 48\n');
  expect((await load()).notices).toHaveLength(1);
});

/** All that memcached 1.6 documents or accepts, with the values of its help. */
const EXTENDED =
  'maxconns_fast hashpower=20 no_hashexpand tail_repair_time=10 hash_algorithm=xxh3 lru_crawler no_lru_crawler ' +
  'lru_crawler_sleep=100 lru_crawler_tocrawl=0 read_buf_mem_limit=16 resp_obj_mem_limit=16 lru_maintainer no_lru_maintainer ' +
  'hot_lru_pct=20 warm_lru_pct=40 hot_max_factor=0.2 warm_max_factor=2 temporary_ttl=61 slab_reassign no_slab_reassign slab_automove=1 ' +
  'slab_automove_ratio=0.8 slab_automove_window=30 slab_automove_freeratio=0.01 slab_chunk_max=512 slab_sizes=100-200 no_chunked_items ' +
  'track_sizes modern no_modern sock_cookie_id=1 inline_ascii_resp no_inline_ascii_resp ' +
  'drop_privileges no_drop_privileges relaxed_privileges meta_response_old ext_path=/tmp/file:1G ext_page_size=64 ext_page_count=64 ' +
  'ext_wbuf_size=4 ext_threads=1 ext_item_size=512 ext_item_age=5 ext_low_ttl=0 ext_recache_rate=2000 ext_compact_under=4 ' +
  'ext_drop_under=4 ext_max_sleep=1000000 ext_max_frag=0.8 no_ext_drop_unread';

test.each(EXTENDED.split(' '))("memcached's extended option %s is accepted with one notice", async (option) => {
  const { notices } = await load(['-o', option]);
  expect(notices).toEqual([expect.stringMatching(new RegExp(`^-o ${option.split('=')[0]} is unneeded: .+`))]);
});

test('no_modern is what memcached makes of it, and what is named after it counts', async () => {
  const settings = async (text: string) => Object.fromEntries(settingRows(await load(['-o', text])));
  expect(await settings('no_modern')).toMatchObject({
    maxconns_fast: 'yes',
    slab_reassign: 'no',
    slab_automove: '0',
    lru_crawler: 'no',
    hash_algorithm: 'jenkins',
    lru_maintainer_thread: 'no',
    lru_segmented: 'no',
  });
  expect(await settings('no_modern,lru_crawler')).toMatchObject({ lru_crawler: 'yes', lru_maintainer_thread: 'no' });
  expect(await settings('temporary_ttl=30')).toMatchObject({ temp_lru: 'yes', temporary_ttl: '30' });
});

test('stats settings has exactly the rows of memcached 1.6.45, with the values of the options', async () => {
  const rows = settingRows(await load(['-m', '100', '-M', '-c', '99', '-A', '-a', '770']));
  expect(rows.map(([name]) => name)).toEqual([...(loadStatistics().get('settings') ?? new Map()).keys()]);
  const settings = Object.fromEntries(rows);
  expect(settings).toMatchObject({
    maxbytes: 104857600,
    maxconns: 99,
    evictions: 'off',
    umask: '770',
    shutdown_command: 'yes',
  });
  expect(settings).toMatchObject({ domain_socket: 'NULL', flush_enabled: 'yes', binding_protocol: 'auto-negotiate' });
});

test("stats settings shows options without effect as given, and memcached's default otherwise", async () => {
  const recorded = loadStatistics().get('settings') ?? new Map<string, string>();
  const depends = ['maxbytes', 'tcpport', 'inter', 'num_threads', 'num_threads_per_udp'];
  const shown = new Map(settingRows(await load([])).map(([name, value]) => [name, String(value)]));
  for (const [name, value] of recorded)
    if (!depends.includes(name)) expect([name, shown.get(name)]).toEqual([name, value]);
  const options =
    'no_lru_crawler,hash_algorithm=jenkins,slab_automove_ratio=0.5,worker_logbuf_size=32,no_maxconns_fast';
  expect(
    Object.fromEntries(settingRows(await load(['-f', '1.1', '-n', '72', '-D', '/', '-o', options]))),
  ).toMatchObject({
    growth_factor: '1.10',
    chunk_size: '72',
    stat_key_prefix: '/',
    detail_enabled: 'yes',
    lru_crawler: 'no',
    hash_algorithm: 'jenkins',
    slab_automove_ratio: '0.50',
    worker_logbuf_size: 32768,
    maxconns_fast: 'no',
  });
});
