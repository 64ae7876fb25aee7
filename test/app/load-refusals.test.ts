// What cacheismo load and other subcommands say where a server requires a login, requires none, or is not there.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpTo, loadFrom } from './dump-and-load.js';
import { LineClient } from './line-client.js';
import { COMMAND, runCommand, startPlain, startProcess } from './server-process.js';

let folder: string;
let path: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cacheismo-refusals-'));
  path = join(folder, 'cache.dump');
  await using server = await startPlain();
  using client = await LineClient.connect(server.port);
  await client.ask('set a 0 0 1\r\nx\r\n');
  await dumpTo(path, '-p', String(server.port));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a load into a server that requires a login ends with one line, without and with a wrong password', async () => {
  const users = join(folder, 'users');
  writeFileSync(users, 'ann:secret\n');
  await using server = await startPlain('-Y', users);
  const place = ['-p', String(server.port)];
  const name = `127.0.0.1:${server.port}`;
  expect(await loadFrom(path, ...place)).toEqual({
    code: 1,
    lines: [`${name}: CLIENT_ERROR unauthenticated; log in by --user name:password`],
  });
  expect(await loadFrom(path, ...place, '--user', 'ann:wrong')).toEqual({
    code: 1,
    lines: [`${name}: the user ann is not accepted: CLIENT_ERROR authentication failure`],
  });
  expect(await loadFrom(path, ...place, '--user', 'ann:secret')).toMatchObject({ code: 0 });
});

test('a login at a server that requires none leaves the items of applications as they are', async () => {
  await using server = await startProcess();
  using client = await LineClient.connect(server.port);
  await client.ask('set login 0 0 4\r\nmine\r\n');
  const login = ['-p', String(server.port), '--user', 'ann:secret'];
  expect(await runCommand(['call', 'set:new:k', ...login])).toMatchObject({ code: 0 });
  expect(await loadFrom(path, ...login)).toMatchObject({ code: 0 });
  expect(await dumpTo(`${path}.2`, ...login)).toMatchObject({
    code: 0,
    lines: [expect.stringMatching(/^dumped 2 items and 1 object, /)],
  });
  expect(await client.get('login')).toBe('mine');
});

test('a load that is interrupted ends with the numbers of what it has loaded', async () => {
  await using server = await startPlain();
  const stream = readFileSync(path);
  const child = spawn(process.execPath, [COMMAND, 'load', '-p', String(server.port)], {
    env: {},
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdin.on('error', () => undefined).write(stream.subarray(0, stream.length - 1));
  using client = await LineClient.connect(server.port);
  while ((await client.get('a')) !== 'x');
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
  expect(errors).toBe(
    'cacheismo: loaded 1 item and 0 objects, 14 bytes\ncacheismo: interrupted; the rest of the stream was not loaded\n',
  );
});

test('a command whose server is not there says what to do', async () => {
  expect(await loadFrom(path, '-p', '1')).toEqual({
    code: 1,
    lines: ['127.0.0.1:1: no server listens there (ECONNREFUSED); start it, or give its address by -h and -p, or -s'],
  });
  const socket = join(folder, 'none');
  expect((await loadFrom(path, '-s', socket)).lines).toEqual([
    `${socket}: there is no such socket (ENOENT); start the server, or give its address by -h and -p, or -s`,
  ]);
  expect((await runCommand(['load', 'cache.dump'])).errors).toBe(
    "cacheismo: too many arguments for 'load'. Expected 0 arguments but got 1; see cacheismo load --help\n",
  );
});

test('the help names every subcommand', async () => {
  const { output } = await runCommand(['--help']);
  const named = output.split('Subcommands')[1];
  for (const name of ['check', 'test', 'init', 'new', 'call', 'dump', 'load', 'passwd', 'shards']) {
    expect(named).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(output.split('\n\n')[0]).toMatch(new RegExp(`[|\\s]${name}\\b`));
  }
  expect(await runCommand(['help'])).toEqual({ code: 0, output, errors: '' });
  expect(await runCommand(['help', 'call'])).toEqual(await runCommand(['call', '--help']));
});
