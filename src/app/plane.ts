// Chooses how connections are served: in data threads (threads/data-plane.ts), or in the main thread by Node's sockets
// (threads/net-plane.ts).

import { systemDescriptorLimit } from '../transport/descriptors.js';
import { type Libc, loadLibc, shareHeap } from '../transport/epoll/libc.js';
import { loadOpenssl } from '../transport/tls/openssl.js';
import type { Config } from './config/config.js';
import { EXIT, StartError } from './start-error.js';
import { busyThreads, type Processors, usableProcessors } from './threads/processors.js';
import { MAX_DATA_THREADS } from './threads/thread-limits.js';
import type { ThreadSettings } from './threads/thread-settings.js';

/** Threads need some descriptors for themselves, and many simultaneously while they load their modules. */
const FEWEST_DESCRIPTORS = 256;

/** If the user asks for threads anyway: Node aborts when a thread finds none left. Measured: one thread starts with 33, two with 50. */
const DESCRIPTORS_PER_THREAD = 24;
const OTHER_DESCRIPTORS = 8;

export interface Plane extends ThreadSettings {
  /** Undefined if Node's sockets serve. */
  readonly libc: Libc | undefined;
  /** A line to log at the start. */
  readonly notices: readonly string[];
}

/** The library for data threads, or the reason why there are none. */
export async function findLibc(
  { tls, transport }: Config,
  descriptors = systemDescriptorLimit(),
): Promise<Libc | string> {
  if (transport === 'net') return 'not wanted';
  if (transport === 'auto' && descriptors < FEWEST_DESCRIPTORS) {
    return `the process may open only ${descriptors} files (ulimit -n)`;
  }
  // Node's own TLS needs promises and timers, which a thread that waits for the kernel does not run.
  if (tls !== undefined) {
    const openssl = await loadOpenssl();
    if (typeof openssl === 'string') return `TLS: ${openssl}`;
  }
  await shareHeap();
  return loadLibc();
}

/** `libc` comes from `findLibc`; `processors` is the number that the process may use, with the quota of its control group. */
export function choosePlane(
  config: Config,
  libc: Libc | string,
  processors: Processors | number = usableProcessors(),
  descriptors = systemDescriptorLimit(),
): Plane {
  const { threads, transport } = config;
  if (transport !== 'net' && typeof libc !== 'string') {
    // Threads beyond the processors would take turns on them: each request costs more, and none is served sooner.
    const { bound, quota } = typeof processors === 'number' ? { bound: processors, quota: processors } : processors;
    const most = Math.min(MAX_DATA_THREADS, busyThreads({ bound, quota }));
    const dataThreads = Math.min(threads ?? most, most);
    const reason =
      quota < bound
        ? `what a quota of ${quota.toFixed(1)} processors pays for`
        : most < bound
          ? 'more would only wait for each other'
          : 'one for each processor';
    const needed = OTHER_DESCRIPTORS + dataThreads * DESCRIPTORS_PER_THREAD;
    if (descriptors < needed) {
      const threadsText = dataThreads === 1 ? 'one thread' : `${dataThreads} threads`;
      throw new StartError(
        `--transport epoll: ${threadsText} need ${needed} files, and the process may open only ${descriptors} (ulimit -n)`,
        EXIT.osError,
      );
    }
    const fewer = `${threads} threads were asked for; ${dataThreads} serve, ${reason}`;
    return { config, transport: 'epoll', dataThreads, libc, notices: (threads ?? 0) > dataThreads ? [fewer] : [] };
  }
  if (transport === 'epoll') throw new StartError(`--transport epoll: ${libc}`);
  const notices =
    transport === 'auto'
      ? [`${libc}: one thread serves all connections by Node's own sockets`]
      : threads !== undefined && threads > 1
        ? [`${threads} threads were asked for; with the transport net one thread serves all connections`]
        : [];
  return { config, transport: 'net', dataThreads: 1, libc: undefined, notices };
}
