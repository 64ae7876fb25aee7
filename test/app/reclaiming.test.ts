// An idle server reclaims the memory of expired, flushed and deleted items without waiting for a request. A single slice: test/store.

import { describe, expect, test } from 'vitest';
import { LineClient } from './line-client.js';
import { startPlain } from './server-process.js';

const ITEMS = 50_000;
/** Items of 3 seconds expire within 4, and an idle server has 3 more to reclaim them. One that reclaimed only once a second would need hours. */
const WITHIN_MS = 7000;

async function statOf(client: LineClient, which: string, name: string): Promise<number> {
  const reply = await client.ask(`stats${which}\r\n`);
  return Number(new RegExp(`STAT ${name} (\\d+)`).exec(reply)?.[1] ?? 'NaN');
}

async function store(client: LineClient, exptime: number): Promise<void> {
  for (let first = 0; first < ITEMS; first += 5000) {
    const sets = Array.from({ length: 5000 }, (_, at) => `set key${first + at} 0 ${exptime} 2 noreply\r\nxx\r\n`);
    await client.ask(sets.join(''));
  }
}

/** Checks once a second, so that the requests themselves reclaim hardly anything. */
async function reclaimed(client: LineClient, isDone: () => Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + WITHIN_MS;
  while (performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (await isDone()) return true;
  }
  await client.ask('');
  return false;
}

// All mostly wait.
describe.concurrent.each(['epoll', 'net'])('an idle server with the transport %s', (transport) => {
  test('reclaims items that have expired', async () => {
    await using server = await startPlain('--transport', transport, '-m', '64');
    using client = await LineClient.connect(server.port);
    await store(client, 3);
    const isDone = async () => (await statOf(client, '', 'reclaimed')) === ITEMS;
    expect(await reclaimed(client, isDone)).toBe(true);
  });

  test('frees what flush_all has removed', async () => {
    await using server = await startPlain('--transport', transport, '-m', '64');
    using client = await LineClient.connect(server.port);
    const before = await statOf(client, '', 'bytes');
    await store(client, 0);
    expect(await statOf(client, '', 'bytes')).toBeGreaterThanOrEqual(before + ITEMS * 32);
    expect(await client.ask('flush_all\r\n')).toBe('OK\r\n');
    expect(await reclaimed(client, async () => (await statOf(client, '', 'bytes')) <= before)).toBe(true);
  });
});

test('stats items counts the bytes of items without those of the index', async () => {
  await using server = await startPlain('-m', '64');
  using client = await LineClient.connect(server.port);
  await client.set('k', 'xx');
  const bytes = await statOf(client, ' items', 'items:1:mem_requested');
  expect(bytes).toBeGreaterThanOrEqual(3);
  expect(bytes).toBeLessThanOrEqual(64);
});
