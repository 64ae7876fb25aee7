// What memcached's authors expect of connections: too many of them, idle ones, logins by the text protocol, and the ways to end a server.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from '../../app/line-client.js';
import { startProcess } from '../../app/server-process.js';
import { ask } from '../memcached.js';
import { converse, seconds, statsOf } from './talk.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connections-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('connections beyond -c are told so, closed and counted; the others are served', async () => {
  await using server = await startProcess(['-t', '1', '-c', '10']);
  const clients = await Promise.all(Array.from({ length: 10 }, () => LineClient.connect(server.port)));
  for (const client of clients) expect(await client.ask('mn\r\n')).toBe('MN\r\n');
  for (let more = 0; more < 5; more++) {
    expect(await ask(server.port, '')).toBe('ERROR Too many open connections\r\n');
  }
  const rows = await statsOf(clients[0]);
  expect(rows).toMatchObject({ rejected_connections: '5', curr_connections: '10', max_connections: '10' });
  for (const client of clients) client[Symbol.dispose]();
});

test('with no_maxconns_fast connections beyond -c wait until another one closes', async () => {
  await using server = await startProcess(['-t', '1', '-c', '3', '-o', 'no_maxconns_fast']);
  const clients = await Promise.all(Array.from({ length: 3 }, () => LineClient.connect(server.port)));
  const [first, ...others] = clients as [LineClient, ...LineClient[]];
  expect(await statsOf(first, 'settings')).toMatchObject({ maxconns: '3', maxconns_fast: 'no' });
  expect(await statsOf(first)).toMatchObject({ accepting_conns: '1', listen_disabled_num: '0' });
  using waiting = await LineClient.connect(server.port);
  const reply = waiting.ask('mn\r\n');
  const isPaused = async () => (await statsOf(first)).accepting_conns === '0';
  for (let tries = 0; tries < 50 && !(await isPaused()); tries++) await seconds(0.1);
  expect(await statsOf(first)).toMatchObject({
    ...{ accepting_conns: '0', listen_disabled_num: '1', rejected_connections: '0', curr_connections: '3' },
  });
  for (const client of others) client[Symbol.dispose]();
  expect(await reply).toBe('MN\r\n');
  const rows = await statsOf(first);
  expect(rows).toMatchObject({ accepting_conns: '1', listen_disabled_num: '1' });
  expect(Number(rows.time_in_listen_disabled_us)).toBeGreaterThan(0);
  first[Symbol.dispose]();
});

test('an idle connection is closed and counted, one that asks is not', async () => {
  await using server = await startProcess(['-t', '1', '-o', 'idle_timeout=2']);
  using idle = await LineClient.connect(server.port);
  using active = await LineClient.connect(server.port);
  expect(await statsOf(idle)).toMatchObject({ idle_kicks: '0' });
  for (let tries = 0; tries < 30 && (await statsOf(active)).idle_kicks === '0'; tries++) await seconds(0.3);
  expect(await statsOf(active)).toMatchObject({ idle_kicks: '1', curr_connections: '1' });
});

test.each([
  ['with a line end', 'foo:bar\nbaaaz:quux\n'],
  ['without one', 'foo:bar\nbaaaz:quux'],
])('a client logs in by a set, with a file of users %s', async (_name, users) => {
  const file = join(folder, 'users');
  writeFileSync(file, users);
  await using server = await startProcess(['-t', '1', '-Y', file, '-U', '0']);
  // `version` itself is refused before the login, so that whole conversations are sent.
  const none = 'CLIENT_ERROR unauthenticated\r\n';
  expect(await ask(server.port, 'get foo\r\n')).toBe(none);
  expect(await ask(server.port, 'set foo 0 0 2\r\nhi\r\n')).toBe('CLIENT_ERROR bad authentication token format\r\n');
  expect(await ask(server.port, 'set foo 0 0 7\r\nfoo bab\r\n')).toBe('CLIENT_ERROR authentication failure\r\n');
  expect(await ask(server.port, 'set foo 0 0 7\r\nfoo barxx')).toBe('CLIENT_ERROR bad command line termination\r\n');
  const toast = 'set toast 0 0 2\r\nhi\r\nget toast\r\n';
  const served = 'STORED\r\nSTORED\r\nVALUE toast 0 2\r\nhi\r\nEND\r\n';
  expect(await ask(server.port, `set foo 0 0 7\r\nfoo bar\r\n${toast}`)).toBe(served);
  expect(await ask(server.port, `set foo 0 0 10\r\nbaaaz quux\r\n${toast}`)).toBe(served);
  const rows = await ask(server.port, 'set foo 0 0 7\r\nfoo bar\r\nstats\r\n');
  expect(rows).toMatch(/STAT auth_cmds 4\r\nSTAT auth_errors 1\r\n/);
});

describe('the end', () => {
  test('by shutdown is refused without -A', async () => {
    await using server = await startProcess(['-t', '1']);
    await converse(server.port, [['shutdown$shutdown graceful$', 'SERVER_ERROR: shutdown not enabled$'.repeat(2)]]);
  });

  test.each(['shutdown', 'shutdown graceful'])('by %s closes connections and exits with 0', async (command) => {
    await using server = await startProcess(['-t', '1', '-A']);
    await converse(server.port, [['shutdown foo$', 'CLIENT_ERROR invalid shutdown mode$']]);
    expect(await ask(server.port, `${command}\r\nversion\r\n`)).toBe('');
    expect(await server.ended).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGUSR1'] as const)('by %s exits with 0 and removes the socket', async (signal) => {
    const path = join(folder, signal);
    await using server = await startProcess(['-t', '1', '-s', path, '-a', '0755']);
    expect((statSync(path).mode & 0o777).toString(8)).toBe('755');
    await converse(path, [['set foo 0 0 6$fooval$get foo$', 'STORED$VALUE foo 0 6$fooval$END$']]);
    server.child.kill('SIGHUP');
    await converse(path, [['get foo$', 'VALUE foo 0 6$fooval$END$']]);
    server.child.kill(signal);
    expect(await server.ended).toBe(0);
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });
});
