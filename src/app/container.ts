// Wires the parts together, once, at the start: every part gets what it needs through its constructor. Not used while requests are
// served.

import 'reflect-metadata';
import { instanceCachingFactory, container as root } from 'tsyringe';
import { Arena } from '../arena/memory.js';
import { Clock } from '../base/clock.js';
import { Metrics } from '../base/metrics.js';
import { Engine } from '../commands/engine.js';
import { Store } from '../store/store.js';
import { NetTransport } from '../transport/net-transport.js';
import type { Config } from './config.js';
import { type Log, openLog, setVerbosity } from './log.js';
import { Server, type ServerTransport } from './server.js';
import { EXIT, StartError } from './start-error.js';
import { serverRows, settingsRows } from './stat-rows.js';

/** The first data thread; the others attach to the arena. */
const THREAD = 0;

/** How long one client's batch may keep the others waiting. */
const RUN_BUDGET_MS = 10;

/** Names a part and, to the compiler alone, its type. */
type Token<T> = symbol & { readonly part?: T };

export const TOKENS = {
  config: Symbol('Config') as Token<Config>,
  log: Symbol('Log') as Token<Log>,
  arena: Symbol('Arena') as Token<Arena>,
  clock: Symbol('Clock') as Token<Clock>,
  metrics: Symbol('Metrics') as Token<Metrics>,
  store: Symbol('Store') as Token<Store>,
  engine: Symbol('Engine') as Token<Engine>,
  transport: Symbol('Transport') as Token<ServerTransport>,
  server: Symbol('Server') as Token<Server>,
} as const;

/** Gives the part of a token, made on first demand. */
type Give = <T>(token: Token<T>) => T;

export async function wire(config: Config): Promise<Give> {
  const container = root.createChildContainer();
  const give: Give = (token) => container.resolve(token);
  const provide = <T>(token: Token<T>, make: (give: Give) => T): void => {
    container.register<T>(token, { useFactory: instanceCachingFactory(() => make(give)) });
  };
  container.register(TOKENS.config, { useValue: config });
  container.register(TOKENS.log, {
    useValue: await openLog({ verbosity: config.verbosity, format: config.logFormat }),
  });
  provide(TOKENS.arena, makeArena);
  provide(TOKENS.clock, (give) => new Clock(give(TOKENS.arena).clockCells));
  provide(TOKENS.metrics, (give) => new Metrics(give(TOKENS.arena).metricCells, THREAD));
  provide(TOKENS.store, makeStore);
  provide(TOKENS.engine, makeEngine);
  provide(TOKENS.transport, makeTransport);
  provide(TOKENS.server, makeServer);
  return give;
}

function makeArena(give: Give): Arena {
  const { memoryLimitBytes } = give(TOKENS.config);
  try {
    return Arena.create({ limitBytes: memoryLimitBytes, threads: 1 });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const size = `${memoryLimitBytes / 1024 ** 2} MiB`;
    throw new StartError(`the system does not give ${size} of memory (-m)`, EXIT.osError, { cause: error });
  }
}

function makeStore(give: Give): Store {
  const { itemLimitBytes, evictionsAllowed } = give(TOKENS.config);
  const options = { itemLimitBytes, evictionsAllowed };
  return new Store(give(TOKENS.arena), give(TOKENS.clock), give(TOKENS.metrics), THREAD, options);
}

function makeEngine(give: Give): Engine {
  const config = give(TOKENS.config);
  const arena = give(TOKENS.arena);
  const log = give(TOKENS.log);
  let verbosity = config.verbosity;
  return new Engine({
    bytes: arena.bytes,
    ...arena.windows(THREAD),
    store: give(TOKENS.store),
    clock: give(TOKENS.clock),
    metrics: give(TOKENS.metrics),
    options: {
      version: config.version,
      casEnabled: config.casAllowed,
      flushEnabled: config.flushAllAllowed,
      shutdownEnabled: config.shutdownAllowed,
      debugCommands: config.debugCommandsAllowed,
      runBudgetMs: RUN_BUDGET_MS,
      settings: () => settingsRows(config, verbosity),
      serverStats: () => serverRows(config),
      connections: () => [],
      setVerbosity: (level) => {
        verbosity = level;
        setVerbosity(log, level);
      },
    },
  });
}

function makeTransport(give: Give): ServerTransport {
  const config = give(TOKENS.config);
  const arena = give(TOKENS.arena);
  const store = give(TOKENS.store);
  const { unixSocketPath: path, unixMask: mode } = config;
  const options = {
    memory: arena,
    spareOutputs: arena.windows(THREAD).spareOutputs,
    addresses: path === undefined ? config.listen : [],
    ...(path === undefined ? {} : { unixSocket: { path, mode } }),
    backlog: config.listenBacklog,
    maxConnections: config.connectionLimit,
    idleTimeoutSeconds: config.idleTimeoutSeconds,
    valueTimeoutSeconds: config.valueTimeoutSeconds,
    writeTimeoutSeconds: config.writeTimeoutSeconds,
    // The server is made after its transport, and asked for only when something happens.
    onShutdown: (graceful: boolean) => give(TOKENS.server).onShutdownCommand(graceful),
    onFatal: (error: unknown) => give(TOKENS.server).fail(error),
    onSecond: () => store.tick(),
  };
  return new NetTransport(give(TOKENS.engine), options, give(TOKENS.metrics), give(TOKENS.clock), give(TOKENS.log));
}

function makeServer(give: Give): Server {
  return new Server({
    config: give(TOKENS.config),
    log: give(TOKENS.log),
    transport: give(TOKENS.transport),
    exit: (code) => process.exit(code),
  });
}
