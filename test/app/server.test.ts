// The server as a process: how it starts, refuses to start, and ends.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runCommand, type ServerProcess, startOnAllProcessors, startPlain, startProcess } from './server-process.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cacheismo-server-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function connect(place: number | string): Promise<Socket> {
  const socket = typeof place === 'number' ? createConnection(place, '127.0.0.1') : createConnection(place);
  await once(socket, 'connect');
  return socket.setEncoding('latin1');
}

/** Sends and waits for the reply's last line. */
async function ask(socket: Socket, request: string, end: RegExp): Promise<string> {
  let reply = '';
  const onData = (text: string): void => {
    reply += text;
    if (end.test(reply)) socket.emit('answered');
  };
  socket.on('data', onData);
  const answered = once(socket, 'answered');
  socket.write(request);
  await answered;
  socket.off('data', onData);
  return reply;
}

describe('a command that does not start the server', () => {
  test('prints the version or the help', async () => {
    expect(await runCommand(['-V'])).toEqual({ code: 0, output: 'cacheismo 0.1.0\n', errors: '' });
    expect(await runCommand(['-h'])).toMatchObject({ code: 0, errors: '' });
  });

  test('reports a wrong value in one line', async () => {
    expect(await runCommand(['-p', 'abc'])).toEqual({
      code: 64,
      output: '',
      errors: 'cacheismo: -p abc: must be an integer from 0 to 65535, or -1 for any free one\n',
    });
    expect(await runCommand([], { CACHEISMO_THREADS: '-1' })).toMatchObject({
      code: 64,
      errors: 'cacheismo: CACHEISMO_THREADS -1: must be an integer from 1 to 64\n',
    });
  });

  test('reports a port in use in one line', async () => {
    await using server = await startPlain();
    const { code, errors } = await runCommand(['-p', String(server.port), '--no-objects']);
    expect(code).toBe(71);
    expect(errors).toMatch(new RegExp(`^cacheismo: .*${server.port}.*\n$`));
  });

  test('reports a pid file that cannot be written in one line', async () => {
    const pidFile = join(directory, 'missing', 'pid');
    expect(await runCommand(['-p', '0', '-P', pidFile, '--log-format', 'json'])).toMatchObject({
      code: 73,
      errors: `cacheismo: -P ${pidFile}: no such file or directory\n`,
    });
  });
});

describe('a pid file', () => {
  test('of a running process is not overwritten, and the start is refused', async () => {
    const pidFile = join(directory, 'pid');
    await using server = await startPlain('-P', pidFile);
    const { code, errors } = await runCommand(['-p', '0', '-P', pidFile]);
    expect([code, errors]).toEqual([
      73,
      `cacheismo: -P ${pidFile}: belongs to process ${server.child.pid}, which is running\n`,
    ]);
    expect(readFileSync(pidFile, 'utf8')).toBe(`${server.child.pid}\n`);
  });

  test('may be a device, which is not read', async () => {
    await using server = await startPlain('-P', '/dev/zero');
    expect(server.port).toBeGreaterThan(0);
  });

  test('of a dead process is overwritten', async () => {
    const pidFile = join(directory, 'pid');
    const dead = await runCommand(['-V']);
    expect(dead.code).toBe(0);
    writeFileSync(pidFile, '4194304\n');
    await using server = await startPlain('-P', pidFile);
    expect(readFileSync(pidFile, 'utf8')).toBe(`${server.child.pid}\n`);
  });

  test('is removed when the start is refused later', async () => {
    const pidFile = join(directory, 'pid');
    await using server = await startPlain();
    expect((await runCommand(['-p', String(server.port), '-P', pidFile, '--no-objects'])).code).toBe(71);
    expect(existsSync(pidFile)).toBe(false);
  });
});

describe.runIf(process.getuid?.() === 0)('a server started by root', () => {
  test('logs that -u is missing', async () => {
    await using server = await startProcess([], { CACHEISMO_USER: '' }, false);
    expect(server.log.map(({ msg }) => msg)).toContain(
      'running as root: give a user by -u, or -u root if root is meant',
    );
  });

  test('refuses an unknown user in one line', async () => {
    const { code, errors } = await runCommand(['-p', '0', '-u', 'no-such-user']);
    expect(code).toBe(67);
    expect(errors).toMatch(/^cacheismo: -u no-such-user: .*\n$/);
  });

  test('changes to the user by itself, after it has written its pid file', async () => {
    const pidFile = join(directory, 'pid');
    // No module is loaded after root is dropped: the user may be unable to read the checkout.
    await using server = await startProcess(['-u', 'nobody', '-P', pidFile, '--no-objects', '--transport', 'net'], {
      PATH: '',
    });
    expect(identitiesOf(server)).not.toContain('0');
    expect(readFileSync(pidFile, 'utf8')).toBe(`${server.child.pid}\n`);
  });
});

/** Data threads load their modules after root is dropped. */
function isCheckoutOpen(): boolean {
  for (let path = fileURLToPath(new URL('../..', import.meta.url)); path !== dirname(path); path = dirname(path)) {
    if ((statSync(path).mode & 0o005) !== 0o005) return false;
  }
  return true;
}

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0 && isCheckoutOpen())(
  'data threads of a server started by root',
  () => {
    test('also run as the user, and serve a port that only root may bind', async () => {
      const pidFile = join(directory, 'pid');
      const port = await freePort(600, 1024);
      await using server = await startProcess([
        '-u',
        'nobody',
        '-P',
        pidFile,
        '-p',
        String(port),
        '--transport',
        'epoll',
      ]);
      expect(identitiesOf(server)).not.toContain('0');
      const socket = await connect(port);
      expect(await ask(socket, 'set set:new:a 0 0 0\r\n\r\nget set:count:a\r\n', /END\r\n$/)).toMatch(/\r\n0\r\nEND/);
      socket.destroy();
    });
  },
);

async function freePort(from: number, to: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = from + Math.floor(Math.random() * (to - from));
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (isFree) return port;
  }
  throw new Error(`no port from ${from} to ${to} is free`);
}

describe.runIf(process.platform === 'linux')('limits of memory and core files', () => {
  test('are set by -k, which locks the memory for items, and -r, which raises the limit of core files', async () => {
    await using server = await startPlain('-m', '16', '-k', '-r', '--transport', 'net');
    const figures = (name: string) => readFileSync(`/proc/${server.child.pid}/${name}`, 'latin1');
    const warnings = server.log.filter(({ level }) => level === 'warn').map(({ msg }) => msg.split(':')[0]);
    const [, soft, hard] = /^Max core file size +(\S+) +(\S+)/m.exec(figures('limits')) ?? [];
    if (!warnings.includes('-r')) expect(soft).toBe(hard);
    const lockedKilobytes = Number(/^VmLck:\s+(\d+)/m.exec(figures('status'))?.[1]);
    if (!warnings.includes('-k')) expect(lockedKilobytes).toBeGreaterThanOrEqual(16 * 1024);
  });
});

describe('a daemon (-d)', () => {
  /** The log of the daemon is this file, since its standard error is one. */
  function runDaemon(args: readonly string[]): { readonly code: number | null; readonly text: string } {
    const path = join(directory, 'log');
    const file = openSync(path, 'w');
    const command = fileURLToPath(new URL('../../dist/bundle/cli.js', import.meta.url));
    const user = process.getuid?.() === 0 ? ['-u', 'root'] : [];
    const { status } = spawnSync(process.execPath, [command, '-d', '--log-format', 'json', ...user, ...args], {
      stdio: ['ignore', 'ignore', file],
      env: { PATH: process.env.PATH },
    });
    closeSync(file);
    return { code: status, text: readFileSync(path, 'utf8') };
  }

  test('serves in its own session after the command has ended, and a signal ends it cleanly', async () => {
    const pidFile = join(directory, 'pid');
    const port = await freePort(20_000, 30_000);
    const { code } = runDaemon(['-p', String(port), '-P', pidFile]);
    expect(code).toBe(0);
    const pid = Number(readFileSync(pidFile, 'latin1'));
    try {
      const socket = await connect(port);
      expect(await ask(socket, 'version\r\n', /\r\n$/)).toMatch(/^VERSION /);
      socket.destroy();
      if (process.platform === 'linux') {
        expect(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[3]).toBe(String(pid));
      }
    } finally {
      process.kill(pid, 'SIGTERM');
    }
    await vi.waitFor(() => expect(existsSync(pidFile)).toBe(false), { timeout: 10_000 });
  });

  test('that cannot serve makes the command fail with one line and its code', async () => {
    await using server = await startPlain();
    const { code, text } = runDaemon(['-p', String(server.port)]);
    expect(code).toBe(71);
    expect(text).toBe(`cacheismo: cannot listen on 127.0.0.1:${server.port}: the address is in use\n`);
  });
});

/** User and group, real, effective and saved, of all threads. */
function identitiesOf({ child }: ServerProcess): string[] {
  const tasks = readdirSync(`/proc/${child.pid}/task`);
  const states = tasks.map((task) => readFileSync(`/proc/${child.pid}/task/${task}/status`, 'latin1'));
  return states.flatMap((state) =>
    [...state.matchAll(/^[UG]id:\s+(\d+)\s+(\d+)\s+(\d+)/gm)].flatMap(([, ...identities]) => identities),
  );
}

test('npm start passes signals on to the server, and the installed command needs no flags of Node', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { scripts, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile;
  const shell = spawn('sh', ['-c', `${scripts.start} -p 0 --log-format json`], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve) =>
    shell.stderr.on('data', (text: Buffer) => /listening/.test(String(text)) && resolve()),
  );
  shell.kill('SIGTERM');
  expect(await once(shell, 'exit')).toEqual([0, null]);
  expect(readFileSync(join(root, bin.cacheismo), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test('a server started by npm stops when its shell is killed', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  // The second command keeps the shell from becoming the server.
  const shell = spawn('sh', ['-c', `"${process.execPath}" dist/bundle/cli.js -p 0 --log-format json; true`], {
    cwd: root,
    env: { PATH: process.env.PATH, npm_execpath: 'npm' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  const logged = (pattern: RegExp) =>
    new Promise<void>((resolve) =>
      shell.stderr.on('data', (part: Buffer) => {
        text += String(part);
        if (pattern.test(text)) resolve();
      }),
    );
  await logged(/listening/);
  const stopping = logged(/stopping: the shell in which npm started it has ended/);
  shell.kill('SIGTERM');
  await stopping;
});

interface PackageFile {
  readonly scripts: { readonly start: string };
  readonly bin: { readonly cacheismo: string };
}

describe('a start', () => {
  test('is logged with address, limits, and options without effect', async () => {
    await using server = await startOnAllProcessors(['-m', '128', '-c', '77', '-f', '1.5', '-o', 'slab_automove']);
    const { msg, level } = await server.logged(/listening/);
    expect(msg).toBe(`cacheismo 0.1.0 listening on 127.0.0.1:${server.port}, 128 MiB, 77 connections`);
    expect(level).toBe('info');
    expect(server.log.filter((line) => line.level === 'warn').map((line) => line.msg)).toEqual([
      '-f is unneeded: there are no slab classes to tune',
      '-o slab_automove is unneeded: there are no slab classes to tune',
    ]);
  });

  test('reads options from a file too', async () => {
    const file = join(directory, 'cache.yaml');
    writeFileSync(file, 'memory-limit: 16\nmax-item-size: 2m\n');
    await using server = await startPlain('--config', file);
    const socket = await connect(server.port);
    const settings = await ask(socket, 'stats settings\r\n', /END\r\n$/);
    expect(settings).toContain('STAT maxbytes 16777216\r\n');
    expect(settings).toContain('STAT item_size_max 2097152\r\n');
    expect(server.log.map(({ msg }) => msg)).toContain(`configuration file: ${file}`);
    socket.destroy();
  });

  test('on a Unix socket sets the access mask of its file', async () => {
    const path = join(directory, 'cache.sock');
    await using _server = await startPlain('-s', path, '-a', '770');
    expect(statSync(path).mode & 0o777).toBe(0o770);
    const socket = await connect(path);
    expect(await ask(socket, 'version\r\n', /\r\n$/)).toBe('VERSION 1.6.18-cacheismo-0.1.0\r\n');
    socket.destroy();
  });

  test('with the pretty log format logs one line without JSON', async () => {
    await using server = await startPlain('--log-format', 'pretty');
    expect((await server.logged(/listening/)).msg).toMatch(/^\[.*\] INFO: cacheismo 0.1.0 listening on /);
  });

  test('sets a verbosity that a client can change', async () => {
    await using server = await startPlain();
    const socket = await connect(server.port);
    expect(await ask(socket, 'verbosity 2\r\nstats settings\r\n', /END\r\n$/)).toContain('STAT verbosity 2\r\n');
    socket.destroy();
  });
});

describe('the end of a server', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGUSR1'] as const)('by %s is clean', async (signal) => {
    const pidFile = join(directory, 'pid');
    await using server = await startOnAllProcessors(['-P', pidFile]);
    expect(readFileSync(pidFile, 'utf8')).toBe(`${server.child.pid}\n`);
    server.child.kill(signal);
    expect(await server.ended).toBe(0);
    expect(existsSync(pidFile)).toBe(false);
  });

  test('with a thousand clients takes less than 5 seconds', async () => {
    await using server = await startOnAllProcessors();
    const sockets = await Promise.all(Array.from({ length: 1000 }, () => connect(server.port)));
    for (const socket of sockets) socket.resume().on('error', () => {});
    const startMs = performance.now();
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(5000);
    for (const socket of sockets) socket.destroy();
  });

  test('by a second signal is immediate, even if a client is not done', async () => {
    await using server = await startPlain();
    const socket = await stalledClient(server);
    server.child.kill('SIGTERM');
    await server.logged(/^stopping: SIGTERM/);
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(143);
    socket.destroy();
  });

  test('names the number of clients of all threads that are cut off in one line', async () => {
    await using server = await startPlain('-t', '2');
    const sockets = await Promise.all(Array.from({ length: 4 }, () => stalledClient(server)));
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    const lines = server.log.filter(({ msg }) => /cut off/.test(msg));
    expect(lines).toEqual([expect.objectContaining({ level: 'warn', connections: 4 })]);
    for (const socket of sockets) socket.destroy();
  });

  test('is not caused by SIGHUP', async () => {
    await using server = await startProcess();
    server.child.kill('SIGHUP');
    await server.logged(/^SIGHUP/);
    const socket = await connect(server.port);
    expect(await ask(socket, 'version\r\n', /\r\n$/)).toBe('VERSION 1.6.18-cacheismo-0.1.0\r\n');
    socket.destroy();
  });

  test.each(['shutdown', 'shutdown graceful'])('is caused by %s where that is allowed', async (command) => {
    await using server = await startPlain('-A');
    const socket = await connect(server.port);
    socket.write(`${command}\r\n`);
    expect(await server.ended).toBe(0);
    socket.destroy();
  });

  test('is not caused by shutdown where that is not allowed', async () => {
    await using server = await startPlain();
    const socket = await connect(server.port);
    expect(await ask(socket, 'shutdown\r\n', /\r\n$/)).toBe('SERVER_ERROR: shutdown not enabled\r\n');
    socket.destroy();
  });
});

/** A client that has sent half a value, which the server has received. */
async function stalledClient(server: ServerProcess): Promise<Socket> {
  const socket = await connect(server.port);
  await ask(socket, 'version\r\nset half 0 0 1000\r\nbeginning', /^VERSION/);
  return socket.on('error', () => {});
}
