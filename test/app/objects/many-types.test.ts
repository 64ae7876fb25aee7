// Thousands of scripts: the time until they serve, their memory, and a stop during loading. Files that loop do not block the others.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AskingClient } from '../asking-client.js';
import { spawnServer, startProcess } from '../server-process.js';
import { scriptOf, TypeFolders } from '../type-folders.js';

const IS_LONG = process.env.LONG_TESTS !== undefined;
const SCRIPTS = IS_LONG ? 10_000 : 2_000;

function folderOf(count: number): TypeFolders {
  const folders = new TypeFolders();
  for (let number = 0; number < count; number++) {
    folders.script(`t${number}.lua`, scriptOf(`t${number}`, { add: 'self.n = (self.n or 0) + 1\nreturn self.n' }));
  }
  return folders;
}

test(`${SCRIPTS} scripts serve soon, in little memory, and a saved one is live soon`, {
  timeout: 120_000,
}, async () => {
  using folders = folderOf(SCRIPTS);
  const startedMs = performance.now();
  await using server = await startProcess(['-t', '2', ...folders.flags]);
  const seconds = (performance.now() - startedMs) / 1000;
  const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]) / 1024;
  // On two idle processors 10,000 take 4 s. The short tests share the processors with others.
  expect(seconds).toBeLessThan(IS_LONG ? 10 : 30);
  expect(resident).toBeLessThan(400);
  const client = await AskingClient.connect(server.port);
  expect(await client.get(`t${SCRIPTS - 1}:new:k`)).toBe('CREATED');
  expect(await client.get(`t${SCRIPTS - 1}:add:k`)).toBe('1');
  const live = server.logged(/t7\.lua: version 2 of t7 is live/);
  folders.script('t7.lua', scriptOf('t7', { add: 'return "changed"' }));
  await live;
  client.close();
});

test('a signal during the loading of types stops the server before it opens a port', { timeout: 60_000 }, async () => {
  using folders = folderOf(2_000);
  const { child, ended, lines } = spawnServer(['-p', '0', '-t', '2', ...folders.flags]);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const sentMs = performance.now();
  child.kill('SIGTERM');
  await ended;
  expect(performance.now() - sentMs).toBeLessThan(5000);
  expect(lines().filter((line) => line.includes('listening on'))).toEqual([]);
});
