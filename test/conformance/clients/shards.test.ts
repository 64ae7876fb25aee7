// `cacheismo shards check` against the programs that it describes: each key is on the server that it names. The test names say which of them
// is not installed.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand, type ServerProcess } from '../../app/server-process.js';
import { ask } from '../memcached.js';
import { type PoolSettings, startProxy, startServers, withoutNutcracker } from './nutcracker.js';
import { hasPhp, pythonWith, run } from './programs.js';

const PYTHON = pythonWith('pylibmc');
const withoutPylibmc = PYTHON === undefined ? ' (skipped: pylibmc is not installed)' : '';

/** With and without tags; an empty tag, an open one, two of them. */
const KEYS = [
  ...Array.from({ length: 40 }, (_, number) => `plain-${number * number}`),
  ...Array.from({ length: 40 }, (_, number) => `page{user${number * number}}:${number % 3}`),
  ...['{}empty', 'open{tag', 'closed}tag', '{a}{b}', '{b}{a}', '}{c}'],
];

const hasMemcachedOfPhp = hasPhp('memcached');

let servers: ServerProcess[];

beforeAll(async () => {
  servers = await startServers();
});

afterAll(() => Promise.all(servers.map((server) => server[Symbol.asyncDispose]())));

/** The address of the server that each key is on, by asking all. */
async function whereKeysAre(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { port } of servers) {
    const reply = await ask(port, `get ${KEYS.join(' ')}\r\nflush_all\r\n`);
    for (const [, key] of reply.matchAll(/^VALUE (\S+) /gm)) found[key] = `127.0.0.1:${port}`;
  }
  return found;
}

/** The address that the command prints for each key. */
async function foretold(flags: readonly string[]): Promise<Record<string, string>> {
  const { output } = await runCommand(['shards', 'check', ...flags], {}, `${KEYS.join('\n')}\n`);
  const lines = output.split('\n').slice(0, KEYS.length);
  return Object.fromEntries(lines.map((line) => line.split('  ')));
}

const named = (port: number, index: number) => `127.0.0.1:${port}:1 cache${index}`;
const unnamed = (port: number) => `127.0.0.1:${port}:1`;
const weighted = (port: number, index: number) => `127.0.0.1:${port}:${index + 1} cache${index}`;

/** The same servers for the option: from `host:port:weight name` to `name=host:port:weight`. */
function serverList(server: PoolSettings['server']): string {
  const lines = servers.map(({ port }, index) => server(port, index).split(' '));
  return lines.map(([place, name]) => (name === undefined ? place : `${name}=${place}`)).join(',');
}

describe.skipIf(withoutNutcracker !== '')(`nutcracker${withoutNutcracker}`, () => {
  test.each([
    { hash: 'md5', distribution: 'ketama', server: named },
    { hash: 'fnv1a_64', distribution: 'ketama', server: unnamed },
    { hash: 'fnv1a_32', distribution: 'ketama', server: weighted },
    { hash: 'one_at_a_time', distribution: 'modula', server: named },
    { hash: 'crc32', distribution: 'modula', server: weighted },
    { hash: 'crc32a', distribution: 'ketama', server: named },
  ])('sends keys by $hash and $distribution where shards check says', async ({ hash, distribution, server }) => {
    const ports = servers.map(({ port }) => port);
    using proxy = await startProxy(ports, { hash, distribution, server });
    await ask(proxy.port, KEYS.map((key) => `set ${key} 0 0 1\r\nx\r\n`).join(''));
    const found = await whereKeysAre();
    expect(Object.keys(found)).toHaveLength(KEYS.length);
    expect(new Set(Object.values(found)).size).toBe(servers.length);
    const flags = ['--servers', serverList(server), '--hash', hash, '--distribution', distribution];
    expect(await foretold(flags)).toEqual(found);
  });
});

describe.skipIf(PYTHON === undefined)(`libmemcached by pylibmc${withoutPylibmc}`, () => {
  test.each([
    { behaviors: '{}', flags: ['--hash', 'one_at_a_time', '--distribution', 'modula'] },
    { behaviors: "{'ketama': True}", flags: ['--hash', 'one_at_a_time', '--distribution', 'consistent'] },
    { behaviors: "{'ketama_weighted': True}", flags: ['--hash', 'md5', '--distribution', 'ketama'] },
    { behaviors: "{'hash': 'md5'}", flags: ['--hash', 'md5', '--distribution', 'modula'] },
  ])('with the behaviors $behaviors sends keys where shards check says', async ({ behaviors, flags }) => {
    const places = servers.map(({ port }) => `127.0.0.1:${port}`);
    const program = `import pylibmc
cache = pylibmc.Client(${JSON.stringify(places)}, behaviors=${behaviors})
for key in ${JSON.stringify(KEYS)}: cache.set(key, 'x')`;
    expect(await run(PYTHON as string, ['-c', program])).toMatchObject({ code: 0, errors: '' });
    const found = await whereKeysAre();
    expect(new Set(Object.values(found)).size).toBe(servers.length);
    expect(await foretold(['--servers', places.join(','), '--tag', 'none', ...flags])).toEqual(found);
  });
});

describe.skipIf(!hasMemcachedOfPhp)(
  `libmemcached by PHP${hasMemcachedOfPhp ? '' : ' (skipped: php-memcached is not installed)'}`,
  () => {
    test.each([
      { setting: '', flags: ['--hash', 'one_at_a_time', '--distribution', 'modula'] },
      {
        setting: '$cache->setOption(Memcached::OPT_LIBKETAMA_COMPATIBLE, true);',
        flags: ['--hash', 'md5', '--distribution', 'ketama'],
      },
    ])('with the setting "$setting" sends keys where shards check says', async ({ setting, flags }) => {
      const places = servers.map(({ port }) => `127.0.0.1:${port}`);
      const program = `$cache = new Memcached(); ${setting}
foreach (${JSON.stringify(places)} as $place) $cache->addServer(...explode(':', $place));
foreach (${JSON.stringify(KEYS)} as $key) $cache->set($key, 'x');`;
      expect(await run('php', ['-r', program])).toMatchObject({ code: 0, errors: '' });
      const found = await whereKeysAre();
      expect(new Set(Object.values(found)).size).toBe(servers.length);
      expect(await foretold(['--servers', places.join(','), '--tag', 'none', ...flags])).toEqual(found);
    });
  },
);
