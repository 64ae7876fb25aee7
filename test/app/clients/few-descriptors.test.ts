// A server that may open few files (ulimit -n) and has as many clients as possible. The arithmetic: test/transport/parts.test.ts.

import { once } from 'node:events';
import { createConnection } from 'node:net';
import { expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { startProcess } from '../server-process.js';
import { TypeFolders } from '../type-folders.js';

const OPEN_FILES = 256;
/** The fewest that a server starts with. */
const FEWEST_OPEN_FILES = 64;

const PLUGIN = `import { defineType, method } from 'cacheismo';
export default defineType({ name: 'late', methods: { new: method({ access: 'create', run: () => 'loaded' }) } });
`;

test.runIf(process.platform !== 'win32').each([
  ['epoll', OPEN_FILES],
  ['net', OPEN_FILES],
  ['net', FEWEST_OPEN_FILES],
] as const)(
  'with %s and %i descriptors a type is loaded while more clients than that ask to be served',
  async (transport, openFiles) => {
    using folders = new TypeFolders();
    const flags = ['-m', '16', '--transport', transport, ...folders.flags];
    await using server = await startProcess(flags, {}, true, openFiles);
    using client = await LineClient.connect(server.port);
    const crowd = Array.from({ length: openFiles }, () => createConnection(server.port, '127.0.0.1'));
    for (const socket of crowd) socket.on('error', () => {}).resume();
    await Promise.all(crowd.map((socket) => (socket.connecting ? once(socket, 'connect').catch(() => {}) : undefined)));
    folders.plugin('late.ts', PLUGIN);
    await server.logged(/late\.ts: version 1 of late is live/);
    expect(await client.get('late:new:x')).toBe('loaded');
    for (const socket of crowd) socket.destroy();
  },
);
