// The log of a server whose standard error accepts nothing: the server still serves, reloads and stops, and counts the lines that it could
// not write.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { oneShownLine } from '../../src/app/log.js';
import { LogWriter } from '../../src/app/log-writer.js';
import { LineClient } from './line-client.js';
import { residentBytes } from './process-figures.js';
import { scriptOf, TypeFolders } from './type-folders.js';

const COMMAND = fileURLToPath(new URL('../../dist/bundle/cli.js', import.meta.url));

/** Rounds of 500 calls. */
const FAILING_ROUNDS = process.env.LONG_TESTS === undefined ? 60 : 400;

/** A server whose log cannot be read for its port, so it listens on a socket file. */
async function startUnheard(folders: TypeFolders, errors: number | 'pipe', transport: string) {
  folders.script('noisy.lua', scriptOf('noisy', { fail: 'error("no " .. args.text)' }));
  const path = join(mkdtempSync(join(tmpdir(), 'cacheismo-log-')), 'socket');
  const child = spawn(
    process.execPath,
    [COMMAND, '-s', path, '-m', '16', '--transport', transport, '-vv', ...folders.flags],
    {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'ignore', errors],
    },
  );
  const client = await connectWhenUp(path);
  return { child, client, path };
}

async function connectWhenUp(path: string): Promise<LineClient> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await LineClient.connect(path);
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function until(check: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the condition did not become true');
}

describe.each(['epoll', 'net'])('with the transport %s', (transport) => {
  test.each(['a full disk', 'a closed pipe', 'a pipe without a reader'])(
    'a server serves, reloads and stops while its log goes to %s',
    async (place) => {
      using folders = new TypeFolders();
      const full = place === 'a full disk' ? openSync('/dev/full', 'w') : undefined;
      const { child, client, path } = await startUnheard(folders, full ?? 'pipe', transport);
      if (place === 'a closed pipe') child.stderr?.destroy();
      if (full !== undefined) closeSync(full);
      try {
        await client.get('noisy:new:k');
        // Paced, since the lines of a type are limited per second.
        for (let call = 0; call < 30; call++) await client.get(`noisy:fail:k:${call}${'x'.repeat(200)}`);
        folders.script('noisy.lua', scriptOf('noisy', { fail: 'return "mended"' }));
        await until(async () => (await client.get('noisy:fail:k')) === 'mended');
        expect(await client.ask('stats transport\r\n')).toMatch(/STAT log_lines_dropped \d+\r\n/);
        if (place !== 'a pipe without a reader') {
          expect(await client.ask('stats transport\r\n')).toMatch(/STAT log_lines_dropped [1-9]/);
        }
        expect(await exitOf(child)).toBe(0);
      } finally {
        client[Symbol.dispose]();
        child.kill('SIGKILL');
        rmSync(path, { force: true });
      }
    },
  );
});

test('endless failing calls neither grow the memory nor flood the log', async () => {
  using folders = new TypeFolders();
  const { child, client } = await startUnheard(folders, 'pipe', 'auto');
  try {
    await client.get('noisy:new:k');
    const failing = Array.from({ length: 500 }, (_, call) => `get noisy:fail:k:${call}\r\n`).join('');
    for (let round = 0; round < 40; round++) await client.ask(failing);
    const before = residentBytes(child.pid as number);
    for (let round = 0; round < FAILING_ROUNDS; round++) await client.ask(failing);
    expect(residentBytes(child.pid as number) - before).toBeLessThan(16 * 1024 * 1024);
    expect(await client.ask('stats objects\r\n')).toMatch(/STAT object_log_lines_left_out [1-9]/);
    expect(await exitOf(child)).toBe(0);
  } finally {
    client[Symbol.dispose]();
    child.kill('SIGKILL');
  }
});

type Done = (error: Error | null, written: number) => void;

function makeWriter() {
  const writes: { text: string; done: Done }[] = [];
  const events: string[] = [];
  const writer = new LogWriter(
    {
      descriptor: 2,
      onDropped: (lines) => events.push(`dropped ${lines}`),
      onRecovered: (lines, reason) => events.push(`recovered ${lines}: ${reason}`),
    },
    (_descriptor, bytes, offset, done) => writes.push({ text: bytes.toString('utf8', offset), done }),
  );
  return { writer, writes, events };
}

test('lines logged during a write are written after it, in order', () => {
  const { writer, writes } = makeWriter();
  for (const line of ['one\n', 'two\n', 'three\n']) writer.write(line);
  expect(writes.map(({ text }) => text)).toEqual(['one\n']);
  writes[0]?.done(null, 4);
  expect(writes[1]?.text).toBe('two\nthree\n');
  writes[1]?.done(null, 2);
  expect(writes[2]?.text).toBe('o\nthree\n');
});

test('lines beyond the limit of the queue are dropped and counted, and the count is logged when there is room again', () => {
  const { writer, writes, events } = makeWriter();
  const line = `${'x'.repeat(1023)}\n`;
  for (let count = 0; count < 300; count++) writer.write(line);
  expect(events).toHaveLength(43);
  writes[0]?.done(null, 1024);
  expect(events.at(-1)).toBe('recovered 43: they were not read in time');
});

test('lines that the kernel refuses are dropped and counted, and later lines are tried', () => {
  const { writer, writes, events } = makeWriter();
  writer.write('one\n');
  writes[0]?.done(new Error('ENOSPC: no space left'), 0);
  expect(events).toEqual(['dropped 1']);
  writer.write('two\n');
  writes[1]?.done(null, 4);
  expect(events[1]).toBe('recovered 1: ENOSPC: no space left');
});

test('a flush ends when all lines are written, or after its timeout', async () => {
  const { writer, writes } = makeWriter();
  await writer.flush(1000);
  writer.write('one\n');
  await writer.flush(5);
  const flushed = writer.flush(10_000);
  writes[0]?.done(null, 4);
  await flushed;
});

test('a name in a pretty line cannot forge another line', () => {
  expect(oneShownLine('x\n[23:59:59.000] ERROR: forged\u001b[2J\u2028é.lua')).toBe(
    'x\\x0a[23:59:59.000] ERROR: forged\\x1b[2J\\u2028é.lua',
  );
});
