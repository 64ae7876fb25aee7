// The loader's own thread: examines files for the main thread, one after the other. It serves nothing, so the main thread can end it when a
// file takes too long, and all that it loaded goes with it.

import { parentPort, workerData } from 'node:worker_threads';
import type { ScriptLoader } from '../languages/lua/host/load-script.js';
import type { Transform } from '../languages/typescript/bundle.js';
import { shownName } from '../objects/types/contained-file.js';
import { type Examined, type ExamineTools, examineFile, failureOf } from './examine.js';
import {
  type FileToExamine,
  type FromLoader,
  LOADER_CELL,
  type LoaderStart,
  type ToLoader,
} from './load-worker-messages.js';
import { shareBytes, type TypeSource } from './type-source.js';

/** Results are sent in batches; the first of a batch waits at most this long. */
const SEND_MS = 20;

const { cells, settings } = workerData as LoaderStart;
let scripts: ScriptLoader | Promise<ScriptLoader> | undefined;
let transform: Transform | Promise<Transform> | undefined;
/** An error that the current file caused outside of any step, in a promise or a callback. */
let lateFailure: unknown;

const tools: ExamineTools = {
  scripts: () => {
    scripts ??= import('../languages/lua/host/load-script.js').then((module) => {
      scripts = new module.ScriptLoader();
      return scripts;
    });
    return scripts;
  },
  transform: () => {
    transform ??= import('../languages/typescript/transform.js').then((module) => {
      // The first transform loads the compiler.
      module.transform('export {};', 'first.ts');
      transform = module.transform;
      return transform;
    });
    return transform;
  },
  running: () => step(1),
  settings,
};

function step(isRunning: 0 | 1): void {
  Atomics.store(cells, LOADER_CELL.isRunning, isRunning);
  Atomics.add(cells, LOADER_CELL.steps, 1);
}

async function examineAll(id: number, files: readonly FileToExamine[]): Promise<void> {
  let results: Examined[] = [];
  let first = 0;
  let sentMs = performance.now();
  for (const [index, { path, folder }] of files.entries()) {
    Atomics.store(cells, LOADER_CELL.file, index + 1);
    step(0);
    lateFailure = undefined;
    const examined = await examineFile(folder, path, tools);
    // Node reports a rejected promise only when the event loop turns.
    if (folder.language === 'typescript') await new Promise((resolve) => setImmediate(resolve));
    step(0);
    results.push(
      lateFailure === undefined || examined.failure !== undefined
        ? examined
        : { path, depends: examined.depends, failure: failureOf(shownName(folder, path), lateFailure) },
    );
    if (performance.now() - sentMs < SEND_MS && index + 1 < files.length) continue;
    parentPort?.postMessage({ id, first, results: sharing(results) } satisfies FromLoader);
    first = index + 1;
    results = [];
    sentMs = performance.now();
  }
  Atomics.store(cells, LOADER_CELL.file, 0);
}

/** The same results with the bytes of scripts in memory that all threads share. */
function sharing(results: readonly Examined[]): Examined[] {
  const shared = shareBytes(results.flatMap(({ source }) => source ?? [])).values();
  return results.map((examined) => {
    if (examined.source === undefined) return examined;
    return { ...examined, source: shared.next().value as TypeSource };
  });
}

// The output of types is logged when the serving threads load them; here they run only to be examined.
for (const method of ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir'] as const) console[method] = () => {};

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (thrown: unknown) => {
    lateFailure ??= thrown;
  });
}

parentPort?.on('message', (message: ToLoader) => {
  if (message.kind === 'examine') void examineAll(message.id, message.files);
  else if (message.language === 'lua') void tools.scripts();
  else void tools.transform();
});
