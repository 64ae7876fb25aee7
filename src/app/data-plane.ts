// The data threads as the main thread sees them: a transport that listens here and serves there. Starts them, wakes them for
// messages, waits for their end. Not for what they do.

import { Worker } from 'node:worker_threads';
import type { Arena } from '../arena/memory.js';
import { ConnectionShares } from '../transport/connection-shares.js';
import { EFD_CLOEXEC, EFD_NONBLOCK, EPOLL_CLOEXEC, type Libc } from '../transport/epoll/libc.js';
import { ListeningSockets } from '../transport/epoll/listening-sockets.js';
import type { ListeningAddresses, ListenOptions } from '../transport/options.js';
import type { Log } from './log.js';
import type { ServerTransport } from './server.js';
import type { ThreadSettings } from './thread-engine.js';
import type { DataThreadStart, FromDataThread, ToDataThread } from './thread-messages.js';

/** Of the data threads; the main thread is 0. */
const FIRST_THREAD = 1;

/** A thread keeps its own time in a drain; one that is this much late is not waited for. */
const LATE_MS = 400;

export interface DataPlaneParts {
  readonly libc: Libc;
  readonly arena: Arena;
  readonly settings: ThreadSettings;
  readonly listen: ListenOptions;
  readonly log: Log;
  readonly onShutdown: (graceful: boolean) => void;
  readonly onFatal: (error: unknown) => void;
  readonly onVerbosity: (level: number) => void;
  /** Where the data threads' code lies, if not beside this file. */
  readonly entry?: URL;
}

/** What an eventfd takes: a number to be added. */
const WAKE = new Uint8Array(BigUint64Array.of(1n).buffer);

interface DataThreadHandle {
  readonly worker: Worker;
  readonly wake: number;
  readonly ended: Promise<void>;
}

export class DataPlane implements ServerTransport {
  readonly #sockets: ListeningSockets;
  readonly #shares = new ConnectionShares();
  #threads: DataThreadHandle[] = [];
  #isEnding = false;

  constructor(private readonly parts: DataPlaneParts) {
    this.#sockets = new ListeningSockets(parts.libc, parts.listen.backlog);
  }

  /** Binds all addresses or none, and starts the threads that serve them. */
  async listen(): Promise<ListeningAddresses> {
    const { addresses, unixSocket } = this.parts.listen;
    try {
      const tcp = [];
      for (const address of addresses) tcp.push(await this.#sockets.listenTcp(address));
      const unix = unixSocket === undefined ? undefined : await this.#sockets.listenUnix(unixSocket);
      await this.#startThreads();
      return { tcp, unix };
    } catch (error) {
      this.stop();
      if (this.#threads.length === 0) this.#sockets.close();
      throw error;
    }
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#end({ kind: 'drain', timeoutMs });
    const late = new Promise((resolve) => setTimeout(resolve, timeoutMs + LATE_MS).unref());
    await Promise.race([Promise.all(this.#threads.map(({ ended }) => ended)).then(() => this.#sockets.close()), late]);
  }

  /** Has every thread leave its wait and end; without this the process could not. */
  stop(): void {
    this.#end({ kind: 'stop' });
  }

  async #startThreads(): Promise<void> {
    const { libc, settings } = this.parts;
    const peers = Array.from({ length: settings.dataThreads }, (_, index) => ({
      thread: FIRST_THREAD + index,
      epoll: libc.epollCreate(EPOLL_CLOEXEC),
    }));
    const starts = peers.map(({ thread, epoll }, index) => ({
      arena: this.parts.arena.buffer,
      thread,
      settings,
      shares: this.#shares.cells,
      epoll,
      wake: libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
      // One thread accepts for all, so that each gets its share.
      listeners: index === 0 ? this.#sockets.descriptors : [],
      peers,
    }));
    await Promise.all(starts.map((start) => this.#startThread(start)));
  }

  #startThread(start: DataThreadStart): Promise<void> {
    const { onFatal } = this.parts;
    const worker = new Worker(this.parts.entry ?? new URL('./data-thread.js', import.meta.url), {
      workerData: start,
      name: `data ${start.thread}`,
    });
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromDataThread) => {
        if (message.kind === 'ready') resolve();
        else this.#onMessage(message);
      });
      worker.on('error', (error) => {
        reject(error);
        if (!this.#isEnding) onFatal(error);
      });
      const ended = new Promise<void>((resolveEnd) => {
        worker.on('exit', () => {
          resolveEnd();
          if (!this.#isEnding) onFatal(new Error(`data thread ${start.thread} has ended`));
        });
      });
      this.#threads.push({ worker, wake: start.wake, ended });
    });
  }

  #onMessage(message: Exclude<FromDataThread, { kind: 'ready' }>): void {
    const { log, onFatal, onShutdown, onVerbosity } = this.parts;
    if (message.kind === 'log') {
      log[message.level](message.details, message.message);
    } else if (message.kind === 'verbosity') {
      onVerbosity(message.level);
    } else if (message.kind === 'shutdown') {
      onShutdown(message.graceful);
    } else {
      const error = new Error(message.message);
      if (message.stack !== undefined) error.stack = message.stack;
      onFatal(error);
    }
  }

  #end(message: ToDataThread): void {
    this.#isEnding = true;
    for (const { worker, wake } of this.#threads) {
      worker.postMessage(message);
      this.parts.libc.writeBytes(wake, WAKE, WAKE.length);
    }
    this.#sockets.removeFile();
  }
}
