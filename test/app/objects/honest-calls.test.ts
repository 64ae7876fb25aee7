// Calls within their budget must not fail on a machine that is stopped, busy or throttled.

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { type ServerProcess, startProcess } from '../server-process.js';
import { scriptOf, TypeFolders } from '../type-folders.js';

const TRANSPORTS = process.platform === 'linux' ? ['epoll', 'net'] : ['net'];
/** Some milliseconds of work. */
const WORK = 'local n = 0 for i = 1, 40000 do n = n + i % 7 end self.n = n return n';
const ANSWER = '119997';
const BUSY_MS = 1500;

describe.each(TRANSPORTS)('with the transport %s', (transport) => {
  let folders: TypeFolders;
  let server: ServerProcess;
  let client: LineClient;

  beforeAll(async () => {
    folders = new TypeFolders().script('work.lua', scriptOf('work', { go: WORK })).copy('scripts/set.lua');
    server = await startProcess(['--transport', transport, '-t', '1', ...folders.flags]);
    client = await LineClient.connect(server.port);
    await client.get('work:new:k');
  });

  afterAll(async () => {
    client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    folders[Symbol.dispose]();
  });

  /** Repeats calls until the other work is done; returns their replies. */
  async function callDuring(others: () => Promise<unknown>): Promise<Set<string>> {
    const answers = new Set<string>();
    let isDone = false;
    const waiting = others().finally(() => {
      isDone = true;
    });
    while (!isDone) answers.add(await client.get('work:go:k'));
    await waiting;
    return answers;
  }

  /** Alternately stops the server and lets it run. */
  async function stopping(times: number, stoppedMs: number, runningMs: number): Promise<void> {
    for (let count = 0; count < times; count++) {
      server.child.kill('SIGSTOP');
      await sleep(stoppedMs);
      server.child.kill('SIGCONT');
      await sleep(runningMs);
    }
  }

  test('a set takes two thousand members in one call while its code is still cold', async () => {
    await client.get('set:new:big');
    for (let call = 0; call < 3; call++) {
      const members = JSON.stringify(Array.from({ length: 2000 }, (_, index) => `m${call}_${index}`));
      expect(await client.ask(`set set:putall:big 0 0 ${members.length}\r\n${members}\r\n`)).toBe('STORED\r\n');
    }
  });

  test('no call fails when the process is stopped ten times for 200 ms', async () => {
    expect([...(await callDuring(() => stopping(10, 200, 50)))]).toEqual([ANSWER]);
  });

  test('no call fails when the process has half a processor', async () => {
    expect([...(await callDuring(() => stopping(30, 25, 25)))]).toEqual([ANSWER]);
  });

  test('no call fails while four other programs keep the processors busy', async () => {
    const busy: ChildProcess[] = [];
    const loop = `const end = Date.now() + ${BUSY_MS}; while (Date.now() < end);`;
    for (let count = 0; count < 4; count++) busy.push(spawn(process.execPath, ['-e', loop], { stdio: 'ignore' }));
    const over = () => Promise.all(busy.map((program) => new Promise((done) => program.once('exit', done))));
    expect([...(await callDuring(over))]).toEqual([ANSWER]);
  });
});
