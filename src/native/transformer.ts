// Starts the loader's thread when a TypeScript file has to be transformed and ends it when none has been for a while.
// For the control plane; data threads receive the bundles. Not for running them.

import { Worker } from 'node:worker_threads';
import { LoadError } from '../objects/load-error.js';
import { type Bundle, shownName } from './bundle.js';
import { bundlePrepared, type PreparedCode } from './prepared-code.js';
import type { BundleReply, BundleRequest } from './transform-worker.js';

/** One edit often follows another; the memory is free again a minute after the last. */
const IDLE_MS = 60_000;

interface Waiting {
  readonly path: string;
  readonly directory: string;
  resolve(bundle: Bundle): void;
  reject(error: LoadError): void;
}

export class Transformer {
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();

  constructor(
    private readonly prepared: PreparedCode = {},
    private readonly idleMs: number = IDLE_MS,
    private readonly workerUrl: URL = defaultWorker(),
  ) {}

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Starts the thread ahead of need: the first sign of a change comes some time before the file has settled. */
  warm(): void {
    this.#start();
    this.#endWhenIdle();
  }

  /** Rejects with LoadError. */
  async bundle(path: string, directory: string): Promise<Bundle> {
    return bundlePrepared(path, directory, this.prepared) ?? (await this.#bundleInThread(path, directory));
  }

  #bundleInThread(path: string, directory: string): Promise<Bundle> {
    const worker = this.#start();
    clearTimeout(this.#idleTimer);
    const id = ++this.#lastId;
    return new Promise<Bundle>((resolve, reject) => {
      this.#waiting.set(id, { path, directory, resolve, reject });
      worker.postMessage({ id, path, directory } satisfies BundleRequest);
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    this.#failAll('the loader was closed');
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(this.workerUrl, { name: 'loader' });
    worker.unref();
    worker.on('message', (reply: BundleReply) => this.#take(reply));
    worker.on('error', (error: Error) => this.#lost(worker, error.message));
    worker.on('exit', () => this.#lost(worker, 'the loader ended'));
    this.#worker = worker;
    return worker;
  }

  #take({ id, bundle, failure }: BundleReply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (bundle !== undefined) waiting?.resolve(bundle);
    else if (failure !== undefined) waiting?.reject(new LoadError(failure.file, failure.line, failure.reason));
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idleTimer);
    if (this.#waiting.size > 0) return;
    this.#idleTimer = setTimeout(() => {
      const worker = this.#worker;
      this.#worker = undefined;
      void worker?.terminate();
    }, this.idleMs);
    this.#idleTimer.unref();
  }

  #lost(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#failAll(reason);
  }

  #failAll(reason: string): void {
    for (const { path, directory, reject } of this.#waiting.values()) {
      reject(new LoadError(shownName(path, directory), undefined, reason));
    }
    this.#waiting.clear();
  }
}

/** A worker runs compiled code; under a runner of TypeScript sources that is in dist/. */
function defaultWorker(): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  return new URL(
    fromSource ? '../../dist/bundle/transform-worker.js' : '../bundle/transform-worker.js',
    import.meta.url,
  );
}
