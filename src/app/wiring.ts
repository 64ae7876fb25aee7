// Wires the parts of the main thread together, once, at the start: every part gets what it needs through its constructor. Not used
// while requests are served, nor by data threads, which wire themselves.

import 'reflect-metadata';
import { instanceCachingFactory, container as root } from 'tsyringe';
import type { Arena } from '../arena/memory.js';
import { SYNC, syncCells } from '../arena/sync.js';
import { type Activity, type ActivityCells, makeActivityCells } from '../base/activity.js';
import type { ScriptLoader } from '../languages/lua/host/load-script.js';
import { makeFailureMemory } from '../objects/calls/failure-ring.js';
import { warmUp } from '../protocols/text/warm-up-requests.js';
import type { TypeThreads } from '../reload/staged-types.js';
import { listenOptionsOf } from '../transport/transport-options.js';
import { LogMemory } from './admin/log-memory.js';
import { openAdminPort } from './admin/open-admin.js';
import type { Config } from './config/config.js';
import { endWithLog } from './ending.js';
import { type LockFile, loadFileLock } from './file-lock.js';
import { startNotices } from './group-memory.js';
import { logLateError, printToLog } from './late-work.js';
import { LimitChanges } from './limit-changes.js';
import { type Log, openLog, setVerbosity } from './log.js';
import { LogWriter } from './log-writer.js';
import { returnPages } from './memory-return.js';
import { makeActivity, makeNetPlane } from './net-serving.js';
import { ObjectPlane } from './object-plane.js';
import { choosePlane, findLibc, type Plane } from './plane.js';
import { Server, type ServerTransport } from './server.js';
import { makeServerArena } from './server-arena.js';
import { EXIT, StartError } from './start-error.js';
import { takeLimits } from './system-limits.js';
import { DataPlane } from './threads/data-plane.js';
import type { NetPlane } from './threads/net-plane.js';
import { asOwnClient } from './threads/own-client.js';
import { loadCertificates, type PlaneCertificates } from './threads/plane-certificates.js';
import { laterCertificates } from './threads/refreshable-certificates.js';
import {
  type ClientChanges,
  makeThreadParts,
  makeThreadProtocols,
  type ThreadParts,
  type ThreadProtocols,
} from './threads/thread-engine.js';
import { ThreadNotes } from './threads/thread-notes.js';
import { makeThreadObjects, type ThreadObjects } from './threads/thread-objects.js';
import { Users } from './users.js';
import { WarmRestart } from './warm-restart.js';

/** The main thread's number; data threads attach to the arena with the following numbers. */
const THREAD = 0;

/** Names a part and, to the compiler alone, its type. */
type Token<T> = symbol & { readonly part?: T };

export const TOKENS = {
  config: Symbol('Config') as Token<Config>,
  log: Symbol('Log') as Token<Log>,
  logWriter: Symbol('LogWriter') as Token<LogWriter>,
  /** Only with an admin interface. */
  logMemory: Symbol('LogMemory') as Token<LogMemory | undefined>,
  plane: Symbol('Plane') as Token<Plane>,
  arena: Symbol('Arena') as Token<Arena>,
  /** Hooks of the main thread, if it serves itself. */
  activity: Symbol('Activity') as Token<Activity>,
  activityCells: Symbol('ActivityCells') as Token<ActivityCells>,
  parts: Symbol('ThreadParts') as Token<ThreadParts>,
  /** The main thread's objects; undefined if data threads have their own, and without objects. */
  threadObjects: Symbol('ThreadObjects') as Token<ThreadObjects | undefined>,
  /** For the main thread's clients, if it serves itself. */
  notes: Symbol('Notes') as Token<ThreadNotes>,
  /** Undefined if clients do not have to log in. */
  users: Symbol('Users') as Token<Users | undefined>,
  protocols: Symbol('ThreadProtocols') as Token<ThreadProtocols>,
  transport: Symbol('Transport') as Token<ServerTransport & TypeThreads>,
  objects: Symbol('Objects') as Token<ObjectPlane | undefined>,
  limitChanges: Symbol('LimitChanges') as Token<LimitChanges>,
  /** Undefined without -e. */
  restart: Symbol('WarmRestart') as Token<WarmRestart | undefined>,
  server: Symbol('Server') as Token<Server>,
} as const;

/** Returns the part of a token; creates it on first use. */
type Give = <T>(token: Token<T>) => T;

export async function wire(config: Config): Promise<Give> {
  const container = root.createChildContainer();
  const give: Give = (token) => container.resolve(token);
  const provide = <T>(token: Token<T>, make: (give: Give) => T): void => {
    container.register<T>(token, { useFactory: instanceCachingFactory(() => make(give)) });
  };
  container.register(TOKENS.config, { useValue: config });
  container.register(TOKENS.plane, { useValue: choosePlane(config, await findLibc(config)) });
  provide(TOKENS.logWriter, makeLogWriter);
  const { adminPort, logFormat: format, verbosity } = config;
  provide(TOKENS.logMemory, () => (adminPort === undefined ? undefined : new LogMemory()));
  container.register(TOKENS.log, {
    useValue: await openLog({ verbosity, format }, give(TOKENS.logWriter), give(TOKENS.logMemory)),
  });
  provide(TOKENS.arena, (give) => makeServerArena(config, give(TOKENS.plane)));
  provide(TOKENS.users, () => (config.userFile === undefined ? undefined : new Users(config.userFile)));
  provide(TOKENS.activityCells, makeActivityCells);
  provide(TOKENS.activity, (give) => makeActivity(give(TOKENS.activityCells), give(TOKENS.parts).clock));
  const lockFile = config.memoryFile === undefined ? undefined : await loadFileLock();
  provide(TOKENS.restart, (give) => makeRestart(give, lockFile));
  provide(TOKENS.parts, makeParts);
  const servesHere = give(TOKENS.plane).libc === undefined;
  const scripts = servesHere && config.objectsAllowed ? await loadScriptLoader(config) : undefined;
  provide(TOKENS.threadObjects, (give) => makeOwnObjects(give, scripts));
  provide(TOKENS.notes, makeNotes);
  provide(TOKENS.protocols, makeProtocols);
  const certificates = servesHere ? undefined : await loadCertificates(config);
  provide(TOKENS.transport, (give) => (servesHere ? makeNetTransport(give) : makeDataPlane(give, certificates)));
  provide(TOKENS.objects, makeObjectPlane);
  provide(TOKENS.limitChanges, makeLimitChanges);
  provide(TOKENS.server, makeServer);
  return give;
}

function makeRestart(give: Give, lockFile: LockFile | undefined): WarmRestart | undefined {
  const config = give(TOKENS.config);
  const { memoryFile: path } = config;
  if (path === undefined) return undefined;
  const arena = give(TOKENS.arena);
  const { libc } = give(TOKENS.plane);
  if (libc !== undefined && !config.memoryLocked) returnPages(libc, arena);
  return new WarmRestart({ path, arena, options: config, log: give(TOKENS.log), lockFile });
}

/** The first store on an arena lays it out, unless a memory file has. */
function makeParts(give: Give): ThreadParts {
  const [config, restart] = [give(TOKENS.config), give(TOKENS.restart)];
  restart?.restore();
  const parts = makeThreadParts(give(TOKENS.arena), THREAD, config);
  if (!config.objectsAllowed) restart?.demandPlainValues(parts);
  return parts;
}

const STANDARD_ERROR = 2;

function makeLogWriter(give: Give): LogWriter {
  return new LogWriter({
    descriptor: STANDARD_ERROR,
    onDropped: (lines) => Atomics.add(syncCells(give(TOKENS.arena)), SYNC.droppedLogLines, lines),
    onRecovered: (lines, reason) => give(TOKENS.log).warn(`${lines} lines of the log were lost: ${reason}`),
  });
}

/** Loads Lua, which takes some megabytes, only if it is needed. */
async function loadScriptLoader({ typeMemoryBytes }: Config): Promise<ScriptLoader> {
  const { ScriptLoader } = await import('../languages/lua/host/load-script.js');
  return new ScriptLoader(typeMemoryBytes);
}

function makeNotes(give: Give): ThreadNotes {
  const log = give(TOKENS.log);
  const { arena, metrics } = give(TOKENS.parts);
  return new ThreadNotes(arena, metrics, THREAD, (level, message) => log[level](message));
}

function makeProtocols(give: Give): ThreadProtocols {
  const objects = give(TOKENS.threadObjects);
  const changes: ClientChanges = {
    onVerbosity: (level) => setVerbosity(give(TOKENS.log), level),
    onMemoryLimit: (change) => give(TOKENS.limitChanges).onChange(change),
  };
  const parts = give(TOKENS.parts);
  const { config } = give(TOKENS.plane);
  const authenticator = give(TOKENS.users)?.authenticator;
  const protocols = makeThreadProtocols(
    parts,
    THREAD,
    give(TOKENS.plane),
    objects?.keys,
    changes,
    give(TOKENS.notes),
    authenticator,
    config.tls && laterCertificates(() => give(TOKENS.transport).certificates),
    (asking) => give(TOKENS.transport).connectionRows?.(asking) ?? [],
  );
  asOwnClient(give(TOKENS.notes), authenticator, () => {
    objects?.warmUp();
    warmUp(protocols.text, protocols.shell);
  });
  return protocols;
}

function makeOwnObjects(give: Give, scripts: ScriptLoader | undefined): ThreadObjects | undefined {
  if (scripts === undefined) return undefined;
  const log = give(TOKENS.log);
  const write = (level: 'info' | 'warn', message: string) => log[level](message);
  return makeThreadObjects(give(TOKENS.parts), THREAD, give(TOKENS.config), scripts, {
    log: write,
    activity: give(TOKENS.activity),
    failures: makeFailureMemory(),
  });
}

/** Loads types into the threads that serve requests. */
function makeObjectPlane(give: Give): ObjectPlane | undefined {
  const config = give(TOKENS.config);
  if (!config.objectsAllowed) return undefined;
  return new ObjectPlane(config, give(TOKENS.transport), give(TOKENS.log));
}

function makeNetTransport(give: Give): NetPlane {
  return makeNetPlane({
    config: give(TOKENS.config),
    log: give(TOKENS.log),
    parts: give(TOKENS.parts),
    protocols: give(TOKENS.protocols),
    objects: give(TOKENS.threadObjects),
    activity: give(TOKENS.activity),
    cells: give(TOKENS.activityCells),
    notes: give(TOKENS.notes),
    ...endings(give),
  });
}

function makeDataPlane(give: Give, certificates: PlaneCertificates | undefined): DataPlane {
  const log = give(TOKENS.log);
  const plane = give(TOKENS.plane);
  const { libc } = plane;
  // The first store on an arena lays it out, so it must be created before those of the data threads.
  const { arena } = give(TOKENS.parts);
  if (libc === undefined) throw new StartError('data threads need the C library', EXIT.software);
  const { config, transport, dataThreads } = plane;
  return new DataPlane({
    libc,
    arena,
    log,
    settings: { config, transport, dataThreads },
    listen: listenOptionsOf(config.listeners, config.listenBacklog),
    ...endings(give),
    onVerbosity: (level) => setVerbosity(log, level),
    onMemoryLimit: (change) => give(TOKENS.limitChanges).onChange(change),
    ...(certificates === undefined ? {} : { certificates }),
    users: give(TOKENS.users),
    fileOfType: (type) => give(TOKENS.objects)?.catalogue?.find(type)?.file,
  });
}

/** The server is made after its transport, and looked up only when an event occurs. */
function endings(give: Give) {
  return {
    onShutdown: (graceful: boolean) => give(TOKENS.server).onShutdownCommand(graceful),
    onFatal: (error: unknown) => give(TOKENS.server).fail(error),
  };
}

function makeLimitChanges(give: Give): LimitChanges {
  const { metrics, store } = give(TOKENS.parts);
  const slice = () => give(TOKENS.transport).ask({ kind: 'giveUpMemory' });
  return new LimitChanges({ log: give(TOKENS.log), metrics, store, slice });
}

function makeDataKeeping(give: Give) {
  const restart = give(TOKENS.restart);
  if (restart === undefined) return undefined;
  return {
    claim: () => restart.claim(),
    confirm: () => {
      restart.confirm();
      give(TOKENS.limitChanges).resume();
    },
    giveBack: () => restart.giveBack(),
    save: (isAtRest: boolean) => restart.save(isAtRest),
  };
}

function makeServer(give: Give): Server {
  const config = give(TOKENS.config);
  const transport = give(TOKENS.transport);
  const objects = give(TOKENS.objects);
  const own = give(TOKENS.threadObjects);
  if (own !== undefined) printToLog(own.late);
  return new Server({
    config: { ...config, notices: startNotices(config, give(TOKENS.plane)) },
    log: give(TOKENS.log),
    transport,
    users: give(TOKENS.users),
    ...(objects === undefined ? {} : { objects }),
    openAdmin: (state) =>
      openAdminPort(
        { settings: config, objects, state, transport, metrics: give(TOKENS.parts).metrics, log: give(TOKENS.log) },
        give(TOKENS.logMemory),
      ),
    ...(own === undefined ? {} : { isLateError: (error: unknown) => logLateError(error, own.late) }),
    restart: makeDataKeeping(give),
    takeLimits: () => takeLimits(config, give(TOKENS.arena).buffer, give(TOKENS.log)),
    exit: (code) => {
      transport.stop();
      endWithLog(give(TOKENS.logWriter), code, give(TOKENS.plane).libc).catch(() => process.exit(code));
    },
  });
}
