// A client that requests a dump of all keys and never reads it must not affect other clients. With both transports.

import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { ask } from '../../conformance/memcached.js';
import { residentBytes } from '../process-figures.js';
import { startPlain } from '../server-process.js';

const ITEMS = 100_000;
const GROWTH_BYTES = 16 * 1024 * 1024;

test.each(['epoll', 'net'])('a client that never reads its dump does not delay others (%s)', async (transport) => {
  await using server = await startPlain('--transport', transport);
  const sets = Array.from({ length: ITEMS }, (_, index) => `set key${index} 0 0 1 noreply\r\nx\r\n`);
  expect(await ask(server.port, `${sets.join('')}get key0\r\n`)).toBe('VALUE key0 0 1\r\nx\r\nEND\r\n');
  const before = residentBytes(server.child.pid as number);
  const unread = connect(server.port, '127.0.0.1');
  unread.pause();
  unread.write('lru_crawler metadump all\r\n'.repeat(20));
  for (let round = 0; round < 20; round++) {
    expect(await ask(server.port, `get key${round}\r\n`)).toBe(`VALUE key${round} 0 1\r\nx\r\nEND\r\n`);
  }
  expect(residentBytes(server.child.pid as number) - before).toBeLessThan(GROWTH_BYTES);
  unread.destroy();
});
