// The page for Prometheus of the built server: well-formed, equal to what `stats` says, with names that stay.

import { expect, test } from 'vitest';
import { AskingClient } from '../asking-client.js';
import { TypeFolders } from '../type-folders.js';
import { askHttp, startAdmin } from './http-client.js';
import { METRIC_NAMES } from './metric-names.js';
import { type Family, parsePage } from './prometheus-page.js';

/** Cells that change by asking for them. */
const CHANGING = /^(bytes_read|bytes_written|rusage_user|rusage_system|uptime|conn_yields|admin_.*)$/;

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
