// The server's life inside one process: its calls to the transport and its exit code. Signals need a process: server.test.ts.

import { pino } from 'pino';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/app/config/config.js';
import { Server, type ServerTransport } from '../../src/app/server.js';

async function makeServer(isAtRest = true, listen?: ServerTransport['listen']) {
  const config = await loadConfig({ args: [], environment: {}, directory: '/' });
  if ('print' in config) throw new Error('printed instead');
  const events: string[] = [];
  const transport: ServerTransport = {
    listen:
      listen ??
      (async () => {
        events.push('listen');
        return { tcp: [], unix: undefined };
      }),
    isAtRest,
    drain: async (timeoutMs) => {
      events.push(timeoutMs <= 5000 ? 'drain' : 'drain for too long');
    },
    ask: () => Promise.reject(new Error('nobody asks')),
    stop: () => events.push('stop'),
  };
  const log = pino({ level: 'info' }, { write: (line) => events.push((JSON.parse(line) as { msg: string }).msg) });
  const restart = {
    claim: () => events.push('claim'),
    confirm: () => events.push('confirm'),
    giveBack: () => events.push('give back'),
    save: (canSave: boolean) => {
      events.push(canSave ? 'save' : 'cannot save');
      return canSave ? 0 : 74;
    },
  };
  const server = new Server({ config, log, transport, restart, exit: (code) => events.push(`exit ${code}`) });
  return { server, events };
}

test('a stop drains once and ends the process with 0', async () => {
  const { server, events } = await makeServer();
  await Promise.all([server.stop('a reason'), server.stop('another')]);
  expect(events).toEqual(['stopping: a reason', 'drain', 'save', 'exit 0']);
});

test('data is not saved while something may still change it, and the exit code says so', async () => {
  const { server, events } = await makeServer(false);
  await server.stop('a reason');
  expect(events).toEqual(['stopping: a reason', 'drain', 'cannot save', 'exit 74']);
});

test('the memory file is claimed before clients can come, and given back if they cannot', async () => {
  const serving = await makeServer();
  await serving.server.start();
  expect(serving.events.slice(0, 3)).toEqual(['claim', 'listen', 'confirm']);
  const failing = await makeServer(true, () => Promise.reject(new Error('in use')));
  await expect(failing.server.start()).rejects.toThrow('in use');
  expect(failing.events).toEqual(['claim', 'give back']);
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
