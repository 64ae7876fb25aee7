// Threads that die, loop or hang, on both transports: the process ends with a reason and a code, and signals work in every state.

import { createConnection } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type ServerProcess, startOnAllProcessors } from '../server-process.js';
import { pluginOf, TypeFolders } from '../type-folders.js';

const BODIES = {
  leak: 'const kept: unknown[] = []; for (;;) kept.push(new Array(10_000).fill(1.5));',
  loop: 'for (;;) { try { for (;;); } catch { continue; } }',
  exit: 'process.exit(3);',
};

const IS_LONG = process.env.LONG_TESTS !== undefined;
const TRANSPORTS = ['epoll', 'net'] as const;

/** The body of a method that takes this much CPU time, which is longer by the clock on a busy machine. */
function usesMs(ms: number): string {
  const used = '() => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; }';
  return `const used = ${used}; const end = used() + ${ms}; while (used() < end) for (let i = 0; i < 1e6; i++);`;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function startHostile(folders: TypeFolders, transport: string, flags: readonly string[] = []) {
  folders.plugin('bad.ts', pluginOf('bad', BODIES));
  return startOnAllProcessors([...folders.flags, '-m', '16', '--transport', transport, ...flags]);
}

/** Calls a method that does not return. */
function call({ port }: ServerProcess, method: string): void {
  const socket = createConnection(port, '127.0.0.1').on('error', () => {});
  socket.write(`get bad:new:k\r\nget bad:${method}:k\r\n`);
}

async function msToEnd({ ended }: ServerProcess, sinceMs: number): Promise<number> {
  await ended;
  return performance.now() - sinceMs;
}

describe.each(TRANSPORTS)('with the transport %s', (transport) => {
  test('a call that exhausts the heap ends the process with 70, and the log names it', async () => {
    using folders = new TypeFolders();
    await using server = await startHostile(folders, transport);
    call(server, 'leak');
    expect(await server.ended).toBe(70);
    // On a slow machine another thread warns at the same moment that the call has taken a second.
    const errors = server.log.filter(({ level }) => level === 'error');
    expect(errors.length, JSON.stringify(server.log)).toBe(1);
    expect(errors[0].msg).toMatch(/^the server ends: .*bad:leak of plugins\/bad\.ts for key k/);
  });

  test('a call that loops is logged after a second, and ends the process with 70 after the limit', async () => {
    using folders = new TypeFolders();
    await using server = await startHostile(folders, transport, ['--watchdog-seconds', '2']);
    const startMs = performance.now();
    call(server, 'loop');
    await server.logged(/busy for 1\.\d s while it ran bad:loop of plugins\/bad\.ts for key k \(bad:loop:k\)$/);
    const ms = await msToEnd(server, startMs);
    expect(await server.ended).toBe(70);
    expect(ms).toBeGreaterThan(1900);
    // The limit is CPU time, which is longer by the clock on a busy machine.
    expect(ms).toBeLessThan(20_000);
    expect(server.log.at(-1)?.msg).toMatch(/^the server ends: .* bad:loop .*--watchdog-seconds 2$/);
  });

  test('a call that is named as slow and ended at the same moment has both lines', async () => {
    using folders = new TypeFolders();
    await using server = await startHostile(folders, transport, ['--watchdog-seconds', '1']);
    call(server, 'loop');
    expect(await server.ended).toBe(70);
    expect(server.log.slice(-2).map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', expect.stringMatching(/busy for 1\.\d s while it ran bad:loop/)],
      ['error', expect.stringMatching(/^the server ends: .* bad:loop .*--watchdog-seconds 1$/)],
    ]);
  });

  test('a call that ends the process is named in the log', async () => {
    using folders = new TypeFolders();
    await using server = await startHostile(folders, transport);
    call(server, 'exit');
    expect(await server.ended).toBe(70);
    expect(server.log.at(-1)?.msg).toMatch(/^the server ends: .*bad:exit of plugins\/bad\.ts for key k/);
  });

  // With data threads one handler has both.
  const signals = IS_LONG || transport === 'net' ? (['SIGTERM', 'SIGINT'] as const) : (['SIGTERM'] as const);
  test.each(signals)('%s ends a server whose call loops within 5 seconds', async (signal) => {
    using folders = new TypeFolders();
    await using server = await startHostile(folders, transport, ['--watchdog-seconds', '60']);
    call(server, 'loop');
    await server.logged(/busy for/);
    // The watcher restores the signals' default action right after its line.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startMs = performance.now();
    server.child.kill(signal);
    expect(await msToEnd(server, startMs)).toBeLessThan(5000);
  });

  test('SIGTERM ends the server within 5 seconds even before a looping call is noticed', async () => {
    using folders = new TypeFolders();
    await using server = await startHostile(folders, transport, ['--watchdog-seconds', '60']);
    call(server, 'loop');
    await wait(200);
    const startMs = performance.now();
    server.child.kill('SIGTERM');
    expect(await msToEnd(server, startMs)).toBeLessThan(5000);
  });

  test('a second signal ends a server whose call loops immediately', async () => {
    using folders = new TypeFolders();
    await using server = await startHostile(folders, transport, ['--watchdog-seconds', '0']);
    call(server, 'loop');
    // Until the watcher has named the call, signals are left to the main thread.
    await server.logged(/busy for/);
    await wait(100);
    server.child.kill('SIGTERM');
    await wait(200);
    const startMs = performance.now();
    server.child.kill('SIGTERM');
    expect(await msToEnd(server, startMs)).toBeLessThan(2000);
  });
});

test('a call that takes longer than a second and then returns causes one log line', async () => {
  using folders = new TypeFolders();
  folders.plugin('slow.ts', pluginOf('slow', { wait: usesMs(1800) }));
  await using server = await startOnAllProcessors([...folders.flags, '-m', '16', '-t', '1', '--transport', 'epoll']);
  const socket = createConnection(server.port, '127.0.0.1').setEncoding('latin1');
  socket.write('get slow:new:k\r\nget slow:wait:k\r\nversion\r\n');
  await new Promise<void>((resolve) => socket.on('data', (text: string) => text.includes('VERSION') && resolve()));
  expect(server.log.filter(({ msg }) => /busy for/.test(msg))).toHaveLength(1);
  expect(server.child.exitCode).toBe(null);
  socket.destroy();
});

// Both mostly wait.
test.concurrent.each(TRANSPORTS)(
  'on %s, a process that is stopped in the middle of a call keeps serving when it continues',
  async (transport) => {
    using folders = new TypeFolders();
    folders.plugin('slow.ts', pluginOf('slow', { work: usesMs(400) }));
    const flags = ['-m', '16', '-t', '1', '--transport', transport, '--watchdog-seconds', '2'];
    await using server = await startOnAllProcessors([...folders.flags, ...flags]);
    const socket = createConnection(server.port, '127.0.0.1').setEncoding('latin1');
    socket.write('get slow:new:k\r\nget slow:work:k\r\nversion\r\n');
    const answered = new Promise<void>((resolve) =>
      socket.on('data', (text: string) => text.includes('VERSION') && resolve()),
    );
    await wait(300);
    server.child.kill('SIGSTOP');
    await wait(4000);
    server.child.kill('SIGCONT');
    await answered;
    await wait(500);
    expect(server.child.exitCode).toBe(null);
    socket.destroy();
  },
);
