// `watch`: the lines of each kind of event, watchers that are slow or leave, and threads.

import { describe, expect, test } from 'vitest';
import { watcherLagBytes } from '../../src/app/config/options/command-options.js';
import { EventKind, EventLog } from '../../src/operations/event-log.js';
import { AskingClient } from '../app/asking-client.js';
import { startProcess } from '../app/server-process.js';
import { type FakeClient, Harness, statsOf } from '../protocols/text/harness.js';

const NUMBERED = /^ts=\d{10}\.\d{6} gid=(\d+) /gm;

/** A watcher of these kinds, which has been told OK. */
function watcher(harness: Harness, kinds: string): FakeClient {
  const client = harness.connect();
  expect(client.send(`watch ${kinds}\r\n`)).toBe('OK\r\n');
  return client;
}

/** What it has been sent since, without times and numbers. */
function events(client: FakeClient): string[] {
  const lines = client.send('x').split('\n').slice(0, -1);
  return lines.map((line) => line.replace(NUMBERED, ''));
}

test('watch is refused behind another request that was sent with it, as by memcached', () => {
  const client = new Harness().connect();
  const refused = 'ERROR cannot pipeline other commands before watch\r\n';
  expect(client.send('version\r\nwatch\r\nversion\r\n')).toBe(`VERSION 1.2.3\r\n${refused}VERSION 1.2.3\r\n`);
  expect(client.send('watch\r\n')).toBe('OK\r\n');
});

describe('a watcher', () => {
  test('of fetchers gets a line for each key that is looked for, also by what is no read', () => {
    const harness = new Harness();
    const client = watcher(harness, '');
    harness.ask('get a%20b\r\nset a%20b 0 0 2\r\nxx\r\nget a%20b\r\nmg a%20b v\r\ngat 0 a%20b\r\n');
    const found = 'type=item_get key=a%2520b status=found clsid=1 cfd=-1 size=2';
    const missed = 'type=item_get key=a%2520b status=not_found clsid=0 cfd=-1 size=0';
    expect(events(client)).toEqual([missed, missed, found, found, found]);
    harness.ask('touch a%20b 0\r\nadd a%20b 0 0 1\r\ny\r\nappend a%20b 0 0 0\r\n\r\nincr a%20b 1\r\nme a%20b\r\n');
    expect(events(client)).toEqual([found, found, found, found, found]);
    harness.ask('md a%20b I\r\ndelete a%20b\r\ndelete a%20b\r\nma a%20b N0\r\n');
    expect(events(client)).toEqual([found, found, missed, missed, missed]);
  });

  test('of fetchers gets a line for a key whose item has expired', () => {
    const harness = new Harness();
    const client = watcher(harness, 'fetchers');
    const keys = Array.from({ length: 300 }, (_, index) => `k${index}`);
    for (const key of keys) harness.ask(`set ${key} 0 10 1\r\nx\r\n`);
    events(client);
    harness.time.seconds += 11;
    harness.clock.refresh();
    // More than are reclaimed before a request.
    harness.ask(`get ${keys.join(' ')}\r\nget ${keys.join(' ')}\r\n`);
    const statuses = events(client).map((line) => / status=(\w+) /.exec(line)?.[1]);
    expect(new Set(statuses.slice(0, 300))).toContain('expired');
    expect(new Set(statuses.slice(300))).toEqual(new Set(['not_found']));
  });

  test('of mutations gets the command and the result of each', () => {
    const harness = new Harness({ itemLimitBytes: 2000 });
    const client = watcher(harness, 'mutations');
    harness.ask(
      'set a 0 60 2\r\nxx\r\nadd a 0 0 1\r\ny\r\nappend a 0 0 1\r\nz\r\ncas a 0 0 1 9\r\nx\r\ncas b 0 7 1 9\r\nx\r\n',
    );
    harness.ask(`ms a 1 T0\r\nx\r\nms a 1 MA C1\r\nx\r\nma n N0 J12\r\nset a 0 0 1980\r\n${'v'.repeat(1980)}\r\n`);
    harness.ask('set a 0 -1 1\r\nx\r\nget a\r\ndelete a\r\n');
    const stored = 'type=item_store key=a status=';
    expect(events(client)).toEqual([
      `${stored}stored cmd=set ttl=60 clsid=1 cfd=-1 size=2`,
      `${stored}not_stored cmd=add ttl=0 clsid=1 cfd=-1 size=1`,
      `${stored}stored cmd=append ttl=60 clsid=1 cfd=-1 size=3`,
      `${stored}exists cmd=cas ttl=0 clsid=1 cfd=-1 size=1`,
      'type=item_store key=b status=not_found cmd=cas ttl=7 clsid=1 cfd=-1 size=1',
      `${stored}stored cmd=set ttl=0 clsid=1 cfd=-1 size=1`,
      `${stored}exists cmd=append ttl=0 clsid=1 cfd=-1 size=1`,
      'type=item_store key=n status=stored cmd=add ttl=0 clsid=1 cfd=-1 size=2',
      `${stored}too_large cmd=set ttl=0 clsid=0 cfd=-1 size=0`,
      expect.stringMatching(/^type=item_store key=a status=stored cmd=set ttl=4294\d+ clsid=1 cfd=-1 size=1$/),
    ]);
  });

  test('of mutations gets a line for a value that is too large or finds no memory', () => {
    const harness = new Harness({ itemLimitBytes: 900_000, evictionsAllowed: false });
    const client = watcher(harness, 'fetchers mutations');
    const value = 'v'.repeat(800_000);
    harness.ask(`set a 0 60 999999\r\n${'v'.repeat(999_999)}\r\nadd b 0 60 999999\r\n${'v'.repeat(999_999)}\r\n`);
    harness.ask('c1 c2 c3 c4 c5 d'.replace(/\S+ ?/g, (key) => `set ${key.trim()} 0 0 800000\r\n${value}\r\n`));
    const missed = 'status=not_found clsid=0 cfd=-1 size=0';
    const lines = events(client);
    expect([...lines.slice(0, 5), ...lines.slice(-2)]).toEqual([
      'type=item_store key=a status=too_large cmd=set ttl=0 clsid=0 cfd=-1 size=0',
      `type=item_get key=a ${missed}`,
      'type=item_store key=b status=too_large cmd=add ttl=0 clsid=0 cfd=-1 size=0',
      `type=item_get key=c1 ${missed}`,
      'type=item_store key=c1 status=stored cmd=set ttl=0 clsid=1 cfd=-1 size=800000',
      'type=item_store key=d status=no_memory cmd=set ttl=0 clsid=0 cfd=-1 size=0',
      `type=item_get key=d ${missed}`,
    ]);
  });

  test('of deletions gets a line for each removed or emptied item, with the command', () => {
    const harness = new Harness();
    const client = watcher(harness, 'deletions');
    harness.ask('set k 0 0 3\r\nabc\r\nmd k C1\r\nmd k I\r\nmd k x\r\nmd k\r\nmd k\r\n');
    expect(events(client)).toEqual([
      'type=deleted key=k cmd=md clsid=1 size=0',
      'type=deleted key=k cmd=md clsid=1 size=0',
    ]);
  });

  test('of evictions and deletions gets no other lines', () => {
    const harness = new Harness({ limitBytes: 1024 * 1024 });
    const client = watcher(harness, 'evictions deletions');
    harness.ask('set k 0 0 3\r\nabc\r\nget k\r\ndelete k\r\ndelete k\r\n');
    expect(events(client)).toEqual(['type=deleted key=k cmd=delete clsid=1 size=3']);
    for (let index = 0; index < 1100; index++) harness.ask(`set e${index} 0 0 1000\r\n${'v'.repeat(1000)}\r\n`);
    expect(events(client)[0]).toBe('type=eviction key=e0 fetch=no ttl=-1 la=0 clsid=1 size=1000');
  });

  test('numbers rise over all watchers, and who leaves is forgotten', () => {
    const harness = new Harness();
    const [first, second] = [watcher(harness, 'fetchers'), watcher(harness, 'mutations')];
    expect(statsOf(harness).get('log_watchers')).toBe('2');
    harness.ask('get a\r\nset a 0 0 1\r\nx\r\nget a\r\n');
    expect([...first.send('x').matchAll(NUMBERED)].map((match) => match[1])).toEqual(['1', '2', '4']);
    expect([...second.send('x').matchAll(NUMBERED)].map((match) => match[1])).toEqual(['3']);
    for (const client of [first, second]) client.close();
    harness.ask('get a\r\n');
    const stats = statsOf(harness);
    expect(['log_watchers', 'log_worker_written', 'log_watcher_sent'].map((name) => stats.get(name))).toEqual([
      ...['0', '4', '4'],
    ]);
  });

  test('that is slow is told how many lines it has lost, and only of those that it watches', () => {
    const harness = new Harness();
    const client = watcher(harness, 'fetchers');
    const other = watcher(harness, 'mutations');
    const keys = 'k'.repeat(200);
    for (let index = 0; index < 6000; index++) harness.ask(`get ${keys}\r\n${index % 3 ? '' : 'set a 0 0 1\r\nx\r\n'}`);
    let text = '';
    for (let part = client.send('x'); part !== ''; part = client.send('x')) text += part;
    const skipped = Number(/^skipped=(\d+)\n/.exec(text)?.[1]);
    expect(skipped).toBeGreaterThan(0);
    expect(skipped + [...text.matchAll(NUMBERED)].length).toBe(8000);
    expect(Number(statsOf(harness).get('log_watcher_skipped'))).toBe(skipped);
    expect(other.send('x')).toMatch(/^skipped=\d+\n/);
  });
});

test('the lag of a watcher is limited, and it gets the number of the lines that it lost', () => {
  const harness = new Harness({ watcherLagBytes: 8192 });
  const client = watcher(harness, 'fetchers');
  for (let index = 0; index < 200; index++) harness.ask(`get k${'x'.repeat(100)}\r\n`);
  const text = client.send('x');
  const kept = [...text.matchAll(NUMBERED)].length;
  expect(text.length).toBeLessThan(8192 + 100);
  expect(kept).toBeGreaterThan(8192 / 300);
  expect(/^skipped=(\d+)\n/.exec(text)?.[1]).toBe(String(200 - kept));
  expect(statsOf(harness).get('log_watcher_skipped')).toBe(String(200 - kept));
});

test.each([
  [undefined, undefined, undefined],
  [8192, undefined, 8192 + 2 * 65536],
  [undefined, 8192, 262144 + 2 * 8192],
  [1024, 4096, 1024 + 2 * 4096],
  [0, 0, 4096],
])("memcached's sizes of buffers, %s and %s, add up for two threads", (watcherBytes, workerBytes, bytes) => {
  expect(watcherLagBytes(watcherBytes, workerBytes, 2)).toBe(bytes);
});

test('lines that go round the end of the ring are whole', () => {
  const log = new EventLog(new Harness().arena);
  const reader = log.open(EventKind.fetchers);
  for (let index = 0; index < 5000; index++) {
    const line = `${index}:${'x'.repeat((index * 7) % 900)}\n`;
    log.append(EventKind.fetchers, line);
    expect(log.read(reader).text).toBe(line);
  }
});

test.each(['epoll', 'net'])(
  'a watcher sees what the clients of all threads do, and others are served meanwhile (%s)',
  async (transport) => {
    await using server = await startProcess(['--transport', transport, '-t', '2', '--no-objects']);
    const clients = await Promise.all(Array.from({ length: 5 }, () => AskingClient.connect(server.port)));
    const [watching, ...others] = clients as [AskingClient, ...AskingClient[]];
    expect(await watching.line('watch mutations\r\n')).toBe('OK');
    const lines = watching.until('', /key=k3 [^\n]*\n$/);
    for (const [index, client] of others.entries()) expect(await client.set(`k${index}`, 'x')).toBe('STORED');
    const seen = [...(await lines).matchAll(/ key=(k\d) status=stored cmd=set ttl=0 clsid=1 cfd=\d+ size=1\n/g)];
    expect(seen.map((match) => match[1])).toEqual(['k0', 'k1', 'k2', 'k3']);
    watching.close();
    await expect.poll(() => others[0]?.stat('log_watchers'), { timeout: 5000 }).toBe(0);
    for (const client of others) client.close();
  },
);
