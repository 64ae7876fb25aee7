// Examines files in a thread of its own (load-worker.ts), and ends that thread when a file takes too long or too much memory. The thread
// starts at the first event of a change and ends after a minute without one, which frees its memory.

import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { PACKAGE_URL } from '../base/package-root.js';
import { shownName } from '../objects/types/contained-file.js';
import type { Language } from '../objects/types/loaded-type.js';
import { type GivenSettings, NOTHING_GIVEN } from '../objects/types/type-settings.js';
import { type Examined, failureOf } from './examine.js';
import { signatureOf } from './file-signature.js';
import {
  type FileToExamine,
  type FromLoader,
  LOADER_CELL,
  type LoaderStart,
  type ToLoader,
} from './load-worker-messages.js';

interface LoaderOptions {
  /** The time limit for code of a file. */
  readonly runLimitMs: number;
  /** The time limit for reading and compiling it. */
  readonly compileLimitMs: number;
  readonly memoryMegabytes: number;
  readonly idleMs: number;
  /** What the configuration sets for types. */
  readonly settings: GivenSettings;
}

const DEFAULT_LOADER_OPTIONS: LoaderOptions = {
  // One more tick than V8's own time limit for a plugin, whose message is better.
  runLimitMs: 1300,
  compileLimitMs: 10_000,
  memoryMegabytes: 256,
  idleMs: 60_000,
  settings: NOTHING_GIVEN,
};

/** The interval of checks. A time limit may be exceeded by this much. */
const TICK_MS = 100;
/** A thread that uses up its time uses this part of it at least in CPU time, unless the machine is busy; then it gets more time, up to a limit. */
const LEAST_SHARE = 0.75;
const MOST_PATIENCE = 10;

interface Request {
  readonly id: number;
  readonly files: readonly FileToExamine[];
  readonly onResults: (results: readonly Examined[]) => void;
  readonly end: () => void;
  /** Results received so far. */
  done: number;
}

export class Loader {
  readonly #options: LoaderOptions;
  readonly #cells = new Int32Array(new SharedArrayBuffer(LOADER_CELL.count * Int32Array.BYTES_PER_ELEMENT));
  #worker: Worker | undefined;
  #request: Request | undefined;
  #lastId = 0;
  #isClosed = false;
  #idleTimer: NodeJS.Timeout | undefined;
  #watchTimer: NodeJS.Timeout | undefined;
  #cpuMsAtStep = 0;
  #stepsSeen = 0;
  #ticksWithoutStep = 0;

  constructor(options: Partial<LoaderOptions> = {}) {
    this.#options = { ...DEFAULT_LOADER_OPTIONS, ...options };
    // Read now, before an upgrade can replace the file.
    workerCode();
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Starts the thread and loads the language: the first event of a file comes 60 ms before it has settled. */
  warm(language: Language): void {
    if (this.#isClosed) return;
    this.#send({ kind: 'warm', language });
    this.#endWhenIdle();
  }

  /** Examines the files in their order and reports results in batches. One request at a time. Resolves after the last result, or when the
      loader is closed. */
  async examine(files: readonly FileToExamine[], onResults: Request['onResults']): Promise<void> {
    if (files.length === 0 || this.#isClosed) return;
    clearTimeout(this.#idleTimer);
    await new Promise<void>((end) => {
      this.#begin({ id: ++this.#lastId, files, onResults, end, done: 0 });
    });
    this.#endWhenIdle();
  }

  /** Examines one file. */
  async examineOne(file: FileToExamine): Promise<Examined | undefined> {
    let found: Examined | undefined;
    await this.examine([file], ([result]) => {
      found = result;
    });
    return found;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#request?.end();
    this.#request = undefined;
    await this.rest();
  }

  /** Ends the thread; the next request starts it again. */
  async rest(): Promise<void> {
    clearTimeout(this.#idleTimer);
    clearInterval(this.#watchTimer);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #begin(request: Request): void {
    this.#request = request;
    this.#ticksWithoutStep = 0;
    clearInterval(this.#watchTimer);
    this.#watchTimer = setInterval(() => this.#watch(), TICK_MS);
    this.#send({ kind: 'examine', id: request.id, files: request.files });
  }

  #send(message: ToLoader): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  #start(): Worker {
    this.#cells.fill(0);
    const worker = new Worker(workerCode(), {
      eval: true,
      name: 'loader',
      workerData: { cells: this.#cells, settings: this.#options.settings } satisfies LoaderStart,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.memoryMegabytes },
    });
    worker.unref();
    worker.on('message', (message: FromLoader) => this.#take(message));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const tooLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const reason = `needs more than ${this.#options.memoryMegabytes} MB of memory to load`;
      this.#lost(worker, tooLarge ? reason : `ended the loader: ${error.message}`);
    });
    worker.on('exit', (code) => this.#lost(worker, `ended the loader with exit code ${code}`));
    return worker;
  }

  #take({ id, first, results }: FromLoader): void {
    const request = this.#request;
    if (request === undefined || request.id !== id || first !== request.done) return;
    request.done += results.length;
    request.onResults(results);
    if (request.done === request.files.length) this.#finish(request);
  }

  #finish(request: Request): void {
    clearInterval(this.#watchTimer);
    this.#request = undefined;
    request.end();
  }

  /** Counts ticks, not time: while the process is stopped, neither thread makes progress. */
  #watch(): void {
    const worker = this.#worker;
    const steps = Atomics.load(this.#cells, LOADER_CELL.steps);
    const runs = Atomics.load(this.#cells, LOADER_CELL.isRunning) === 1;
    if (steps !== this.#stepsSeen || this.#ticksWithoutStep === 0) this.#cpuMsAtStep = processCpuMs();
    this.#ticksWithoutStep = steps === this.#stepsSeen ? this.#ticksWithoutStep + 1 : 0;
    this.#stepsSeen = steps;
    const limitMs = runs ? this.#options.runLimitMs : this.#options.compileLimitMs;
    const waitedMs = this.#ticksWithoutStep * TICK_MS;
    if (worker === undefined || waitedMs < limitMs) return;
    const usedMs = processCpuMs() - this.#cpuMsAtStep;
    if (usedMs < limitMs * LEAST_SHARE && waitedMs < limitMs * MOST_PATIENCE) return;
    void worker.terminate();
    this.#lost(worker, runs ? 'took longer than 1 s to load: its top level must end' : 'took too long to compile');
  }

  /** Blames the current file; a new thread examines the other files of the request. */
  #lost(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const request = this.#request;
    if (request === undefined) return;
    const inWork = Math.max(Atomics.load(this.#cells, LOADER_CELL.file) - 1, request.done);
    const rest = request.files.slice(request.done);
    const [culprit] = rest.splice(inWork - request.done, 1);
    const results = culprit === undefined ? [] : [blamed(culprit, reason)];
    if (rest.length === 0) {
      request.onResults(results);
      this.#finish(request);
      return;
    }
    request.onResults(results);
    if (this.#request === request) this.#begin({ ...request, id: ++this.#lastId, files: rest, done: 0 });
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idleTimer);
    if (this.#request !== undefined) return;
    this.#idleTimer = setTimeout(() => void this.rest(), this.#options.idleMs);
    this.#idleTimer.unref();
  }
}

function blamed({ folder, path }: FileToExamine, reason: string): Examined {
  return {
    path,
    depends: [[path, signatureOf(path)]],
    failure: failureOf(shownName(folder, path), new Error(reason)),
  };
}

let code: string | undefined;

/** The thread's code, kept in memory: an upgrade may replace the files of a running server. */
function workerCode(): string {
  const url = new URL('dist/bundle/load-worker.cjs', PACKAGE_URL);
  code ??= `globalThis.loaderUrl = ${JSON.stringify(url.href)};\n${readFileSync(url, 'utf8')}`;
  return code;
}

/** Of all threads: more than that of the loader's. */
function processCpuMs(): number {
  const { system, user } = process.cpuUsage();
  return (system + user) / 1000;
}
