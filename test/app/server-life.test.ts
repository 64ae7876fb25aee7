// The server's life inside one process: its calls to the transport and its exit code. Signals need a process: server.test.ts.

import { pino } from 'pino';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/app/config/config.js';
import { Server, type ServerTransport } from '../../src/app/server.js';

async function makeServer() {
  const config = await loadConfig({ args: [], environment: {}, directory: '/' });
  if ('print' in config) throw new Error('printed instead');
  const events: string[] = [];
  const transport: ServerTransport = {
    listen: async () => ({ tcp: [], unix: undefined }),
    drain: async (timeoutMs) => {
      events.push(timeoutMs <= 5000 ? 'drain' : 'drain for too long');
    },
    giveUpMemory: async () => 'done',
    stop: () => events.push('stop'),
  };
  const log = pino({ level: 'info' }, { write: (line) => events.push((JSON.parse(line) as { msg: string }).msg) });
  const server = new Server({ config, log, transport, exit: (code) => events.push(`exit ${code}`) });
  return { server, events };
}

test('a stop drains once and ends the process with 0', async () => {
  const { server, events } = await makeServer();
  await Promise.all([server.stop('a reason'), server.stop('another')]);
  expect(events).toEqual(['stopping: a reason', 'drain', 'exit 0']);
});

test('a plain shutdown command ends the process immediately, a graceful one drains', async () => {
  const plain = await makeServer();
  plain.server.onShutdownCommand(false);
  expect(plain.events).toEqual(['stopping at once: shutdown command', 'stop', 'exit 0']);
  const graceful = await makeServer();
  graceful.server.onShutdownCommand(true);
  await Promise.resolve();
  expect(graceful.events.slice(0, 2)).toEqual(['stopping: shutdown command', 'drain']);
});

test('a bug ends the process with one line and its own code', async () => {
  const { server, events } = await makeServer();
  server.fail(new Error('invariant broken: two owners\nof one chunk'));
  expect(events).toEqual(['the server ends because of a bug: invariant broken: two owners', 'exit 70']);
});
