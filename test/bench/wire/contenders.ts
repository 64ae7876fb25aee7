// The servers of a comparison: each kind with each number of threads. Their flags: host/servers.ts.

import { type IdleConnections, openIdle } from '../host/idle-connections.js';
import type { Pinning } from '../host/processors.js';
import {
  memcachedPeer,
  OURS,
  OURS_IN_BINARY,
  ownServer,
  ownServerInBinary,
  type RunningServer,
  redisPeer,
  type ServerKind,
  startServer,
} from '../host/servers.js';
import type { WireOptions } from './options.js';

export const SECOND_MEMCACHED = 'memcached-2';

export interface Contender {
  readonly name: string;
  readonly threads: number;
  readonly server: RunningServer;
}

export type ServerChoice = Pick<WireOptions, 'serverFlags' | 'memcachedPath' | 'servers'>;

export function findServers(choice: ServerChoice): ServerKind[] {
  const candidates: [string, ServerKind | undefined][] = [
    [OURS, ownServer(choice.serverFlags)],
    ['memcached', memcachedPeer('memcached', 'memcached')],
    ['redis', redisPeer('redis-server', 'redis')],
  ];
  // Only useful in comparison with ours, so it is off by default.
  if (choice.servers?.includes(OURS_IN_BINARY) === true) {
    candidates.push([OURS_IN_BINARY, ownServerInBinary(choice.serverFlags)]);
  }
  if (choice.memcachedPath !== undefined) {
    candidates.push([SECOND_MEMCACHED, memcachedPeer(choice.memcachedPath, SECOND_MEMCACHED)]);
  }
  return candidates.flatMap(([name, kind]) => {
    if (choice.servers !== undefined && !choice.servers.includes(name)) return [];
    if (kind !== undefined) return [kind];
    console.log(name === OURS ? `${OURS} is not built: run npm run build` : `${name} is not installed: left out`);
    return [];
  });
}

export function findContender(
  contenders: readonly Contender[],
  kindName: string,
  threads: number,
): Contender | undefined {
  return contenders.find((contender) => contender.server.kind.name === kindName && contender.threads === threads);
}

export interface ContenderOptions {
  readonly threads: readonly number[];
  readonly memoryMegabytes: number;
  readonly pinning: Pinning;
  readonly connections: number;
  readonly idleConnections: number;
}

/** Starts all, calls `use`, and stops them even if it throws. */
export async function withContenders<T>(
  kinds: readonly ServerKind[],
  options: ContenderOptions,
  use: (contenders: readonly Contender[]) => Promise<T>,
): Promise<T> {
  const contenders: Contender[] = [];
  const idle: IdleConnections[] = [];
  const connections = options.connections + options.idleConnections;
  try {
    for (const threads of options.threads) {
      for (const kind of kinds) {
        if (threads > 1 && kind.threadsSpin && options.pinning.isShared) {
          console.log(`${kind.name} with ${threads} threads is left out: it needs processors of its own`);
          continue;
        }
        const { memoryMegabytes, pinning } = options;
        const processors = pinning.server;
        const server = await startServer(kind, { memoryMegabytes, processors, threads, connections });
        const name = options.threads.length > 1 ? `${kind.name} -t ${threads}` : kind.name;
        contenders.push({ name, threads, server });
        if (options.idleConnections > 0) idle.push(await openIdle(server.port, options.idleConnections));
      }
    }
    return await use(contenders);
  } finally {
    for (const connectionsOfOne of idle) connectionsOfOne.close();
    for (const { server } of contenders) await server.stop();
  }
}
