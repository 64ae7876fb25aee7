// The log of a server whose standard error accepts nothing: the server still serves, reloads and stops, and counts the lines that it could
// not write.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { oneShownLine } from '../../src/app/log.js';
import { LogWriter } from '../../src/app/log-writer.js';
import { LineClient } from './line-client.js';
import { residentBytes } from './process-figures.js';
import { scriptOf, TypeFolders } from './type-folders.js';

const COMMAND = fileURLToPath(new URL('../../dist/bundle/cli.js', import.meta.url));

const IS_LONG = process.env.LONG_TESTS !== undefined;

/** Failing calls in one pipeline; all bytes of their replies are read before the next. */
const CALLS_AT_ONCE = 500;
const FAILING_CALLS = IS_LONG ? 200_000 : 20_000;
/** Where lines are lost at once, or not at all. */
const FEWER_CALLS = IS_LONG ? 200_000 : 5000;
/** Calls before the memory is read for the first time, so that code is compiled and V8's heaps have their size. */
const FIRST_CALLS = 5000;
const MOST_GROWTH_BYTES = 16 * 1024 * 1024;
const LOUD_TYPES = Array.from({ length: 50 }, (_, number) => `loud${number}`);
/** Of the process and its threads: ended in less than 5 s, with less work than this. The machine may be busy with other tests. */
const MOST_DRAIN_MS = 5000;

/** What standard error is: the descriptor for the process, and whether lines must get lost there. */
interface Place {
  readonly name: string;
  readonly losesLines: boolean;
  open(folder: string): number | 'pipe';
  /** Right after the start. */
  afterwards?(child: ChildProcess): void;
  /** Runs the command of the server in a shell. */
  readonly shell?: string;
}

/** A descriptor that reads as well keeps a pipe open that nobody reads. */
function unreadPipe(folder: string, flags: number): number {
  const path = join(folder, 'unread');
  execFileSync('mkfifo', [path]);
  return openSync(path, constants.O_RDWR | flags);
}

const UNREAD: Place = {
  name: 'a pipe that nobody reads',
  losesLines: true,
  open: (folder) => unreadPipe(folder, 0),
};

const PLACES: readonly Place[] = [
  { name: 'a full disk', losesLines: true, open: () => openSync('/dev/full', 'w') },
  { name: 'a closed pipe', losesLines: true, open: () => 'pipe', afterwards: (child) => child.stderr?.destroy() },
  UNREAD,
  {
    name: 'a pipe that nobody reads and that does not block',
    losesLines: true,
    open: (folder) => unreadPipe(folder, constants.O_NONBLOCK),
  },
  // Node opens /dev/null in its place, or the first file that the server opens would get the lines.
  { name: 'a closed descriptor', losesLines: false, open: () => 'pipe', shell: 'exec "$0" "$@" 2>&-' },
];

/** A server whose log cannot be read for its port, so it listens on a socket file. */
async function startUnheard(folders: TypeFolders, place: Place, transport: string) {
  folders.script('noisy.lua', scriptOf('noisy', { fail: 'error("no " .. args.text)' }));
  for (const type of LOUD_TYPES) folders.script(`${type}.lua`, scriptOf(type, { fail: 'error("no " .. args.text)' }));
  const folder = mkdtempSync(join(tmpdir(), 'cacheismo-log-'));
  const path = join(folder, 'socket');
  const command = [
    process.execPath,
    COMMAND,
    '-s',
    path,
    '-m',
    '16',
    '--transport',
    transport,
    '-vv',
    ...folders.flags,
  ];
  const [program, ...args] = place.shell === undefined ? command : ['sh', '-c', place.shell, ...command];
  const errors = place.open(folder);
  const child = spawn(program, args, { env: { PATH: process.env.PATH }, stdio: ['ignore', 'ignore', errors] });
  place.afterwards?.(child);
  const client = await connectWhenUp(path);
  const end = () => {
    client[Symbol.dispose]();
    child.kill('SIGKILL');
    if (errors !== 'pipe') closeSync(errors);
    rmSync(folder, { recursive: true, force: true });
  };
  return { child, client, [Symbol.dispose]: end };
}

async function connectWhenUp(path: string): Promise<LineClient> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await LineClient.connect(path);
    } catch (error) {
      if (attempt === 600) throw error;
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
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the condition did not become true');
}

const PIPELINE = Array.from({ length: CALLS_AT_ONCE }, (_, call) => `get noisy:fail:k:${call}\r\n`).join('');
const REPLIES = Array.from(
  { length: CALLS_AT_ONCE },
  (_, call) => `CLIENT_ERROR noisy:fail: noisy.lua:6: no ${call}\r\n`,
).join('');

/** Each call gets its own error line. */
async function failCalls(client: LineClient, calls: number): Promise<void> {
  for (let done = 0; done < calls; done += CALLS_AT_ONCE) {
    expect(await client.ask(PIPELINE)).toBe(REPLIES);
  }
}

async function statistic(client: LineClient, name: string): Promise<number> {
  const rows = await client.ask('stats transport\r\nstats objects\r\n');
  return Number(new RegExp(`STAT ${name} (\\d+)\r\n`).exec(rows)?.[1]);
}

/** More lines than the queue has room for. The lines of one type are limited per second, so each call is of another type in turn. */
async function logMuch(client: LineClient): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const calls = LOUD_TYPES.map((type) => `get ${type}:fail:k:${round}${'x'.repeat(200)}\r\n`);
    const replies = await client.ask(calls.join(''));
    expect(replies.match(/CLIENT_ERROR/g)).toHaveLength(LOUD_TYPES.length);
  }
}

/** The transports differ in whether the thread that serves also writes the log. */
const SAMPLES = PLACES.flatMap((place) => [
  { place, transport: 'epoll' },
  ...(IS_LONG || place === UNREAD ? [{ place, transport: 'net' }] : []),
]);

test.each(SAMPLES)(
  'a server replies to failing calls, reloads and stops in time while its log goes to $place.name, by $transport',
  async ({ place, transport }) => {
    using folders = new TypeFolders();
    using server = await startUnheard(folders, place, transport);
    const { child, client } = server;
    for (const type of ['noisy', ...LOUD_TYPES]) await client.get(`${type}:new:k`);
    await failCalls(client, FIRST_CALLS);
    await logMuch(client);
    const before = residentBytes(child.pid as number);
    await failCalls(client, place === UNREAD ? FAILING_CALLS : FEWER_CALLS);
    expect(residentBytes(child.pid as number) - before).toBeLessThan(MOST_GROWTH_BYTES);
    expect(await statistic(client, 'object_log_lines_left_out')).toBeGreaterThan(0);
    const lost = await statistic(client, 'log_lines_dropped');
    expect(lost > 0).toBe(place.losesLines);
    folders.script('noisy.lua', scriptOf('noisy', { fail: 'return "mended"' }));
    await until(async () => (await client.get('noisy:fail:k')) === 'mended');
    const stopped = performance.now();
    expect(await exitOf(child)).toBe(0);
    expect(performance.now() - stopped).toBeLessThan(MOST_DRAIN_MS);
  },
);

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
