// Data threads of the built server on an arena that the test can inspect.

import { pino } from 'pino';
import { loadConfig } from '../../../src/app/config/config.js';
import { DataPlane } from '../../../src/app/threads/data-plane.js';
import { makeThreadParts, type ThreadParts } from '../../../src/app/threads/thread-engine.js';
import { Arena } from '../../../src/arena/memory.js';
import { SYNC, syncCells } from '../../../src/arena/sync.js';
import { Lock } from '../../../src/base/lock.js';
import type { MetricId } from '../../../src/base/metrics.js';
import { METRICS_PER_THREAD } from '../../../src/base/metrics.js';
import type { Libc } from '../../../src/transport/epoll/libc.js';
import { listenOptionsOf } from '../../../src/transport/transport-options.js';

const ENTRY = new URL('../../../dist/bundle/data-thread-entry.cjs', import.meta.url);

export interface RunningPlane extends AsyncDisposable {
  readonly plane: DataPlane;
  readonly port: number;
  /** The main thread's view of the data. */
  readonly parts: ThreadParts;
  readonly fatal: Error[];
  /** Resolves with the first fatal error. */
  readonly failed: Promise<Error>;
  /** A counter's share in each thread's block, the main thread's first. */
  shares(metric: MetricId): number[];
  /** Runs work while no thread serves. */
  exclusively<T>(work: () => T): T;
}

export async function startPlane(libc: Libc, dataThreads: number, args: readonly string[]): Promise<RunningPlane> {
  const config = await loadConfig({ args: ['-p', '0', ...args], environment: {}, directory: '/' });
  if ('print' in config) throw new Error('printed instead');
  const arena = Arena.create({ limitBytes: config.memoryLimitBytes, threads: dataThreads + 1 });
  const parts = makeThreadParts(arena, 0, config);
  const lock = new Lock(syncCells(arena), SYNC.lock);
  const exclusively = <T>(work: () => T): T => {
    lock.acquire();
    try {
      return work();
    } finally {
      lock.release();
    }
  };
  const fatal: Error[] = [];
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  const plane = new DataPlane({
    libc,
    arena,
    settings: { config, transport: 'epoll', dataThreads },
    listen: listenOptionsOf(config.listeners, config.listenBacklog),
    log: pino({ level: 'silent' }),
    onShutdown: () => undefined,
    onFatal: (error) => {
      fatal.push(error as Error);
      fail(error as Error);
    },
    onVerbosity: () => undefined,
    onMemoryLimit: () => undefined,
    entry: ENTRY,
  });
  await plane.prepare();
  await plane.bind();
  const addresses = await plane.listen();
  return {
    plane,
    port: addresses.tcp[0]?.port ?? 0,
    parts,
    fatal,
    failed,
    shares: (metric) =>
      Array.from(
        { length: dataThreads + 1 },
        (_, thread) => arena.metricCells[thread * METRICS_PER_THREAD + metric] ?? 0,
      ),
    exclusively,
    [Symbol.asyncDispose]: () => plane.drain(2000),
  };
}
