// Starts built servers and nutcracker (twemproxy) in front of them, with a hash tag.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { freePort, untilListening } from '../memcached.js';
import { run } from './programs.js';

const NUTCRACKER = '/usr/sbin/nutcracker';

/** Follows the name of a test that cannot run. */
export const withoutNutcracker = existsSync(NUTCRACKER) ? '' : ' (skipped: nutcracker is not installed)';

export interface Pool {
  /** nutcracker's. */
  readonly port: number;
  readonly servers: readonly ServerProcess[];
  /** Starts a killed server again, on its port. */
  restart(index: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PoolSettings {
  readonly hash: string;
  readonly distribution: string;
  /** Lines of `servers`, with a port for each; the names are part of ketama's points. */
  readonly server: (port: number, index: number) => string;
}

const SERVERS = 3;
const SERVER_FLAGS = ['-m', '16'];

/** md5, since the 32 bits of nutcracker's fnv1a_64 put short tags that differ at their end next to each other. */
export const PLAIN_POOL: PoolSettings = {
  hash: 'md5',
  distribution: 'ketama',
  server: (port, index) => `127.0.0.1:${port}:1 cache${index}`,
};

export async function startServers(): Promise<ServerProcess[]> {
  return await Promise.all(Array.from({ length: SERVERS }, () => startProcess(SERVER_FLAGS)));
}

export async function startPool(settings: PoolSettings): Promise<Pool> {
  const servers = await startServers();
  const ports = servers.map(({ port }) => port);
  const proxy = await startProxy(ports, settings);
  const end = async (): Promise<void> => {
    proxy[Symbol.dispose]();
    await Promise.all(servers.map((each) => each[Symbol.asyncDispose]()));
  };
  const restart = async (index: number): Promise<void> => {
    servers[index] = await startProcess(['-p', String(ports[index]), ...SERVER_FLAGS]);
  };
  return { port: proxy.port, servers, restart, [Symbol.asyncDispose]: end };
}

/** Starts nutcracker in front of servers on these ports. */
export async function startProxy(ports: readonly number[], { hash, distribution, server }: PoolSettings) {
  const [port, statsPort] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'cacheismo-pool-'));
  const file = join(folder, 'nutcracker.yml');
  const lines = [
    'objects:',
    `  listen: 127.0.0.1:${port}`,
    `  hash: ${hash}`,
    '  hash_tag: "{}"',
    `  distribution: ${distribution}`,
    '  auto_eject_hosts: false',
    // A machine that runs other tests as well may be slow.
    '  timeout: 20000',
    '  server_retry_timeout: 100',
    '  server_failure_limit: 1',
    '  servers:',
    ...ports.map((each, index) => `   - ${server(each, index)}`),
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const places = ['-a', '127.0.0.1', '-s', String(statsPort), '-o', join(folder, 'log'), '-p', join(folder, 'pid')];
  const proxy: ChildProcess = spawn(NUTCRACKER, ['-c', file, ...places], { stdio: 'ignore' });
  await untilListening(port, proxy);
  const end = (): void => {
    proxy.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, [Symbol.dispose]: end };
}

/** nutcracker's own check of a configuration. */
export async function testConfiguration(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'cacheismo-pool-'));
  try {
    writeFileSync(join(folder, 'nutcracker.yml'), text);
    return await run(NUTCRACKER, ['-t', '-c', join(folder, 'nutcracker.yml')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
