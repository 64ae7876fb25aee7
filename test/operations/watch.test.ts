// `watch`: the lines of each kind of event, watchers that are slow or leave, and threads.

import { describe, expect, test } from 'vitest';
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

describe('a watcher', () => {
  test('of fetchers gets a line for each key that is asked for', () => {
    const harness = new Harness();
    const client = watcher(harness, '');
    harness.ask('get a%20b\r\nset a%20b 0 0 2\r\nxx\r\nget a%20b\r\nmg a%20b v\r\ngat 0 a%20b\r\n');
    const found = 'type=item_get key=a%2520b status=found clsid=1 cfd=-1 size=2';
    expect(events(client)).toEqual([
      'type=item_get key=a%2520b status=not_found clsid=0 cfd=-1 size=0',
      ...[found, found, found],
    ]);
    expect(events(client)).toEqual([]);
  });

  test('of mutations gets the command and the result of each', () => {
    const harness = new Harness({ itemLimitBytes: 2000 });
    const client = watcher(harness, 'mutations');
    harness.ask(
      'set a 0 60 2\r\nxx\r\nadd a 0 0 1\r\ny\r\nappend a 0 0 1\r\nz\r\ncas a 0 0 1 9\r\nx\r\ncas b 0 0 1 9\r\nx\r\n',
    );
    harness.ask(`ms a 1 T0\r\nx\r\nset a 0 0 1980\r\n${'v'.repeat(1980)}\r\nget a\r\ndelete a\r\n`);
    const stored = 'type=item_store key=a status=';
    expect(events(client)).toEqual([
      `${stored}stored cmd=set ttl=60 clsid=1 cfd=-1 size=2`,
      `${stored}not_stored cmd=add ttl=0 clsid=1 cfd=-1 size=1`,
      `${stored}stored cmd=append ttl=60 clsid=1 cfd=-1 size=3`,
      `${stored}exists cmd=cas ttl=0 clsid=1 cfd=-1 size=1`,
      'type=item_store key=b status=not_found cmd=cas ttl=0 clsid=1 cfd=-1 size=1',
      `${stored}stored cmd=set ttl=0 clsid=1 cfd=-1 size=1`,
      `${stored}too_large cmd=set ttl=0 clsid=1 cfd=-1 size=0`,
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
    expect([...first.send('x').matchAll(NUMBERED)].map((match) => match[1])).toEqual(['1', '3']);
    expect([...second.send('x').matchAll(NUMBERED)].map((match) => match[1])).toEqual(['2']);
    for (const client of [first, second]) client.close();
    harness.ask('get a\r\n');
    const stats = statsOf(harness);
    expect(['log_watchers', 'log_worker_written', 'log_watcher_sent'].map((name) => stats.get(name))).toEqual([
      ...['0', '3', '3'],
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
    expect(skipped + [...text.matchAll(NUMBERED)].length).toBe(6000);
    expect(Number(statsOf(harness).get('log_watcher_skipped'))).toBe(skipped);
    expect(other.send('x')).toMatch(/^skipped=\d+\n/);
  });
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
