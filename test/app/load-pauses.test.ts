// A restore of a large object, on a running server: other clients are served meanwhile, and a stop waits for it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { restoreRequest } from '../operations/portable-harness.js';
import { largeRecord } from '../operations/portable-pieces.js';
import { LineClient } from './line-client.js';
import { startProcess } from './server-process.js';

/** Of fields, members of an ordered index and elements of a list: 200,000 in all. */
const OF_EACH = 66_666;
/** On a busy machine the server itself may have to wait. */
const ATTEMPTS = 4;

test.each([
  ['two data threads', ['-t', '2']],
  ['the transport net', ['--transport', 'net']],
])('another client waits for a small part of the time at most, with %s', { timeout: 240_000 }, async (_name, flags) => {
  await using server = await startProcess(['-m', '256', ...flags]);
  using loader = await LineClient.connect(server.port);
  using other = await LineClient.connect(server.port);
  const parts: number[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS && !(Math.min(...parts) < 1 / 3); attempt++) {
    const request = restoreRequest(largeRecord(`all$${attempt}`, OF_EACH));
    const startedMs = performance.now();
    let tookMs = 0;
    const loaded = loader.ask(request).then((reply) => {
      tookMs = performance.now() - startedMs;
      return reply;
    });
    let longestMs = 0;
    while (tookMs === 0) {
      const askedMs = performance.now();
      const reply = await other.ask(`get all$${attempt}\r\n`);
      longestMs = Math.max(longestMs, performance.now() - askedMs);
      // The reply to the restore may be on its way.
      if (reply !== 'END\r\n') break;
    }
    expect(await loaded).toBe('RESTORED\r\n');
    parts.push(longestMs / tookMs);
  }
  expect(Math.min(...parts)).toBeLessThan(1 / 3);
});

test('a server that is stopped in the middle of it completes it, and has the object after a restart', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cacheismo-load-'));
  try {
    const flags = ['-m', '256', '-t', '2', '-e', join(folder, 'cache.mem')];
    const request = restoreRequest(largeRecord('all$a', OF_EACH / 2));
    {
      await using server = await startProcess(flags);
      using loader = await LineClient.connect(server.port);
      using other = await LineClient.connect(server.port);
      await other.ask('set kept 0 0 1\r\nx\r\n');
      const loaded = loader.ask(request);
      const usedBytes = async () => Number(/STAT bytes (\d+)/.exec(await other.ask('stats\r\n'))?.[1]);
      const before = await usedBytes();
      while ((await usedBytes()) < before + 1_000_000) {}
      server.child.kill('SIGTERM');
      expect(await server.ended).toBe(0);
      expect(await loaded).toBe('RESTORED\r\n');
    }
    await using server = await startProcess(flags);
    using client = await LineClient.connect(server.port);
    expect(await client.get('kept')).toBe('x');
    expect(await client.ask(request.replace('\r\n', ' keep\r\n'))).toBe('KEPT\r\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
