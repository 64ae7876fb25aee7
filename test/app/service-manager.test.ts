// What a service manager sees of the built server: messages to NOTIFY_SOCKET, received by a program in Python, since Node has no datagram
// sockets of this family; and signals to the first process of a container. The test names say what is not installed.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LineClient } from './line-client.js';
import { HAS_FIGURES, threadTimesMs } from './process-figures.js';
import { startOnAllProcessors, startProcess } from './server-process.js';

const COMMAND = fileURLToPath(new URL('../../dist/bundle/cli.js', import.meta.url));

const RECEIVER = `
import json, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1].replace('@', chr(0)))
print(json.dumps('bound'), flush=True)
while True: print(json.dumps(receiver.recv(4096).decode()), flush=True)
`;

const hasPython = spawnSync('python3', ['-c', '']).status === 0;
const withoutPython = hasPython ? '' : ' (skipped: python3 is not installed)';
const hasNamespaces = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;
const withoutNamespaces = hasNamespaces ? '' : ' (skipped: the kernel gives no process namespace)';

let folder: string;
let receiver: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cacheismo-notify-'));
});

afterEach(() => {
  receiver?.kill();
  rmSync(folder, { recursive: true });
});

/** Returns a function that waits for the next message. */
async function receive(socket: string): Promise<() => Promise<string>> {
  receiver = spawn('python3', ['-c', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: receiver.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value as string) as string;
  expect(await next()).toBe('bound');
  return next;
}

/** Without object types a start takes half of the CPU time. */
const PLAIN = ['--no-objects'];

describe.skipIf(!hasPython)(`a service manager${withoutPython}`, () => {
  test.each([
    ['path', () => join(folder, 'notify')],
    ['abstract name', () => `@cacheismo-${process.pid}-${Date.now()}`],
  ])('gets the states of the server, by a socket with a %s', async (_kind, name) => {
    const socket = name();
    const next = await receive(socket);
    await using server = await startProcess(['-p', '0'], { NOTIFY_SOCKET: socket });
    expect(await next()).toBe('READY=1');
    using client = await LineClient.connect(server.port);
    expect(await client.ask('get a\r\n')).toBe('END\r\n');
    server.child.kill('SIGHUP');
    expect(await next()).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    expect(await next()).toBe('READY=1');
    server.child.kill('SIGTERM');
    expect(await next()).toBe('STOPPING=1');
    expect(await server.ended).toBe(0);
  });

  test('gets a sign of life twice in each interval of its watchdog', async () => {
    const socket = join(folder, 'notify');
    const next = await receive(socket);
    await using server = await startProcess(PLAIN, { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '100000' });
    expect([await next(), await next(), await next()]).toEqual(['READY=1', 'WATCHDOG=1', 'WATCHDOG=1']);
    server.child.kill('SIGKILL');
    await server.ended;
  });

  test('gets none if its watchdog is for another process', async () => {
    const socket = join(folder, 'notify');
    const next = await receive(socket);
    const environment = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' };
    await using server = await startProcess(PLAIN, environment);
    expect(await next()).toBe('READY=1');
    using client = await LineClient.connect(server.port);
    for (let turn = 0; turn < 20; turn++) await client.ask('get a\r\n');
    server.child.kill('SIGTERM');
    expect(await next()).toBe('STOPPING=1');
  });
});

describe('a server serves without a service manager that listens', () => {
  test('if nobody has the socket', async () => {
    await using server = await startProcess(PLAIN, { NOTIFY_SOCKET: join(folder, 'nobody') });
    using client = await LineClient.connect(server.port);
    expect(await client.ask('get a\r\n')).toBe('END\r\n');
    await server.logged(/^NOTIFY_SOCKET .*nobody: the service manager does not take messages$/);
  });

  test.skipIf(!hasPython)(`if a manager that does not read has the socket${withoutPython}`, async () => {
    const socket = join(folder, 'notify');
    await receive(socket);
    receiver?.kill('SIGSTOP');
    await using server = await startProcess(PLAIN, { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '2000' });
    using client = await LineClient.connect(server.port);
    await server.logged(/^NOTIFY_SOCKET .*: the service manager does not take messages$/);
    expect(await client.ask('get a\r\n')).toBe('END\r\n');
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    receiver?.kill('SIGCONT');
  });

  test.each(['vsock:2:1234', `/${'x'.repeat(107)}`])(
    'and logs a name that cannot be that of a socket: %s',
    async (name) => {
      await using server = await startProcess(PLAIN, { NOTIFY_SOCKET: name });
      await server.logged(
        /^NOTIFY_SOCKET .*: must be a path or @name of at most 107 bytes; the service manager gets no state$/,
      );
    },
  );
});

/** Main thread, then the data threads, which start in parallel. On an idle machine half of it: others slow the caches and the clock. */
const MOST_START_MS = 1000;

test.skipIf(!HAS_FIGURES)('with the types that ship, a server is ready after little work', async () => {
  const works: number[] = [];
  for (let attempt = 0; attempt < 3 && !works.some((ms) => ms < MOST_START_MS); attempt++) {
    await using server = await startOnAllProcessors();
    const times = threadTimesMs(server.child.pid as number);
    const main = times.get(String(server.child.pid)) ?? 0;
    works.push(main + Math.max(...[...times].filter(([id]) => id !== String(server.child.pid)).map(([, ms]) => ms)));
  }
  expect(Math.min(...works)).toBeLessThan(MOST_START_MS);
});

test.skipIf(!hasNamespaces).each(['SIGTERM', 'SIGINT'] as const)(
  `the first process of a container drains by %s${withoutNamespaces}`,
  async (signal) => {
    const flags = ['-p', '0', '-u', 'root', '--log-format', 'json'];
    const outer = spawn('unshare', ['--pid', '--fork', process.execPath, COMMAND, ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const lines = createInterface({ input: outer.stderr });
    for await (const line of lines) if (line.includes(' listening on ')) break;
    const first = Number(readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'latin1'));
    expect(readFileSync(`/proc/${first}/status`, 'latin1')).toMatch(/^NSpid:.*\t1$/m);
    process.kill(first, signal);
    expect(await once(outer, 'exit')).toEqual([0, null]);
  },
);
