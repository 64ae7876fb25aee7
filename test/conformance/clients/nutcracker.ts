// Starts built servers and nutcracker (twemproxy) in front of them, with a hash tag.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { freePort, untilListening } from '../memcached.js';

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

/** md5, since the 32 bits of nutcracker's fnv1a_64 put short tags that differ at their end next to each other. */
export const PLAIN_POOL: PoolSettings = {
  hash: 'md5',
  distribution: 'ketama',
  server: (port, index) => `127.0.0.1:${port}:1 cache${index}`,
};

export async function startPool({ hash, distribution, server }: PoolSettings): Promise<Pool> {
  const flags = ['-m', '16'];
  const servers = await Promise.all(Array.from({ length: SERVERS }, () => startProcess(flags)));
  const ports = servers.map(({ port }) => port);
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
    '  timeout: 2000',
    '  server_retry_timeout: 100',
    '  server_failure_limit: 1',
    '  servers:',
    ...ports.map((each, index) => `   - ${server(each, index)}`),
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const places = ['-a', '127.0.0.1', '-s', String(statsPort), '-o', join(folder, 'log'), '-p', join(folder, 'pid')];
  const proxy: ChildProcess = spawn(NUTCRACKER, ['-c', file, ...places], { stdio: 'ignore' });
  await untilListening(port, proxy);
  const end = async (): Promise<void> => {
    proxy.kill();
    await Promise.all(servers.map((each) => each[Symbol.asyncDispose]()));
    rmSync(folder, { recursive: true, force: true });
  };
  const restart = async (index: number): Promise<void> => {
    servers[index] = await startProcess(['-p', String(ports[index]), ...flags]);
  };
  return { port, servers, restart, [Symbol.asyncDispose]: end };
}
