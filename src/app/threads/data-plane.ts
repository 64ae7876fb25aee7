// The data threads as the main thread sees them: a transport that listens here and serves there. Starts them, hands them changes of
// object types, waits for their end. The threads themselves: data-thread.ts.

import type { Worker } from 'node:worker_threads';
import type { Arena } from '../../arena/memory.js';
import { SYNC, syncCells } from '../../arena/sync.js';
import { ActivityView, makeActivityCells } from '../../base/activity.js';
import { makeFailureMemory } from '../../objects/calls/failure-ring.js';
import type { ChangeFailure, TypeChange, TypeThreads } from '../../reload/staged-types.js';
import type { PasswordQuestion } from '../../security/thread-authenticator.js';
import { ConnectionShares } from '../../transport/connection-shares.js';
import { EFD_CLOEXEC, EFD_NONBLOCK, EPOLL_CLOEXEC, type Libc } from '../../transport/epoll/libc.js';
import { ListeningSockets } from '../../transport/epoll/listening-sockets.js';
import { makePeerCells } from '../../transport/epoll/peer-addresses.js';
import { type ListeningAddresses, type ListenOptions, logCuts } from '../../transport/transport-options.js';
import { FatalError } from '../ending.js';
import type { Log } from '../log.js';
import type { ServerTransport } from '../server.js';
import type { Users } from '../users.js';
import { startDataWorker } from './data-worker.js';
import type { PlaneCertificates } from './plane-certificates.js';
import { type Ask, WaitingQuestions } from './questions.js';
import type { RefreshableCertificates } from './refreshable-certificates.js';
import { RetiredCertificates } from './retired-certificates.js';
import type { Stall } from './stall-watch.js';
import type { ClientChanges } from './thread-engine.js';
import { FIRST_DATA_THREAD, lateMs } from './thread-limits.js';
import type { DataThreadStart, FromDataThread, ToDataThread, TypesReply } from './thread-messages.js';
import type { ThreadSettings } from './thread-settings.js';
import { describeWork, type FileOfType } from './thread-work.js';
import { describeStall, Watchdog } from './watchdog.js';

interface DataPlaneParts extends ClientChanges {
  readonly libc: Libc;
  readonly arena: Arena;
  readonly settings: ThreadSettings;
  readonly listen: ListenOptions;
  readonly log: Log;
  readonly onShutdown: (graceful: boolean) => void;
  readonly onFatal: (error: unknown) => void;
  readonly fileOfType?: FileOfType;
  /** Only with TLS. */
  readonly certificates?: PlaneCertificates;
  /** Only if clients have to log in. */
  readonly users?: Users | undefined;
  /** The path of the data threads' code, if not next to this file. */
  readonly entry?: URL;
}

/** The 8-byte number that a write adds to an eventfd. */
const WAKE = new Uint8Array(BigUint64Array.of(1n).buffer);

interface DataThreadHandle {
  readonly worker: Worker;
  readonly wake: number;
  /** Until then it gets messages as events, and the wakes would make it read them while it serves its own client. */
  isReady: boolean;
  readonly endedWell: Promise<boolean>;
  /** By version: resolvers of the promises that wait for the thread to prepare a change of types. */
  readonly waiting: Map<number, (reply: TypesReply) => void>;
}

export class DataPlane implements ServerTransport, TypeThreads {
  private readonly sockets: ListeningSockets;
  readonly #shares = new ConnectionShares();
  readonly #peerCells: SharedArrayBuffer;
  readonly #activity = makeActivityCells();
  readonly #failures = makeFailureMemory();
  readonly #view = new ActivityView(this.#activity);
  private readonly watchdog: Watchdog;
  readonly #tcp: { readonly host: string; readonly port: number }[] = [];
  private readonly retired: RetiredCertificates | undefined;
  isAtRest = false;
  #threads: DataThreadHandle[] = [];
  #isEnding = false;
  /** Connections that the threads' drains have cut off. */
  #cuts = 0;
  readonly #questions = new WaitingQuestions();

  constructor(private readonly parts: DataPlaneParts) {
    this.sockets = new ListeningSockets(parts.libc, parts.listen.backlog);
    const { dataThreads, config } = parts.settings;
    this.#peerCells = makePeerCells(config.connectionLimit);
    const openssl = parts.certificates?.loaded.openssl;
    if (openssl !== undefined) {
      const ask = (context: number) => this.#sendAll({ kind: 'passCertificates', context });
      this.retired = new RetiredCertificates(openssl, dataThreads, ask);
    }
    const describe = (stall: Stall) => describeStall(stall, `data thread ${stall.thread}`, this.#workOf(stall.thread));
    this.watchdog = new Watchdog({
      view: this.#view,
      threads: Array.from({ length: dataThreads }, (_, index) => FIRST_DATA_THREAD + index),
      limitMs: config.watchdogSeconds * 1000,
      onSlow: (stall) => parts.log.warn(describe(stall)),
      onStuck: (stall) =>
        parts.onFatal(new FatalError(`${describe(stall)}; the limit is --watchdog-seconds ${config.watchdogSeconds}`)),
    });
  }

  /** Only root may bind ports below 1024. A Unix socket has to belong to the user that serves it, as in memcached. */
  async bind(): Promise<void> {
    try {
      for (const address of this.parts.listen.addresses) this.#tcp.push(await this.sockets.bindTcp(address));
    } catch (error) {
      this.sockets.close();
      throw error;
    }
  }

  /** Starts the threads, which wait for object types and then for the message to serve. */
  async prepare(): Promise<void> {
    try {
      await this.#startThreads();
      this.watchdog.start();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Opens all addresses or none, and makes the threads serve them. */
  async listen(): Promise<ListeningAddresses> {
    const { unixSocket } = this.parts.listen;
    try {
      const unix = unixSocket === undefined ? undefined : await this.sockets.bindUnix(unixSocket);
      this.sockets.listen();
      // One thread accepts for all, so that each gets its share.
      const { listeners } = this.sockets;
      this.#threads.forEach((thread, index) => {
        this.#send(thread, { kind: 'serve', listeners, accepts: index === 0 });
      });
      return { tcp: this.#tcp, unix };
    } catch (error) {
      this.stop();
      this.sockets.close();
      throw error;
    }
  }

  get certificates(): RefreshableCertificates | undefined {
    const loaded = this.parts.certificates?.loaded;
    return loaded && { loadedAtMs: loaded.loadedAtMs, refresh: () => this.retired?.retire(loaded.load()) };
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#end({ kind: 'drain', timeoutMs });
    const waitMs = timeoutMs + lateMs(this.parts.settings.config);
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), waitMs).unref());
    const ended = Promise.all(this.#threads.map(({ endedWell }) => endedWell)).then((all) => !all.includes(false));
    this.isAtRest = await Promise.race([ended, late]);
    if (this.isAtRest) this.sockets.close();
    if (this.#cuts > 0) logCuts(this.parts.log, this.#cuts);
  }

  /** Makes every thread leave its wait and end; otherwise the process could not end. */
  stop(): void {
    this.#end({ kind: 'stop' });
  }

  async #startThreads(): Promise<void> {
    const { libc, settings } = this.parts;
    const peers = Array.from({ length: settings.dataThreads }, (_, index) => ({
      thread: FIRST_DATA_THREAD + index,
      epoll: libc.epollCreate(EPOLL_CLOEXEC),
    }));
    const starts = peers.map(({ thread, epoll }) => ({
      arena: this.parts.arena.buffer,
      thread,
      settings,
      shares: this.#shares.cells,
      peerCells: this.#peerCells,
      activity: this.#activity,
      failures: this.#failures,
      epoll,
      wake: libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
      peers,
      certificates: this.parts.certificates?.cells,
      users: this.parts.users?.checker.known,
    }));
    await Promise.all(starts.map((start) => this.#startThread(start)));
  }

  #startThread(start: DataThreadStart): Promise<void> {
    const worker = startDataWorker(start, this.parts.entry);
    const endedWell = new Promise<boolean>((resolve) => {
      worker.on('exit', (code) => {
        resolve(code === 0);
        if (!this.#isEnding) this.parts.onFatal(this.#death(start.thread, new Error('it ended of its own accord')));
      });
    });
    const thread: DataThreadHandle = { worker, wake: start.wake, isReady: false, endedWell, waiting: new Map() };
    this.#threads.push(thread);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromDataThread) => {
        thread.isReady ||= message.kind === 'ready';
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'types') thread.waiting.get(message.version)?.(message);
        else if (message.kind === 'checkPassword') this.#checkPassword(message.question, start.thread);
        else this.#onMessage(message, start.thread);
      });
      worker.on('error', (error) => {
        reject(error);
        if (!this.#isEnding) this.parts.onFatal(this.#death(start.thread, error));
      });
    });
  }

  async prepareTypes(version: number, changes: readonly TypeChange[]): Promise<readonly ChangeFailure[]> {
    const wait = ({ waiting }: DataThreadHandle) => new Promise<TypesReply>((resolve) => waiting.set(version, resolve));
    const replies = this.#threads.map(wait);
    this.#sendAll({ kind: 'types', version, changes });
    const all = await Promise.all(replies);
    for (const { waiting } of this.#threads) waiting.delete(version);
    return all.flatMap(({ failures }) => failures);
  }

  commitTypes(version: number): void {
    Atomics.store(syncCells(this.parts.arena), SYNC.typesVersion, version);
  }

  abortTypes(version: number): void {
    this.#sendAll({ kind: 'abortTypes', version });
  }

  #onMessage(message: Exclude<FromDataThread, { kind: 'ready' | 'types' | 'checkPassword' }>, thread: number): void {
    const { log, onFatal, onMemoryLimit, onShutdown, onVerbosity } = this.parts;
    if (message.kind === 'log') {
      log[message.level](message.details, message.message);
    } else if (message.kind === 'verbosity') {
      onVerbosity(message.level);
    } else if (message.kind === 'cuts') {
      this.#cuts += message.connections;
    } else if (message.kind === 'memoryLimit') {
      onMemoryLimit(message.change);
    } else if (message.kind === 'answer') {
      this.#questions.onAnswer(message);
    } else if (message.kind === 'active') {
      this.watchdog.wake();
    } else if (message.kind === 'replacedCertificates') {
      this.retired?.retire(message.context);
    } else if (message.kind === 'passCertificates') {
      this.retired?.onPassed(message.context);
    } else if (message.kind === 'shutdown') {
      onShutdown(message.graceful);
    } else {
      const error = new Error(`${message.message}${this.#workOf(thread)}`);
      if (message.stack !== undefined) error.stack = message.stack;
      onFatal(error);
    }
  }

  readonly ask: Ask = (question) => {
    const [first] = this.#threads;
    if (first === undefined) return Promise.reject(new Error('no thread serves yet'));
    return this.#questions.ask(question, (message) => this.#send(first, message));
  };

  /** Sends the reloaded users to all threads. */
  passUsers(): void {
    const { users } = this.parts;
    if (users !== undefined) this.#sendAll({ kind: 'users', known: users.checker.known });
  }

  #checkPassword(question: PasswordQuestion, thread: number): void {
    const { users } = this.parts;
    users?.checker.check(question.name, question.password).then((isRight) => {
      const asking = this.#threads[thread - FIRST_DATA_THREAD];
      if (asking !== undefined) this.#send(asking, { kind: 'passwordChecked', question, isRight });
    });
  }

  #workOf(thread: number): string {
    return describeWork(this.#view, thread, this.parts.arena.bytes, this.parts.fileOfType);
  }

  #death(thread: number, error: unknown): Error {
    const reason = error instanceof Error ? error.message : String(error);
    const death = new FatalError(`data thread ${thread} has died${this.#workOf(thread)}: ${reason}`, { cause: error });
    if (error instanceof Error && error.stack !== undefined) death.stack = error.stack;
    return death;
  }

  #end(message: ToDataThread): void {
    this.#isEnding = true;
    if (message.kind === 'stop') this.watchdog.stop();
    this.#sendAll(message);
    this.sockets.removeFile();
  }

  #sendAll(message: ToDataThread): void {
    for (const thread of this.#threads) this.#send(thread, message);
  }

  #send({ worker, wake, isReady }: DataThreadHandle, message: ToDataThread): void {
    worker.postMessage(message);
    if (isReady) this.parts.libc.writeBytes(wake, WAKE, WAKE.length);
  }
}
