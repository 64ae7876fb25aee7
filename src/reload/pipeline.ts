// The path of a changed type file, from its bytes on disk to a log line:
//
//   read         the loader's thread reads the file and its imports once; only regular files inside the folder (contained-file.ts)
//   identify     the loader runs the script, or the plugin's modules, and checks their definition: only this tells whether a file is a
// type;
//                code that loops or crashes ends the loader and no serving thread (examine.ts, loader.ts)
//   transform    a plugin becomes CommonJS before it is run (bundle.ts); a script stays unchanged
//   prepare      every serving thread runs the file once more, in a state of its own, and stages the type (staged-types.ts). If many
//                scripts change together, each runs at its first call instead
//   commit       one word of shared memory changes: every thread serves the change from its next batch on, or none does
//   log          one line and one event for each file (reload-report.ts)
//
// The loader returns an Examined for each file; the plan makes steps of it, each with the TypeChange that threads prepare. If a file fails
// at any step, its previous version stays active. Finding changed files: reloader.ts.

import type { PreparedCode } from '../languages/typescript/prepared-code.js';
import type { Catalogue } from '../objects/types/catalogue.js';
import { LoadError } from '../objects/types/load-error.js';
import { type GivenSettings, NOTHING_GIVEN } from '../objects/types/type-settings.js';
import { ChangePlan, type Step } from './change-plan.js';
import type { Examined } from './examine.js';
import { examinePrepared } from './examine-prepared.js';
import type { FileToExamine } from './load-worker-messages.js';
import type { LoadedFiles } from './loaded-files.js';
import type { Loader } from './loader.js';
import type { ReloadReport } from './reload-report.js';
import type { TypeThreads } from './staged-types.js';
import type { TypeFolder } from './type-file.js';

interface PipelineParts {
  readonly loader: Loader;
  readonly threads: TypeThreads;
  readonly files: LoadedFiles;
  readonly catalogue: Catalogue;
  readonly report: ReloadReport;
  readonly folderOf: (path: string) => TypeFolder;
  /** The types that ship, examined when the package was built. */
  readonly prepared?: PreparedCode | undefined;
  /** The names of types that are served; all if there are none. */
  readonly served?: readonly string[] | undefined;
  /** What the configuration sets for types. */
  readonly settings?: GivenSettings | undefined;
}

export class LoadPipeline {
  private readonly plan: ChangePlan;
  #version = 0;
  #isClosed = false;

  constructor(private readonly parts: PipelineParts) {
    this.plan = new ChangePlan(parts.files, parts.folderOf, parts.served ?? []);
  }

  /** Loads the files and activates their types in batches of about `batchFiles`, while the loader reads the next ones. */
  async load(files: readonly FileToExamine[], batchFiles: number): Promise<void> {
    let examined: Examined[] = [];
    let installed: Promise<void> = Promise.resolve();
    const install = (): void => {
      const batch = examined;
      examined = [];
      installed = installed.then(() => this.#install(batch));
    };
    const unknown: FileToExamine[] = [];
    for (const file of files) {
      const known = this.#recognise(file);
      if (known === undefined) unknown.push(file);
      else examined.push(known);
    }
    await this.parts.loader.examine(unknown, (results) => {
      examined.push(...results);
      if (examined.length >= batchFiles) install();
    });
    install();
    await installed;
  }

  /** Deactivates the types of removed files. */
  async remove(paths: readonly string[]): Promise<void> {
    await this.#run(paths.flatMap((path) => this.plan.removal(path)));
  }

  /** Names released since the last call, for which other files may be waiting. */
  takeFreedNames(): ReadonlySet<string> {
    return this.plan.takeFreedNames();
  }

  /** Names of types that files define and that are not served. */
  get leftOut(): readonly string[] {
    return this.plan.leftOut;
  }

  /** Activates nothing from now on. */
  close(): void {
    this.#isClosed = true;
  }

  #recognise({ folder, path }: FileToExamine): Examined | undefined {
    const { prepared, settings = NOTHING_GIVEN } = this.parts;
    return folder.ships && prepared !== undefined ? examinePrepared(folder, path, prepared, settings) : undefined;
  }

  async #install(batch: readonly Examined[]): Promise<void> {
    if (this.#isClosed) return;
    const steps: Step[] = [];
    for (const examined of batch) {
      const { helper, steps: planned } = this.plan.steps(examined);
      if (helper !== undefined) this.parts.report.helper(examined, helper);
      steps.push(...planned);
    }
    await this.#run(steps);
  }

  /** Prepares and commits the steps, then logs them. A step that failed is followed by one that records its error in all threads. */
  async #run(steps: readonly Step[]): Promise<void> {
    for (let due = steps; due.length > 0; ) {
      const failures = await this.#prepareAndCommit(due);
      const next: Step[] = [];
      for (const step of due) {
        const failure = failures.get(step);
        if (failure === undefined) this.parts.report.done(step);
        else next.push(...this.plan.failed(step, failure));
      }
      due = next;
    }
    this.parts.report.end();
  }

  /** All threads prepare all steps; otherwise the version is aborted and prepared again without the steps that failed. */
  async #prepareAndCommit(steps: readonly Step[]): Promise<ReadonlyMap<Step, LoadError>> {
    const { threads } = this.parts;
    const failures = new Map<Step, LoadError>();
    for (let trying = steps; trying.length > 0; trying = trying.filter((step) => !failures.has(step))) {
      const version = ++this.#version;
      const changes = trying.map(({ change }) => change);
      const failed = await threads.prepareTypes(version, changes);
      if (failed.length === 0) {
        threads.commitTypes(version);
        for (const step of trying) this.#record(step);
        break;
      }
      threads.abortTypes(version);
      for (const { index, file, line, reason } of failed) {
        failures.set(trying[index], new LoadError(file, line, reason));
      }
    }
    return failures;
  }

  #record({ change }: Step): void {
    const { catalogue } = this.parts;
    if (change.kind === 'remove') catalogue.remove(change.file);
    if (change.kind !== 'install') return;
    const { name, file, language, rank } = change.source;
    catalogue.put({ name, file, language, rank, version: catalogue.nextVersion(name, rank) });
  }
}
