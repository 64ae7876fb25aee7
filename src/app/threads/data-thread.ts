// A data thread: the protocols and one epoll transport on the shared arena. It never leaves epoll_wait, so promises and timers do not
// run here; the main thread wakes it to send it a message. Configuration, log and signals belong to the main thread.

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Arena } from '../../arena/memory.js';
import { SYNC, syncCells } from '../../arena/sync.js';
import { Activity, WATCHER_REQUEST } from '../../base/activity.js';
import { assert } from '../../base/assert.js';
import { BrokenLockError, Lock } from '../../base/lock.js';
import { ownTask } from '../../base/task-state.js';
import { ScriptLoader } from '../../languages/lua/host/load-script.js';
import { warmUpRequests } from '../../protocols/text/warm-up-requests.js';
import { StagedTypes } from '../../reload/staged-types.js';
import { ThreadAuthenticator } from '../../security/thread-authenticator.js';
import { ConnectionShares } from '../../transport/connection-shares.js';
import type { EpollListener } from '../../transport/epoll/acceptor.js';
import { EpollTransport } from '../../transport/epoll/epoll-transport.js';
import { type Libc, loadLibc } from '../../transport/epoll/libc.js';
import { PeerAddresses } from '../../transport/epoll/peer-addresses.js';
import { SocketRows } from '../../transport/epoll/socket-rows.js';
import { serveOwnClient } from '../../transport/epoll/warm-up.js';
import { LockedEngine } from '../../transport/locked-engine.js';
import { Certificates } from '../../transport/tls/certificates.js';
import { loadOpenssl, type Openssl } from '../../transport/tls/openssl.js';
import { TlsChannels } from '../../transport/tls/tls-channel.js';
import type { TransportLog } from '../../transport/transport-options.js';
import { DebugCheck } from '../debug-check.js';
import { logLateError, printToLog } from '../late-work.js';
import { returnPages } from '../memory-return.js';
import { DeferredWork } from './deferred-work.js';
import { ObservedConnections } from './observed-connections.js';
import { asOwnClient } from './own-client.js';
import type { AskMessage } from './questions.js';
import { ThreadAnswers } from './thread-answers.js';
import { ThreadClock } from './thread-clock.js';
import { type ClientChanges, makeThreadParts, makeThreadProtocols } from './thread-engine.js';
import { FIRST_DATA_THREAD } from './thread-limits.js';
import type { DataThreadStart, FromDataThread, LogLevel, ToDataThread } from './thread-messages.js';
import { ThreadNotes } from './thread-notes.js';
import { makeThreadObjects, type ThreadObjects } from './thread-objects.js';
import { HELD_SHARE } from './thread-settings.js';
import { ThreadTypes } from './thread-types.js';

class DataThread {
  private readonly types: ThreadTypes;
  private readonly activity: Activity;
  private readonly transport: EpollTransport;
  private readonly authenticator: ThreadAuthenticator | undefined;
  private readonly answers: ThreadAnswers;
  #isServing = false;
  #hasFailed = false;

  constructor(
    private readonly port: MessagePort,
    libc: Libc,
    openssl: Openssl | undefined,
    start: DataThreadStart,
  ) {
    const { thread, settings } = start;
    const { config } = settings;
    const arena = new Arena(start.arena);
    const base = libc.addressOf(arena.bytes);
    arena.systemCopy = (from, to, length) => libc.copyMemory(base + to, base + from, length);
    if (!config.memoryLocked) returnPages(libc, arena);
    const parts = makeThreadParts(arena, thread, config);
    const cells = syncCells(arena);
    const log = (level: LogLevel, message: string) => this.#tell({ kind: 'log', level, details: {}, message });
    const lock = new Lock(cells, SYNC.lock);
    this.activity = new Activity(start.activity, thread, (request) => {
      parts.clock.refresh();
      if (request === WATCHER_REQUEST.wakeWatcher) this.#tell({ kind: 'active' });
    });
    this.activity.setTask(ownTask());
    const { activity } = this;
    const makeObjects = () => {
      const scripts = new ScriptLoader(config.typeMemoryBytes);
      return makeThreadObjects(parts, thread, config, scripts, { log, activity, failures: start.failures });
    };
    const objects = config.objectsAllowed ? lock.hold(makeObjects) : undefined;
    if (objects !== undefined) this.#hearLateWork(objects);
    const staged = objects && new StagedTypes(objects.registry, objects.scripts, activity);
    this.types = new ThreadTypes(cells, lock, staged);
    const notes = new ThreadNotes(arena, parts.metrics, thread, log);
    const changes: ClientChanges = {
      onVerbosity: (level) => this.#tell({ kind: 'verbosity', level }),
      onMemoryLimit: (change) => this.#tell({ kind: 'memoryLimit', change }),
    };
    const certificates = certificatesOf(openssl, start);
    const refreshable = certificates && {
      get loadedAtMs() {
        return certificates.loadedAtMs;
      },
      refresh: () => this.#tell({ kind: 'replacedCertificates', context: certificates.load() }),
    };
    const { keys } = objects ?? {};
    const authenticator =
      start.users &&
      new ThreadAuthenticator(start.users, (question) => this.#tell({ kind: 'checkPassword', question }));
    this.authenticator = authenticator;
    const addresses = new PeerAddresses(libc, start.peerCells);
    const sockets = new SocketRows(libc, addresses, parts.clock);
    const protocols = makeThreadProtocols(
      parts,
      thread,
      settings,
      keys,
      changes,
      notes,
      authenticator,
      refreshable,
      (asking) => sockets.rows(asking),
    );
    const locked = new LockedEngine(protocols.shell, protocols.all, lock, this.types, activity);
    const { operations } = protocols.shell;
    this.answers = new ThreadAnswers({ operations, objects, engine: locked, watch: this.types });
    // One of the threads checks the arena that all of them share.
    const check = new DebugCheck(parts.store, parts.clock, thread === FIRST_DATA_THREAD ? config.debugCheckSeconds : 0);
    const clock = new ThreadClock(parts.clock, locked);
    const options = {
      memory: arena,
      spareOutputs: arena.windows(thread).spareOutputs,
      maxConnections: config.connectionLimit,
      waitsWhenFull: config.waitsWhenFull,
      idleTimeoutSeconds: config.idleTimeoutSeconds,
      valueTimeoutSeconds: config.valueTimeoutSeconds,
      writeTimeoutSeconds: config.writeTimeoutSeconds,
      get heldLimitBytes() {
        return arena.limitBytes / HELD_SHARE / settings.dataThreads;
      },
      onShutdown: (graceful: boolean) => this.#tell({ kind: 'shutdown', graceful }),
      onFatal: (error: unknown) => this.fail(error),
      onSecond: () => {
        locked.exclusively(() => {
          parts.store.tick();
          check.onSecond();
          objects?.onSecond();
        });
        objects?.flushLog();
        notes.everySecond();
      },
      notes,
      onCuts: (connections: number) => this.#tell({ kind: 'cuts', connections }),
      watch: new ObservedConnections(protocols.observer, locked),
      deferredWork: new DeferredWork(activity, protocols.text.watchers),
      onIdle: () => locked.exclusively(() => parts.store.reclaimSlice() || check.slice()),
      onWake: () => this.#readMessages(),
      libc,
      epoll: start.epoll,
      wake: start.wake,
      thread,
      shares: new ConnectionShares(start.shares),
      addresses,
      peers: start.peers,
      ...(certificates === undefined ? {} : { tlsChannels: new TlsChannels(libc, certificates) }),
    };
    this.transport = new EpollTransport(locked, options, parts.metrics, clock, this.#log());
    const counted = parts.metrics.snapshot();
    // Before any thread accepts clients: the warm-up's own client would count as one, and its counts could not be separated from theirs.
    asOwnClient(notes, authenticator, () => {
      serveOwnClient(this.transport, warmUpRequests(parts.store.itemCount));
      if (objects !== undefined) lock.hold(objects.warmUp);
    });
    parts.metrics.restore(counted);
    parts.store.curve.resetCounts();
  }

  /** Errors of types outside of their calls, and their output. */
  #hearLateWork({ late }: ThreadObjects): void {
    const hear = (error: unknown) => {
      if (!logLateError(error, late)) this.fail(error);
    };
    process.on('unhandledRejection', hear);
    process.on('uncaughtException', hear);
    printToLog(late);
  }

  /** Until it serves, the thread is an ordinary one that receives messages as events. */
  start(): void {
    this.port.on('message', (message: ToDataThread) => this.#take(message));
    this.#tell({ kind: 'ready' });
  }

  /** The main thread ends the process; this thread must not exit before that. */
  fail(error: unknown): void {
    this.#hasFailed = true;
    // The failing thread has already reported the error.
    if (error instanceof BrokenLockError) return;
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    this.#tell({ kind: 'fatal', message, stack });
  }

  #readMessages(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.port) as { message: ToDataThread } | undefined;
      if (received === undefined) return;
      this.#take(received.message);
    }
  }

  #take(message: ToDataThread): void {
    if (message.kind === 'serve') this.#serve(message.listeners, message.accepts);
    else if (message.kind === 'types') this.#tell(this.types.prepare(message.version, message.changes));
    else if (message.kind === 'abortTypes') this.types.abort(message.version);
    else if (message.kind === 'passCertificates') this.#tell(message);
    else if (message.kind === 'ask') this.#answer(message);
    else if (message.kind === 'users') this.authenticator?.replace(message.known);
    else if (message.kind === 'passwordChecked') this.authenticator?.decide(message.question, message.isRight);
    else if (message.kind === 'drain') this.#end((transport) => transport.drain(message.timeoutMs, () => undefined));
    else this.#end((transport) => transport.stop());
  }

  #answer({ number, question }: AskMessage): void {
    this.#tell({ kind: 'answer', number, answer: this.answers.answer(question) });
  }

  /** Does not return before the server ends. */
  #serve(listeners: readonly EpollListener[], accepts: boolean): void {
    this.#isServing = true;
    try {
      this.transport.listen(listeners, accepts);
      this.transport.run();
    } catch (error) {
      this.fail(error);
    }
    if (!this.#hasFailed) this.port.close();
  }

  #end(how: (transport: EpollTransport) => void): void {
    if (!this.#isServing || this.#hasFailed) this.port.close();
    else how(this.transport);
  }

  #log(): TransportLog {
    const note = (level: LogLevel) => (details: object, message: string) =>
      this.#tell({ kind: 'log', level, details, message });
    return { info: note('info'), warn: note('warn'), error: note('error') };
  }

  #tell(message: FromDataThread): void {
    this.port.postMessage(message);
  }
}

/** The certificates that the main thread has loaded; undefined without TLS. */
function certificatesOf(openssl: Openssl | undefined, { certificates, settings }: DataThreadStart) {
  const { tls } = settings.config;
  if (openssl === undefined || certificates === undefined || tls === undefined) return undefined;
  return new Certificates(openssl, tls, certificates);
}

async function startThread(): Promise<void> {
  assert(parentPort !== null, 'a data thread is started by the main thread');
  const libc = await loadLibc();
  assert(typeof libc !== 'string', 'what the main thread has loaded loads here as well');
  const start = workerData as DataThreadStart;
  const openssl = start.certificates === undefined ? undefined : await loadOpenssl();
  assert(typeof openssl !== 'string', 'what the main thread has loaded loads here as well');
  new DataThread(parentPort, libc, openssl, start).start();
}

void startThread();
