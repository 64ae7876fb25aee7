// The transport of the main thread, with a watcher in another thread: while a call loops, the main thread handles no signals and no
// timers. Keeps the watcher informed of the files of types, which it names in its lines. Serving: transport/net.

import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Arena } from '../../arena/memory.js';
import { type ActivityCells, ActivityView } from '../../base/activity.js';
import { reasonOf } from '../../base/error-reason.js';
import { PACKAGE_URL } from '../../base/package-root.js';
import { BUILT_IN_RANK } from '../../objects/types/registered-type.js';
import { type ChangeFailure, StagedTypes, type TypeChange, type TypeThreads } from '../../reload/staged-types.js';
import type { ConnectionRow } from '../../transport/connection-rows.js';
import { loadLibc } from '../../transport/epoll/libc.js';
import type { NetTransport } from '../../transport/net/net-transport.js';
import type { ListeningAddresses } from '../../transport/transport-options.js';
import type { Config } from '../config/config.js';
import { isPretty, type Log } from '../log.js';
import { returnPages } from '../memory-return.js';
import type { ServerTransport } from '../server.js';
import { EXIT } from '../start-error.js';
import type { Ask } from './questions.js';
import type { RefreshableCertificates } from './refreshable-certificates.js';
import type { ThreadAnswers } from './thread-answers.js';
import type { ThreadObjects } from './thread-objects.js';
import { describeWork } from './thread-work.js';
import { type FilesOfTypes, noteHeard, type WatchThreadStart } from './watch-thread-start.js';

interface NetPlaneParts {
  readonly transport: NetTransport;
  readonly cells: ActivityCells;
  readonly arena: Arena;
  readonly config: Config;
  readonly log: Log;
  readonly answers: ThreadAnswers;
  /** Undefined without objects. */
  readonly objects: ThreadObjects | undefined;
}

/** Memory of the server itself and of the heap of object types. The watcher ends the process with a reason before the heap is exhausted,
 * which would abort it without one. */
const BESIDE_ARENA_BYTES = 640 * 1024 * 1024;

/** V8 collects the whole heap when it has grown by this since the last time, rather than to four times its size: here the calls of types run in
 * the main thread, whose heap has no limit as those of data threads. */
const HEAP_GROWTH_PERCENT = 40;

/** The watcher needs little memory. */
const WATCHER_LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

export class NetPlane implements ServerTransport, TypeThreads {
  private readonly types: StagedTypes | undefined;
  #watcher: Worker | undefined;
  #isLibcTried = false;
  #isDrained = false;

  constructor(private readonly parts: NetPlaneParts) {
    const { objects } = parts;
    this.types = objects && new StagedTypes(objects.registry, objects.scripts);
  }

  /** Types of objects are loaded by the thread that is watched. */
  async prepare(): Promise<void> {
    setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
    process.on('exit', () => this.#nameCallThatExits());
    const { cells, arena, config, log } = this.parts;
    const heard = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => noteHeard(cells, heard));
    const start: WatchThreadStart = {
      cells,
      arena: arena.buffer,
      heard,
      limitSeconds: config.watchdogSeconds,
      otherBytes: BESIDE_ARENA_BYTES,
      isPretty: isPretty(config.logFormat),
    };
    const watcher = new Worker(new URL('dist/bundle/watch-thread.js', PACKAGE_URL), {
      workerData: start,
      resourceLimits: WATCHER_LIMITS,
      name: 'watchdog',
    });
    this.#watcher = watcher;
    watcher.unref();
    watcher.on('error', (error) => log.warn(`there is no watchdog: ${reasonOf(error)}`));
  }

  /** A type's code is trusted to end the process, but not to do so without a word. */
  #nameCallThatExits(): void {
    const { arena, cells, objects } = this.parts;
    const work = describeWork(new ActivityView(cells), 0, arena.bytes, (type) => objects?.registry.find(type)?.file);
    if (work === '') return;
    process.exitCode = EXIT.software;
    this.parts.log.error(`the server ends: process.exit was called${work}`);
  }

  prepareTypes(version: number, changes: readonly TypeChange[]): readonly ChangeFailure[] {
    return this.types?.prepareTypes(version, changes) ?? [];
  }

  /** Also tells the watcher the files of types, since it cannot ask while a call loops. */
  commitTypes(version: number): void {
    this.types?.commitTypes(version);
    const types = this.parts.objects?.registry.list().filter(({ rank }) => rank !== BUILT_IN_RANK) ?? [];
    const files: FilesOfTypes = new Map(types.map(({ name, file }) => [name, file]));
    this.#watcher?.postMessage(files);
  }

  abortTypes(version: number): void {
    this.types?.abortTypes(version);
  }

  listen(): Promise<ListeningAddresses> {
    return this.parts.transport.listen();
  }

  readonly ask: Ask = async (question) => {
    if (question.kind === 'giveUpMemory') await this.#prepareReturn();
    return this.parts.answers.answer(question);
  };

  /** The C library is loaded when it is first needed, to return pages. */
  async #prepareReturn(): Promise<void> {
    const { arena, config } = this.parts;
    if (this.#isLibcTried || config.memoryLocked) return;
    this.#isLibcTried = true;
    const libc = await loadLibc();
    if (typeof libc !== 'string') returnPages(libc, arena);
  }

  get certificates(): RefreshableCertificates | undefined {
    return this.parts.transport.tls;
  }

  connectionRows(asking: number): readonly ConnectionRow[] {
    return this.parts.transport.connectionRows(asking);
  }

  async drain(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => this.parts.transport.drain(timeoutMs, resolve));
    this.#isDrained = true;
    // While a memory file is written the main thread is busy for a good reason.
    await this.#watcher?.terminate();
  }

  get isAtRest(): boolean {
    return this.#isDrained;
  }

  stop(): void {
    this.parts.transport.stop();
    this.#watcher?.terminate().catch(() => {});
  }
}
