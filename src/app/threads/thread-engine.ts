// One thread's share of the server: clock, counters, store, operations and protocols on the shared arena. The same for the main thread and for
// data threads.

import type { Arena } from '../../arena/memory.js';
import { SYNC, syncCells } from '../../arena/sync.js';
import { Clock, type TimeSource } from '../../base/clock.js';
import { Metrics } from '../../base/metrics.js';
import type { Notes } from '../../base/notes.js';
import type { Observer } from '../../operations/observer.js';
import { DEFAULT_OPERATION_OPTIONS, type OperationOptions } from '../../operations/operation-options.js';
import { Operations } from '../../operations/operations.js';
import type { VirtualKeys } from '../../operations/virtual-keys.js';
import { BinaryProtocol } from '../../protocols/binary/binary-protocol.js';
import type { Protocol } from '../../protocols/protocol.js';
import { ProtocolShell } from '../../protocols/protocol-shell.js';
import { TextProtocol } from '../../protocols/text/text-protocol.js';
import type { Authenticator } from '../../security/authenticator.js';
import { Store } from '../../store/store.js';
// Every thread that shows counters has to know them.
import '../admin/admin-metrics.js';
import type { Config } from '../config/config.js';
import { watcherLagBytes } from '../config/options/command-options.js';
import { restoreRows } from '../restore-outcome.js';
import { hiddenStatistics, ownSettings, serverRows, settingsRows } from '../stat-rows.js';
import { ageSeconds, type RefreshableCertificates, tryRefresh } from './refreshable-certificates.js';
import type { ThreadSettings } from './thread-settings.js';

/** Clients choose features by the version's numbers; these are the numbers of the memcached that this server is compared with. */
const MEMCACHED_LEVEL = '1.6.18';

export interface ThreadParts {
  readonly arena: Arena;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly store: Store;
}

/** `time` replaces the clock of the system. */
export function makeThreadParts(arena: Arena, thread: number, config: Config, time?: TimeSource): ThreadParts {
  const clock = new Clock(arena.clockCells, time);
  const metrics = new Metrics(arena.metricCells, thread);
  const { itemLimitBytes, evictionsAllowed, pinnedLimit: retainedShare, requestsSampled } = config;
  return {
    arena,
    clock,
    metrics,
    store: new Store(arena, clock, metrics, thread, {
      itemLimitBytes,
      evictionsAllowed,
      retainedShare,
      requestsSampled,
    }),
  };
}

/** The protocols of a thread, which share the operations and the windows. */
export interface ThreadProtocols {
  readonly shell: ProtocolShell;
  readonly text: TextProtocol;
  readonly observer: Observer;
  readonly all: readonly Protocol[];
}

/** What clients change by commands, and the main thread has to know. */
export interface ClientChanges {
  readonly onVerbosity: (level: number) => void;
  readonly onMemoryLimit: OperationOptions['onMemoryLimit'];
}

export function makeThreadProtocols(
  { arena, clock, metrics, store }: ThreadParts,
  thread: number,
  settings: ThreadSettings,
  virtualKeys: VirtualKeys | undefined,
  changes: ClientChanges,
  notes: Notes,
  authenticator: Authenticator | undefined,
  certificates?: RefreshableCertificates,
  connections: OperationOptions['connections'] = () => [],
): ThreadProtocols {
  const { config } = settings;
  const cells = syncCells(arena);
  const { input, output, scratch } = arena.windows(thread);
  const operations: Operations = new Operations({
    bytes: arena.bytes,
    scratch,
    store,
    clock,
    metrics,
    ...(virtualKeys === undefined ? {} : { virtualKeys }),
    options: {
      version: `${MEMCACHED_LEVEL}-cacheismo-${config.version}`,
      casEnabled: config.casAllowed,
      flushEnabled: config.flushAllAllowed,
      shutdownEnabled: config.shutdownAllowed,
      watchEnabled: config.watchAllowed,
      watcherLagBytes:
        watcherLagBytes(config.watcherLogBytes, config.workerLogBytes, settings.dataThreads) ??
        DEFAULT_OPERATION_OPTIONS.watcherLagBytes,
      dumpEnabled: config.dumpingAllowed,
      requestsSampled: config.requestsSampled,
      debugCommands: config.debugCommandsAllowed,
      runBudgetMs: DEFAULT_OPERATION_OPTIONS.runBudgetMs,
      settings: () => {
        const verbosity = ['verbosity', Atomics.load(cells, SYNC.verbosity)] as const;
        const limit = ['maxbytes', store.limitBytes] as const;
        const detail = ['detail_enabled', operations.observer.countsPrefixes ? 'yes' : 'no'] as const;
        return settingsRows(settings, new Map([limit, verbosity, detail, ...operations.switches.rows()]));
      },
      serverStats: () =>
        serverRows(
          settings,
          Atomics.load(cells, SYNC.droppedLogLines),
          ageSeconds(certificates),
          config.memoryFile === undefined ? [] : restoreRows(cells),
        ),
      ownSettings: (topic) => ownSettings(settings, topic),
      hiddenStatistics: hiddenStatistics(settings),
      prefixDelimiter: config.prefixDelimiter,
      prefixesCounted: config.prefixesCounted,
      sizesTracked: config.withoutEffect.track_sizes === 'yes',
      connections,
      setVerbosity: (level) => {
        Atomics.store(cells, SYNC.verbosity, level);
        changes.onVerbosity(level);
      },
      onMemoryLimit: changes.onMemoryLimit,
      ...(certificates === undefined ? {} : { refreshCertificates: () => tryRefresh(certificates) }),
      notes,
    },
  });
  const shell = new ProtocolShell(operations, { input, output });
  const text = new TextProtocol(shell, authenticator);
  return { shell, text, observer: operations.observer, all: [new BinaryProtocol(shell, authenticator), text] };
}
