// Starts and stops the servers that are compared: ours and each peer that is installed. Knows their flags.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Protocol } from '../load/plan.js';
import { pinned } from './processors.js';

export interface ServerKind {
  readonly name: string;
  /** The name with its version, for the report. */
  readonly title: string;
  readonly protocol: Protocol;
  readonly command: string;
  /** Its other threads spin while they wait, so that it cannot share processors. */
  readonly threadsSpin?: boolean;
  arguments(options: ServerOptions, port: number): string[];
}

export interface ServerOptions {
  readonly threads: number;
  readonly memoryMegabytes: number;
  readonly processors: string | undefined;
  /** The number of connections open at a time; the server's limit is set somewhat higher. */
  readonly connections?: number;
}

export interface RunningServer {
  readonly kind: ServerKind;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export const OURS = 'cacheismo';
export const OURS_IN_BINARY = 'cacheismo-binary';

/** The folder with the project's package.json, from the compiled benchmark or from its source. */
export function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export function ownServer(extraFlags: readonly string[]): ServerKind | undefined {
  const entry = join(projectFolder(), 'dist', 'bundle', 'cli.js');
  if (!existsSync(entry)) return undefined;
  return {
    name: OURS,
    title: `cacheismo${extraFlags.length > 0 ? ` (${extraFlags.join(' ')})` : ''} on Node ${process.versions.node}`,
    protocol: 'memcached',
    command: process.execPath,
    arguments: (options, port) => [entry, ...memcachedFlags(options, port), ...extraFlags],
  };
}

/** The same server with clients of the binary protocol. */
export function ownServerInBinary(extraFlags: readonly string[]): ServerKind | undefined {
  const kind = ownServer(extraFlags);
  return kind && { ...kind, name: OURS_IN_BINARY, title: `${kind.title}, binary protocol`, protocol: 'binary' };
}

export function memcachedPeer(command: string, name: string): ServerKind | undefined {
  const version = spawnSync(command, ['-V'], { encoding: 'latin1' });
  if (version.error !== undefined) return undefined;
  return {
    name,
    title: version.stdout.trim() || name,
    protocol: 'memcached',
    command,
    arguments: (options, port) => [...memcachedFlags(options, port), '-u', 'nobody'],
  };
}

/** Flags that memcached and our server share. */
function memcachedFlags({ threads, memoryMegabytes, connections }: ServerOptions, port: number): string[] {
  const place = ['-p', `${port}`, '-l', '127.0.0.1', '-U', '0'];
  return [...place, '-m', `${memoryMegabytes}`, '-t', `${threads}`, '-c', `${connectionLimit(connections)}`];
}

const FEWEST_CONNECTIONS = 1024;
const SPARE_CONNECTIONS = 64;

function connectionLimit(connections = 0): number {
  return Math.max(FEWEST_CONNECTIONS, connections + SPARE_CONNECTIONS);
}

export function redisPeer(command: string, name: string): ServerKind | undefined {
  const version = spawnSync(command, ['--version'], { encoding: 'latin1' });
  if (version.error !== undefined) return undefined;
  return {
    name,
    title: /Redis server v=\S+/.exec(version.stdout)?.[0] ?? name,
    protocol: 'redis',
    command,
    threadsSpin: true,
    arguments: ({ threads, connections }, port) => [
      ...['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--loglevel', 'warning'],
      ...['--maxclients', `${connectionLimit(connections)}`],
      ...(threads > 1 ? ['--io-threads', `${threads}`, '--io-threads-do-reads', 'yes'] : []),
    ],
  };
}

const START_MILLISECONDS = 15_000;
const STOP_MILLISECONDS = 5_000;
const LAST_WORDS = 2000;

export async function startServer(kind: ServerKind, options: ServerOptions): Promise<RunningServer> {
  const port = await freePort();
  const [command, args] = pinned(options.processors, kind.command, kind.arguments(options, port));
  // The project's folder, where our server finds the object types that ship.
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: projectFolder() });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString('latin1')).slice(-LAST_WORDS);
  });
  const deadline = Date.now() + START_MILLISECONDS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${kind.name} did not start on port ${port}: ${said.trim()}`);
    }
    await pause(50);
  }
  // taskset becomes the server by exec, so the process id is the server's own.
  return { kind, port, pid: child.pid as number, stop: () => stopChild(child) };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS);
  await ended;
  clearTimeout(timer);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
