// The memory limit of a running server, raised and lowered by `cache_memlimit` while clients read and write.

import { describe, expect, test } from 'vitest';
import { isAddressSpaceLimited } from '../../src/app/address-space.js';
import { LineClient } from './line-client.js';
import { HAS_FIGURES, residentBytes } from './process-figures.js';
import { startOnAllProcessors } from './server-process.js';

const MEBIBYTE = 1024 * 1024;
const VALUE_BYTES = 8000;
const VALUES_A_REQUEST = 100;
const KEYS = 40_000;
/** Of what a limit of 200 MB has made resident, at least this much goes again when the limit is 64 MB. */
const RETURNED_BYTES = 100 * MEBIBYTE;
const UNTIL_RETURNED_MS = 10_000;

/** Writes all keys, and reads what it has written; the first wrong reply. */
class Load {
  failure: string | undefined;
  isStopped = false;
  #next = 0;

  async run(client: LineClient): Promise<void> {
    while (!this.isStopped && this.failure === undefined) {
      const numbers = Array.from({ length: VALUES_A_REQUEST }, () => this.#next++ % KEYS);
      const stored = await client.ask(
        numbers.map((number) => `set k${number} 0 0 ${VALUE_BYTES}\r\n${textOf(number)}\r\n`).join(''),
      );
      if (stored !== 'STORED\r\n'.repeat(numbers.length)) this.failure = stored.slice(0, 200);
      const number = numbers[0];
      const read = await client.ask(`get k${number}\r\n`);
      const expected = `VALUE k${number} 0 ${VALUE_BYTES}\r\n${textOf(number)}\r\nEND\r\n`;
      if (read !== expected && read !== 'END\r\n') this.failure = read.slice(0, 200);
    }
  }
}

function textOf(number: number): string {
  return String.fromCharCode(97 + (number % 26)).repeat(VALUE_BYTES);
}

async function statOf(client: LineClient, topic: string, name: string): Promise<string | undefined> {
  return new RegExp(`STAT ${name} (\\S+)`).exec(await client.ask(`stats${topic}\r\n`))?.[1];
}

async function until(isTrue: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const endMs = performance.now() + timeoutMs;
  while (performance.now() < endMs) {
    if (await isTrue()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

test('a limit is raised and lowered again under load, and resident memory follows', { timeout: 40_000 }, async () => {
  await using server = await startOnAllProcessors(['-m', '64', '--no-objects']);
  using client = await LineClient.connect(server.port);
  using first = await LineClient.connect(server.port);
  using second = await LineClient.connect(server.port);
  const load = new Load();
  const loads = [load.run(first), load.run(second)];
  expect(await client.ask('cache_memlimit 200\r\n')).toBe('OK\r\n');
  expect(await statOf(client, '', 'limit_maxbytes')).toBe(String(200 * MEBIBYTE));
  expect(await statOf(client, ' settings', 'maxbytes')).toBe(String(200 * MEBIBYTE));
  expect(await until(async () => Number(await statOf(client, '', 'bytes')) > 190 * MEBIBYTE, 20_000)).toBe(true);
  const pid = server.child.pid as number;
  const resident = HAS_FIGURES ? residentBytes(pid) : 0;
  expect(await client.ask('cache_memlimit 64\r\n')).toBe('OK\r\n');
  expect(await statOf(client, '', 'limit_maxbytes')).toBe(String(64 * MEBIBYTE));
  const isReturned = () => !HAS_FIGURES || residentBytes(pid) < resident - RETURNED_BYTES;
  expect(await until(isReturned, UNTIL_RETURNED_MS)).toBe(true);
  expect(
    await until(async () => (await statOf(client, ' arena', 'limit_excess_bytes')) === '0', UNTIL_RETURNED_MS),
  ).toBe(true);
  load.isStopped = true;
  await Promise.all(loads);
  expect(load.failure).toBeUndefined();
  expect(Number(await statOf(client, ' arena', 'used_bytes'))).toBeLessThanOrEqual(64 * MEBIBYTE);
  await server.logged(/^cache_memlimit: the memory limit is 64 MiB now; it was 200 MiB$/);
  await server.logged(/^cache_memlimit: 1\d\d MiB were given back in [\d.]+ s; \d+ items were evicted meanwhile$/);
});

test('with the transport net a lower limit is reached as well', async () => {
  await using server = await startOnAllProcessors(['-m', '64', '--transport', 'net', '--no-objects']);
  using client = await LineClient.connect(server.port);
  for (let number = 0; number < 6000; number++) await client.set(`k${number}`, textOf(number));
  expect(await client.ask('cache_memlimit 16\r\n')).toBe('OK\r\n');
  await server.logged(/^cache_memlimit: 3\d MiB were given back in/);
  expect(Number(await statOf(client, ' arena', 'used_bytes'))).toBeLessThanOrEqual(16 * MEBIBYTE);
});

test('a limit that cannot be set is answered in the words of memcached, and the log says what can be', async () => {
  await using server = await startOnAllProcessors(['-m', '64', '-I', '8m', '--memory-reserve', '100']);
  using client = await LineClient.connect(server.port);
  const refused = 'MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust\r\n';
  expect(await client.ask('cache_memlimit 101\r\n')).toBe(refused);
  await server.logged(/^cache_memlimit 101: must be at most 100, reserved at the start, see --memory-reserve$/);
  expect(await client.ask('cache_memlimit 15\r\n')).toBe(refused);
  await server.logged(/^cache_memlimit 15: must be at least 16, twice the largest item, see -I$/);
  expect(await client.ask('cache_memlimit 7\r\n')).toBe('MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m\r\n');
  expect(await client.ask('cache_memlimit 100 noreply\r\ncache_memlimit x\r\n')).toBe('ERROR\r\n');
  expect(await statOf(client, '', 'limit_maxbytes')).toBe(String(100 * MEBIBYTE));
});

describe('address space is not reserved where', () => {
  const limits = (limit: string) =>
    `Limit   Soft Limit   Hard Limit\nMax address space         ${limit}            unlimited   bytes\n`;
  const reading = (files: Readonly<Record<string, string>>) => (path: string) => files[path];

  test('the process may use little of it', () => {
    expect(isAddressSpaceLimited(reading({ '/proc/self/limits': limits('4194304000') }))).toBe(true);
    expect(isAddressSpaceLimited(reading({ '/proc/self/limits': limits('unlimited') }))).toBe(false);
  });

  test('the kernel counts what is reserved as used', () => {
    const path = '/proc/sys/vm/overcommit_memory';
    expect([0, 1, 2].map((mode) => isAddressSpaceLimited(reading({ [path]: `${mode}\n` })))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('and is where the kernel says nothing', () => {
    expect(isAddressSpaceLimited(reading({}))).toBe(false);
  });
});
