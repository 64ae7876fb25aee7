// -e: a server that is stopped and started again has everything, whatever stopped it; a file that does not fit, or whose time is over, is not
// used. The file itself: test/memory-file.

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/app/config/config.js';
import { makeServerArena } from '../../src/app/server-arena.js';
import { readMemoryFile } from '../../src/memory-file/file-reader.js';
import { machineTime } from '../../src/memory-file/passed-time.js';
import { checkStore } from '../store/checker.js';
import { TableHarness } from '../tables/harness.js';
import { LineClient } from './line-client.js';
import { runCommand, type ServerProcess, startProcess } from './server-process.js';

const IS_LONG = process.env.LONG_TESTS !== undefined;
const IS_LINUX = process.platform === 'linux';
const TRANSPORTS = IS_LINUX ? ['epoll', 'net'] : ['net'];
const IO_ERROR = 74;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cacheismo-restart-'));
  path = join(folder, 'cache.mem');
});

afterEach(() => rmSync(folder, { recursive: true }));

function start(...flags: string[]): Promise<ServerProcess> {
  return startProcess(['-e', path, ...flags]);
}

/** Without object types a start takes less time. */
function startPlain(...flags: string[]): Promise<ServerProcess> {
  return start('--no-objects', ...flags);
}

/** Leaves a file with one item. */
async function leaveFile(): Promise<void> {
  await using server = await startPlain();
  using client = await LineClient.connect(server.port);
  await client.set('key', 'old');
  await stop(server);
}

async function stop(server: ServerProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  server.child.kill(signal);
  expect(await server.ended).toBe(0);
}

/** The rows of `stats transport` about the memory file. */
async function restoreRows(client: LineClient): Promise<Record<string, string>> {
  const rows = await client.ask('stats transport\r\n');
  return Object.fromEntries([...rows.matchAll(/^STAT (restore\w+) (.*)\r$/gm)].map(([, name, value]) => [name, value]));
}

const CALLS =
  'get set:new:s set:put:s:red set:put:s:blue\r\nget board:put:chess:ann:1500 board:put:chess:bob:1400\r\n' +
  'get lease:acquire:report:worker:60000000\r\nget bloom:add:mails:welcome\r\n';
const OBJECTS = ['set$s', 'board$chess', 'lease$report'];

async function fill(client: LineClient): Promise<void> {
  for (let number = 0; number < 300; number++) await client.set(`key${number}`, `${number}-`.repeat(number));
  expect(await client.ask('set flags 4294967295 1000 5\r\nhello\r\n')).toBe('STORED\r\n');
  expect(await client.ask('set short 0 1 5\r\nhello\r\n')).toBe('STORED\r\n');
  await client.ask(`set large 0 0 500000\r\n${'x'.repeat(500_000)}\r\n`);
  await client.ask(CALLS);
}

/** Everything that a client can see. The hits of looking keep the order of use the same. */
async function picture(client: LineClient): Promise<string[]> {
  const keys = Array.from({ length: 300 }, (_, number) => `key${number}`);
  const gets = [...keys, 'large', ...OBJECTS].map((key) => `get ${key}\r\n`).join('');
  const calls = 'get set:getall:s bloom:has:mails:welcome bloom:has:mails:other board:rank:chess:bob\r\n';
  return [await client.ask(gets), await client.ask('gets flags\r\n'), await client.ask(calls)];
}

const WAYS = ['SIGTERM', 'SIGINT', 'SIGUSR1', 'shutdown graceful'];
/** By default each way once, with the transports in turn. */
const RESTARTS = TRANSPORTS.flatMap((transport, index) =>
  WAYS.filter((_, way) => IS_LONG || way % TRANSPORTS.length === index).map((how) => ({ transport, how })),
);

describe('everything survives', () => {
  test.each(RESTARTS)('a restart by $how with the transport $transport', async ({ transport, how }) => {
    const flags = ['--transport', transport, '-A', '--debug-check', '1'];
    let before: string[];
    {
      await using server = await start(...flags);
      await server.logged(/there is no such file, so the cache is empty$/);
      using client = await LineClient.connect(server.port);
      await fill(client);
      before = await picture(client);
      if (how === 'shutdown graceful') {
        const socket = createConnection(server.port, '127.0.0.1');
        socket.write('shutdown graceful\r\n');
        expect(await server.ended).toBe(0);
        socket.destroy();
      } else await stop(server, how as NodeJS.Signals);
      await server.logged(/items saved, \d+\.\d MiB in \d+\.\d\d s$/);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await using server = await start(...flags);
    await server.logged(/: 30\d items restored, \d+\.\d MiB in \d+\.\d\d s; the server was away for \d+ s$/);
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.used`)).toBe(false);
    using client = await LineClient.connect(server.port);
    expect(await picture(client)).toEqual(before);
    expect(await restoreRows(client)).toMatchObject({ restore_state: 'restored' });
    expect(await client.ask('stats settings\r\n')).toContain(`STAT memory_file ${path}\r\n`);
    expect(await client.set('key1', 'new')).toBe('STORED');
    await stop(server);
  });
});

test('a server that is killed leaves no file, and the next start does not take an older one', async () => {
  await leaveFile();
  {
    await using server = await startPlain();
    using client = await LineClient.connect(server.port);
    expect(await client.get('key')).toBe('old');
    await client.set('key', 'new');
    server.child.kill('SIGKILL');
    await server.ended;
  }
  await using server = await startPlain();
  using client = await LineClient.connect(server.port);
  expect(await client.get('key')).toBe('END');
  expect(await restoreRows(client)).toMatchObject({ restore_state: 'none', restored_items: '0' });
});

test('a plain shutdown command saves nothing', async () => {
  await using server = await startPlain('-A');
  const socket = createConnection(server.port, '127.0.0.1');
  socket.write('shutdown\r\n');
  expect(await server.ended).toBe(0);
  socket.destroy();
  expect(existsSync(path)).toBe(false);
});

test.each([
  { name: 'with another -m', flags: ['-m', '32'], reason: /it was written with -m 64 MiB, and now it is 32 MiB/ },
  {
    name: 'with another -I',
    flags: ['-I', '2m'],
    reason: /it was written with -I 1048576 bytes, and now it is 2097152/,
  },
  { name: 'with a flipped bit', flags: [], reason: /it is damaged: block \d+ of \d+ has a wrong checksum/ },
])('a file $name is refused in one line and kept, and the start is empty', async ({ flags, reason }) => {
  await leaveFile();
  const bytes = readFileSync(path);
  if (flags.length === 0) bytes[bytes.length - 500_000] ^= 4;
  writeFileSync(path, bytes);
  await using server = await startPlain(...flags);
  const { msg } = await server.logged(reason);
  expect(msg).toContain('the cache is empty, and the file is kept as');
  expect(server.log.filter(({ level }) => level === 'warn').length).toBe(1);
  using client = await LineClient.connect(server.port);
  expect(await client.get('key')).toBe('END');
  expect(await restoreRows(client)).toMatchObject({ restore_state: 'refused' });
  expect(readFileSync(`${path}.refused`).equals(bytes)).toBe(true);
  expect(existsSync(path)).toBe(false);
  await stop(server);
  expect(existsSync(path)).toBe(true);
});

async function refusalWith(memoryLimit: string): Promise<string> {
  await using server = await startPlain('-m', memoryLimit);
  const { msg } = await server.logged(/: not restored, /);
  await stop(server);
  return msg;
}

test('a wrong -m and its correction replace no refused file, and the data is served again as the line says', async () => {
  await leaveFile();
  const bytes = readFileSync(path);
  expect(await refusalWith('32')).toContain(
    `the file is kept as ${path}.refused; to use it, stop this server, move the file back to ${path} and start with the old -m, ` +
      `or write its items to a stream by cacheismo dump --from ${path}.refused`,
  );
  expect(await refusalWith('64')).toContain(`the file is kept as ${path}.refused.2; to use it, `);
  expect(readFileSync(`${path}.refused`).equals(bytes)).toBe(true);
  const dump = await runCommand(['dump', '--from', `${path}.refused`]);
  expect(dump).toMatchObject({ code: 0, output: expect.stringContaining('old') });
  renameSync(`${path}.refused`, path);
  await using server = await startPlain();
  using client = await LineClient.connect(server.port);
  expect(await client.get('key')).toBe('old');
});

test('a start that would have to replace a refused file is stopped with one line, and the file stays', async () => {
  writeFileSync(path, 'other');
  for (let number = 1; number <= 9; number++)
    writeFileSync(`${path}.refused${number === 1 ? '' : `.${number}`}`, 'kept');
  const { code, errors } = await runCommand(['-e', path, '--no-objects', '-p', '0']);
  expect(code).toBe(73);
  expect(errors).toContain(
    `9 refused files are kept already, ${path}.refused to ${path}.refused.9: remove those that you do not need\n`,
  );
  expect(readFileSync(path, 'latin1')).toBe('other');
  rmSync(`${path}.refused.4`);
  await using server = await startPlain();
  await server.logged(/the file is kept as \S+\.refused\.4$/);
});

test('a start that fails leaves the file to the next one', async () => {
  await leaveFile();
  await using other = await startProcess(['--no-objects']);
  for (const transport of TRANSPORTS) {
    const { code } = await runCommand(['-e', path, '--no-objects', '--transport', transport, '-p', String(other.port)]);
    expect(code).toBe(71);
    expect(existsSync(path)).toBe(true);
  }
  await using server = await startPlain();
  using client = await LineClient.connect(server.port);
  expect(await client.get('key')).toBe('old');
});

test.runIf(IS_LINUX)(
  'a server that starts while another one still has its file is refused, and takes nothing from it',
  async () => {
    const server = await startPlain();
    using client = await LineClient.connect(server.port);
    await client.set('key', 'value');
    for (const transport of TRANSPORTS) {
      expect(await runCommand(['-e', path, '--no-objects', '--transport', transport, '-p', '0'])).toEqual({
        code: 71,
        output: '',
        errors: expect.stringMatching(
          /^cacheismo: -e \S+: another server uses this file, or is still writing it: .*\n$/,
        ),
      });
    }
    await stop(server);
    await using next = await startPlain();
    using other = await LineClient.connect(next.port);
    expect(await other.get('key')).toBe('value');
  },
);

test('the number of threads and the transport may change, and time that passes counts', async () => {
  const forms = IS_LINUX
    ? [
        ['-t', '1'],
        ['--transport', 'net'],
        ['-t', '2'],
      ]
    : [['--transport', 'net'], []];
  for (const [index, flags] of forms.entries()) {
    await using server = await startPlain(...flags);
    using client = await LineClient.connect(server.port);
    expect(await client.get('key')).toBe(index === 0 ? 'END' : 'value');
    expect(await client.get('short')).toBe('END');
    await client.set('key', 'value');
    await client.ask('set short 0 1 5\r\nvalue\r\n');
    await stop(server);
    await new Promise((resolve) => setTimeout(resolve, 1100));
  }
});

test('a server without objects refuses to start with a file that has some, and leaves it to the next start', async () => {
  const first = await start();
  using client = await LineClient.connect(first.port);
  await client.ask('get set:new:s\r\nget set:put:s:red\r\n');
  await client.set('plain', 'value');
  await stop(first);
  expect(await runCommand(['-e', path, '--no-objects', '-p', '0'])).toEqual({
    code: 64,
    output: '',
    errors: expect.stringContaining(
      `cacheismo: -e ${path}: the file has objects: start without --no-objects, or with another file\n`,
    ),
  });
  const second = await start();
  using other = await LineClient.connect(second.port);
  expect(await other.get('set$s')).toBe('{"red":true}');
  await other.ask('delete set$s\r\n');
  await stop(second);
  await using third = await startPlain();
  using last = await LineClient.connect(third.port);
  expect(await last.get('plain')).toBe('value');
});

test('objects of a type that is not loaded stay', async () => {
  for (const [index, types] of ['set,board', 'set', 'set,board'].entries()) {
    await using server = await start('--types', types);
    using client = await LineClient.connect(server.port);
    if (index === 0) await client.ask(CALLS);
    expect(await client.get('set:count:s')).toBe('2');
    if (types !== 'set') expect(await client.get('board:rank:chess:bob')).toBe('2 2 1400');
    await stop(server);
  }
});

test('objects of an older version of their type are migrated by their first call', async () => {
  const scripts = join(folder, 'scripts');
  mkdirSync(scripts);
  const write = (version: string, body: string) =>
    writeFileSync(
      join(scripts, 'visits.lua'),
      `return { name = "visits", ${version} methods = { add = { access = "upsert", run = function(self) ${body} end } } }`,
    );
  write('', 'self.n = (self.n or 0) + 1 return self.n');
  {
    await using server = await start('--scripts', scripts);
    using client = await LineClient.connect(server.port);
    expect(await client.get('visits:add:k')).toBe('1');
    await stop(server);
  }
  write(
    'version = 2, migrate = function(self, from) self.count = self.n * 100 self.n = nil end,',
    'self.count = (self.count or 0) + 1 return self.count',
  );
  await using server = await start('--scripts', scripts);
  using client = await LineClient.connect(server.port);
  expect(await client.get('visits:add:k')).toBe('101');
});

test('what clients were sending and reading leaves nothing in the file', { timeout: 30_000 }, async () => {
  const flags = ['-m', '16', '--no-objects'];
  {
    await using server = await start(...flags);
    using client = await LineClient.connect(server.port);
    await client.ask(`set large 0 0 1000000\r\n${'x'.repeat(1_000_000)}\r\n`);
    const sending = createConnection(server.port, '127.0.0.1');
    sending.on('error', () => {});
    sending.write(`set half 0 0 500000\r\n${'y'.repeat(200_000)}`);
    const reading = createConnection(server.port, '127.0.0.1');
    reading.on('error', () => {});
    reading.pause();
    reading.write('get large\r\n'.repeat(30));
    await client.ask('delete large\r\n');
    await stop(server);
    sending.destroy();
    reading.destroy();
  }
  const config = await loadConfig({ args: ['-e', path, ...flags], environment: {}, directory: folder });
  if ('print' in config) throw new Error('printed instead');
  const arena = makeServerArena(config, { config, transport: 'net', dataThreads: 1, libc: undefined, notices: [] });
  expect(readMemoryFile(path, arena, config, machineTime())).toBeDefined();
  const harness = new TableHarness(config.memoryLimitBytes, undefined, undefined, undefined, { arena });
  expect(harness.keys()).toEqual([]);
  checkStore(harness.store);
});

test('a file that cannot be written is one line, and the exit code says so', async () => {
  await using server = await startPlain();
  mkdirSync(join(`${path}.partial`, 'not empty'), { recursive: true });
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(IO_ERROR);
  expect(server.log.filter(({ level }) => level === 'error').map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/^-e .*: the cache is not saved: /),
  ]);
});

function mountSmall(place: string): boolean {
  mkdirSync(place);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]).status === 0;
}

test.runIf(IS_LINUX && process.getuid?.() === 0)(
  'a full disk is one line, and leaves nothing behind',
  async (context) => {
    const disk = join(folder, 'disk');
    if (!mountSmall(disk)) context.skip('the system lets no file system be mounted');
    try {
      path = join(disk, 'cache.mem');
      await using server = await startPlain();
      server.child.kill('SIGTERM');
      expect(await server.ended).toBe(IO_ERROR);
      await server.logged(/the cache is not saved: no space left on device$/);
      expect(existsSync(path) || existsSync(`${path}.partial`)).toBe(false);
    } finally {
      spawnSync('umount', [disk]);
    }
  },
);

function linkToNothing(): string {
  symlinkSync(join(folder, 'elsewhere'), path);
  return path;
}

test.each([
  ['in a folder that is missing', () => join(folder, 'missing', 'cache.mem'), 73, /the folder must let files be made/],
  ['where nobody can make a file', () => '/proc/cache.mem', 73, /the folder must let files be made/],
  ['that is a folder', () => folder, 64, /must be a regular file/],
  ['that is a link', linkToNothing, 64, /must be a regular file/],
])('a memory file %s stops the start with one line', async (_name, place, exitCode, line) => {
  const { code, errors } = await runCommand(['-e', place(), '-p', '0', '--log-format', 'json']);
  expect(code).toBe(exitCode);
  expect(errors.split('\n').filter((text) => text.startsWith('cacheismo: '))).toEqual([expect.stringMatching(line)]);
});

/** Waits until there is a file of the name in the folder. */
function appears(name: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_event, found) => {
      if (found !== name) return;
      watcher.close();
      resolve();
    });
  });
}

/** Writing takes longer than with less, so that some kills hit it. */
const KILL_FLAGS = ['-m', '128'];
const VALUES = 100;

test(`a server that is killed while it saves starts empty or with everything`, { timeout: 600_000 }, async () => {
  const outcomes = new Set<string>();
  for (let kill = 0; kill < (IS_LONG ? 50 : 3); kill++) {
    await using server = await startPlain(...KILL_FLAGS);
    using client = await LineClient.connect(server.port);
    const rows = await restoreRows(client);
    outcomes.add(rows.restore_state);
    for (let number = 0; number < VALUES; number++) {
      const value = await client.get(`key${number}`);
      expect(value).toBe(rows.restore_state === 'restored' ? 'v'.repeat(900_000) : 'END');
    }
    const sets = Array.from(
      { length: VALUES },
      (_, number) => `set key${number} 0 0 900000\r\n${'v'.repeat(900_000)}\r\n`,
    );
    for (const set of sets) expect(await client.ask(set)).toBe('STORED\r\n');
    const writing = appears('cache.mem.partial');
    server.child.kill('SIGTERM');
    await writing;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
    server.child.kill('SIGKILL');
    await server.ended;
  }
  expect([...outcomes].filter((state) => state === 'refused')).toEqual([]);
});
