// Clients that choose among three servers by a part of the key, as the guide in src/client shows: every object is whole. The test names say
// which of them is not installed.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerProcess } from '../../app/server-process.js';
import { ask } from '../memcached.js';
import { startServers } from './nutcracker.js';
import { hasPhp, isPresent, pythonWith, run } from './programs.js';

const USERS = Array.from({ length: 20 }, (_, number) => `user${number * number}`);

interface Client {
  readonly title: string;
  readonly isInstalled: boolean;
  readonly command: readonly string[];
  /** Calls new, put and put with a data block of a set for each user. */
  readonly program: (servers: readonly string[]) => string;
}

const pymemcache = pythonWith('pymemcache');
const pythonMemcache = pythonWith('memcache');

const CLIENTS: readonly Client[] = [
  {
    title: 'pymemcache with a hasher that takes the tag',
    isInstalled: pymemcache !== undefined,
    command: [pymemcache ?? 'python3', '-c'],
    program: (servers) => `import re
from pymemcache.client.hash import HashClient
from pymemcache.client.rendezvous import RendezvousHash
class TagHash(RendezvousHash):
    def get_node(self, key):
        tag = re.search(r'\\{(.+?)\\}', key)
        return super().get_node(tag.group(1) if tag else key)
cache = HashClient(${JSON.stringify(servers)}, hasher=TagHash)
for user in ${JSON.stringify(USERS)}:
    cache.get('set:new:{%s}' % user)
    cache.get('set:put:{%s}:a' % user)
    cache.set('set:put:{%s}' % user, 'b')`,
  },
  {
    title: 'python-memcached with a number before the key',
    isInstalled: pythonMemcache !== undefined,
    command: [pythonMemcache ?? 'python3', '-c'],
    program: (servers) => `import memcache, zlib
cache = memcache.Client(${JSON.stringify(servers)})
for user in ${JSON.stringify(USERS)}:
    shard = zlib.crc32(user.encode())
    cache.get((shard, 'set:new:{%s}' % user))
    cache.get((shard, 'set:put:{%s}:a' % user))
    cache.set((shard, 'set:put:{%s}' % user), 'b')`,
  },
  {
    title: 'php-memcached by getByKey and setByKey',
    isInstalled: hasPhp('memcached'),
    command: ['php', '-r'],
    program: (servers) => `$cache = new Memcached();
foreach (${JSON.stringify(servers)} as $server) $cache->addServer(...explode(':', $server));
foreach (${JSON.stringify(USERS)} as $user) {
  $cache->getByKey($user, 'set:new:{' . $user . '}');
  $cache->getByKey($user, 'set:put:{' . $user . '}:a');
  $cache->setByKey($user, 'set:put:{' . $user . '}', 'b');
}`,
  },
  {
    title: 'Cache::Memcached with a number before the key',
    isInstalled: isPresent(['perl', '-MCache::Memcached', '-e', '1']),
    command: ['perl', '-MCache::Memcached', '-e'],
    program: (servers) => `my $cache = Cache::Memcached->new({ servers => ${JSON.stringify(servers)} });
for my $user (@{${JSON.stringify(USERS)}}) {
  my $shard = unpack('%32C*', $user);
  $cache->get([$shard, "set:new:{$user}"]);
  $cache->get([$shard, "set:put:{$user}:a"]);
  $cache->set([$shard, "set:put:{$user}"], 'b');
}`,
  },
];

let servers: ServerProcess[];

beforeAll(async () => {
  servers = await startServers();
});

afterAll(() => Promise.all(servers.map((server) => server[Symbol.asyncDispose]())));

describe.each(CLIENTS)('$title', ({ isInstalled, command, program }) => {
  test.skipIf(!isInstalled)(`keeps objects whole${isInstalled ? '' : ' (skipped: not installed)'}`, async () => {
    const [name, ...args] = command as readonly [string, ...string[]];
    const places = servers.map(({ port }) => `127.0.0.1:${port}`);
    expect(await run(name, [...args, program(places)])).toMatchObject({ code: 0, errors: '' });
    const replies = await Promise.all(
      servers.map(({ port }) => ask(port, `get ${USERS.map((user) => `set$\{${user}}`).join(' ')}\r\nflush_all\r\n`)),
    );
    const found = replies.flatMap((reply) => [...reply.matchAll(/^VALUE set\$\{(.*)\} .*\r\n(.*)\r\n/gm)]);
    expect(found.map(([, user]) => user).sort()).toEqual([...USERS].sort());
    for (const [, , content] of found) expect(content).toBe('{"a":true,"b":true}');
    expect(replies.filter((reply) => reply.startsWith('VALUE')).length).toBeGreaterThan(1);
  });
});
