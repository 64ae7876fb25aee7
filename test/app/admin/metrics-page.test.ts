// The page for Prometheus of the built server: well-formed, equal to what `stats` says, with names that stay.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AskingClient } from '../asking-client.js';
import { TypeFolders } from '../type-folders.js';
import { askHttp, startAdmin } from './http-client.js';
import { METRIC_NAMES } from './metric-names.js';
import { type Family, parsePage } from './prometheus-page.js';

/** Cells that change by asking for them, or with time. */
const CHANGING = /^(bytes_read|bytes_written|rusage_user|rusage_system|uptime|oldest_idle|conn_yields|admin_.*)$/;

async function pageOf(port: number): Promise<Family[]> {
  const { status, type, text } = await askHttp(port, '/metrics');
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return parsePage(text);
}

async function statsOf(client: AskingClient): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  for (const topic of ['', ' arena', ' transport', ' objects']) {
    for (const [, name, value] of (await client.list(`stats${topic}\r\n`)).matchAll(/^STAT (\S+) (\S+)\r$/gm)) {
      rows.set(name, value);
    }
  }
  return rows;
}

test.each(['epoll', 'net'])('with %s, /metrics has every counter of stats with the same value', async (transport) => {
  using folders = new TypeFolders().copy('scripts/set.lua');
  const { server, port, json } = await startAdmin(['--transport', transport, ...folders.flags]);
  await using _ = server;
  const client = await AskingClient.connect(server.port);
  await client.set('k', 'hello');
  await client.get('k');
  await client.get('nothing');
  await client.line('incr k 1\r\n');
  await client.get('set:new:colours');
  await client.get('set:put:colours:red');
  await client.line('get set:put:colours\r\n');
  const stats = await statsOf(client);
  const page = await pageOf(port);
  const { metrics }: { metrics: { name: string; prometheus: string; kind: string }[] } = await json('/api/metrics');
  const shown = new Map(
    page.flatMap(({ samples: [first] }) => (first === undefined ? [] : [[first.name, first.value]])),
  );
  const compared = metrics.filter(({ name }) => stats.has(name) && !CHANGING.test(name));
  expect(compared.length).toBeGreaterThan(60);
  expect(compared.map(({ name, prometheus }) => [name, shown.get(prometheus)])).toEqual(
    compared.map(({ name }) => [name, Number(stats.get(name))]),
  );
  const calls = page.find(({ name }) => name === 'cacheismo_method_calls_total')?.samples ?? [];
  expect(calls.find(({ labels }) => labels.type === 'set' && labels.method === 'put')?.value).toBe(2);
  const errors = page.find(({ name }) => name === 'cacheismo_command_errors_total')?.samples ?? [];
  expect(errors.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.command, value])).toEqual([
    ['get', 1],
    ['incr', 1],
  ]);
  client.close();
});

/** Counters of the whole server and of commands, by name and labels. Those of methods count since their type was loaded. */
function countersOf(page: readonly Family[]): Map<string, number> {
  const counted = page.filter(({ name, kind }) => kind !== 'gauge' && !name.startsWith('cacheismo_method_'));
  return new Map(
    counted.flatMap(({ samples }) =>
      samples.map(({ name, labels, value }) => [`${name}${JSON.stringify(labels)}`, value] as [string, number]),
    ),
  );
}

test('counters rise over a flush, a reload, the end of a type and a new limit, and /metrics stays equal to stats', async () => {
  using folders = new TypeFolders().copy('scripts/set.lua');
  const { server, port, json } = await startAdmin(['-t', '2', '-m', '16', ...folders.flags]);
  await using _ = server;
  const clients = await Promise.all(Array.from({ length: 4 }, () => AskingClient.connect(server.port)));
  const [client] = clients;
  const load = () =>
    Promise.all(
      clients.map(async (one, index) => {
        for (let round = 0; round < 15; round++) {
          await one.set(`k${index}-${round}`, 'v'.repeat(1000));
          await one.get(`k${index}-${round}`);
          await one.line('incr nothing 1\r\n');
          await one.until(`get set:new:s${index}\r\n`, /END\r\n$|ERROR[^\n]*\n$/);
        }
      }),
    );
  const { metrics }: { metrics: { name: string; prometheus: string }[] } = await json('/api/metrics');
  let before = new Map<string, number>();
  const steps: (() => unknown)[] = [
    () => client.line('flush_all\r\n'),
    () => folders.script('set.lua', 'return {'),
    () => server.logged(/set.lua/),
    () => rmSync(join(folders.scripts, 'set.lua')),
    () => server.logged(/set.*removed|removed.*set/),
    () => client.line('cache_memlimit 32\r\n'),
    () => undefined,
  ];
  for (const step of steps) {
    await load();
    await step();
    const page = await pageOf(port);
    const now = countersOf(page);
    for (const [name, value] of before) expect([name, (now.get(name) ?? -1) >= value]).toEqual([name, true]);
    before = now;
  }
  // A page may be 100 ms old.
  await new Promise((resolve) => setTimeout(resolve, 150));
  const shown = new Map((await pageOf(port)).map(({ name, samples: [first] }) => [name, first?.value]));
  const stats = await statsOf(client);
  const compared = metrics.filter(({ name }) => stats.has(name) && !CHANGING.test(name));
  expect(compared.map(({ name, prometheus }) => [name, shown.get(prometheus)])).toEqual(
    compared.map(({ name }) => [name, Number(stats.get(name))]),
  );
  await client.line('stats reset\r\n');
  await new Promise((resolve) => setTimeout(resolve, 150));
  const reset = countersOf(await pageOf(port));
  expect(reset.get('cacheismo_cmd_set_total{}')).toBe(0);
  expect(reset.get('cacheismo_command_requests_total{"command":"set"}')).toBe(0);
  for (const one of clients) one.close();
});

test('the names of metrics stay as they are, since boards and alerts use them', async () => {
  const { server, port } = await startAdmin();
  await using _ = server;
  expect((await pageOf(port)).map(({ name, kind }) => `${name} ${kind}`).sort()).toEqual(METRIC_NAMES);
});

test('every metric says in one sentence what it is', async () => {
  const { server, port } = await startAdmin();
  await using _ = server;
  expect((await pageOf(port)).filter(({ help }) => help.length < 10).map(({ name }) => name)).toEqual([]);
});
