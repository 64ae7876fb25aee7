// The behaviour that memcached's authors test at the start: the command line of their test harness, refused options, words of the help,
// files.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LineClient } from '../../app/line-client.js';
import { runCommand, startProcess } from '../../app/server-process.js';
import { freePort } from '../memcached.js';
import { statsOf } from './talk.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'startup-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function settingsWith(flags: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  await using server = await startProcess(flags, environment);
  using client = await LineClient.connect(server.port);
  return await statsOf(client, 'settings');
}

test("the harness' command line works, with a UDP port and privileges that have no effect here", async () => {
  const [port, udpPort] = [String(await freePort()), String(await freePort())];
  const flags = ['-C', '-b', '8675', '-vv', '-l', '127.0.0.1', '-u', 'root', '-o', 'relaxed_privileges'];
  expect(await settingsWith([...flags, '-p', port, '-U', udpPort])).toMatchObject({
    cas_enabled: 'no',
    tcp_backlog: '8675',
    inter: '127.0.0.1',
    tcpport: port,
    udpport: udpPort,
    auth_enabled_sasl: 'no',
    shutdown_command: 'no',
    domain_socket: 'NULL',
  });
});

test.each([
  ['auto', 'auto-negotiate'],
  ['ascii', 'ascii'],
])('-B %s is shown as %s', async (name, shown) => {
  expect(await settingsWith(['-B', name, '-I', '2097152'])).toMatchObject({
    binding_protocol: shown,
    item_size_max: '2097152',
  });
});

const REFUSED =
  '-l fooble|-B http|-c 0|-c -1|-t 0|-I 1000|-I 256m|-o bogus|-f 1.0|-o hashpower=33|-S -B ascii|-Y /nonexistent|-Z|-q';

test('an option with an impossible value is refused with one line and its own exit code', async () => {
  const lines = REFUSED.split('|');
  const results = await Promise.all(lines.map((line) => runCommand(['-p', '0', ...line.split(' ')])));
  for (const [index, { code, errors, output }] of results.entries()) {
    // 64 is EX_USAGE; an address that cannot be bound is an error of the OS, 71.
    expect([lines[index], code]).toEqual([lines[index], lines[index].startsWith('-l') ? 71 : 64]);
    expect(errors).toMatch(/^cacheismo: [^\n]+\n$/);
    expect(output).toBe('');
  }
});

test('help, version and license are printed, and the help has the words that the harness searches for', async () => {
  const [help, long, version, license] = await Promise.all(
    ['-h', '--help', '-V', '-i'].map((flag) => runCommand([flag])),
  );
  for (const { code, errors } of [help, long, version, license]) expect([code, errors]).toEqual([0, '']);
  expect(long.output).toBe(help.output);
  expect(version.output).toMatch(/^cacheismo \d+\.\d+\.\d+\n$/);
  for (const word of ['unix-socket', 'enable-ssl', 'sasl']) expect(help.output).toContain(word);
  // The harness would run its tests of a proxy, of flash storage and of dropped privileges.
  for (const word of ['proxy_config', 'ext_path', 'no_drop_privileges']) expect(help.output).not.toContain(word);
});

test('several addresses are served, and MEMCACHED_PORT_FILENAME names the file of their ports', async () => {
  const [first, second] = [await freePort(), await freePort()];
  const portFile = join(folder, 'ports');
  const flags = ['-p', String(first), '-l', `127.0.0.1,127.0.0.1:${second}`];
  await using _server = await startProcess(flags, { MEMCACHED_PORT_FILENAME: portFile });
  for (const port of [first, second]) {
    using client = await LineClient.connect(port);
    expect(await client.ask('mn\r\n')).toBe('MN\r\n');
  }
  expect(readFileSync(portFile, 'utf8')).toBe(`TCP INET: ${first}\nTCP INET: ${second}\n`);
});
