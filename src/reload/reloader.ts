// Finds changed type files and passes them to the pipeline (pipeline.ts): at the start all files, then those that the watches report.

import { EventEmitter } from 'node:events';
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PreparedCode } from '../languages/typescript/prepared-code.js';
import { Catalogue } from '../objects/types/catalogue.js';
import type { GivenSettings } from '../objects/types/type-settings.js';
import { Debouncer, SETTLE_MS } from './debouncer.js';
import { DirectoryWatch } from './directory-watch.js';
import { IgnoredFiles } from './ignored-files.js';
import { LoadedFiles } from './loaded-files.js';
import type { Loader } from './loader.js';
import { LoadPipeline } from './pipeline.js';
import { type ReloadEvent, type ReloadLog, ReloadReport } from './reload-report.js';
import type { TypeThreads } from './staged-types.js';
import { isTypeFile, stem, type TypeFolder, typeFilesOf } from './type-file.js';

export interface ReloaderParts {
  /** A path belongs to the first folder that contains it. */
  readonly folders: readonly TypeFolder[];
  readonly threads: TypeThreads;
  readonly loader: Loader;
  readonly prepared?: PreparedCode;
  /** The names of types that are served; all if there are none. */
  readonly served?: readonly string[];
  /** What the configuration sets for types. */
  readonly settings?: GivenSettings;
  readonly log: ReloadLog;
  readonly settleMs?: number;
}

/** The interval of checks for changes that no watch reports. */
const CHECK_MS = 1000;

/** Share of the time that checking all files may take when they are polled. */
const POLLING_SHARE = 0.02;

/** Files that threads prepare in one step while they serve, so that no request waits long; and at the start, when there are no requests. A
 * choice: more files per step take fewer round trips to the threads, and the loader reads the next step's files meanwhile. */
const BATCH_FILES = 64;
const BATCH_FILES_AT_START = 2500;

/** After a burst of this many changes all files are checked, since the kernel may have dropped events. */
const BURST_PATHS = 8;

/** In place of a path, when every file may have changed. */
const EVERYTHING = '';

export class Reloader {
  /** Emits `reload` with a ReloadEvent for each file that was loaded, failed or was removed. */
  readonly events = new EventEmitter<{ reload: [ReloadEvent] }>();
  private readonly settling: Debouncer;
  private readonly watching: DirectoryWatch;
  private readonly pipeline: LoadPipeline;
  private readonly mentions: IgnoredFiles;
  /** The types that the threads serve. */
  readonly catalogue = new Catalogue();
  readonly #files = new LoadedFiles();
  /** Batches of work run one after another. */
  #queue: Promise<void> = Promise.resolve();
  /** Paths of empty files that wait for their second round. */
  readonly #waitingEmpty = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #checkAll = false;
  #nextPollMs = 0;
  #isStarting = true;
  #isClosed = false;

  constructor(private readonly parts: ReloaderParts) {
    this.settling = new Debouncer((paths) => this.#settled(paths), parts.settleMs ?? SETTLE_MS);
    this.watching = new DirectoryWatch({
      changed: (path) => this.#touched(path),
      warn: (message) => parts.log('warn', message),
    });
    this.mentions = new IgnoredFiles((message) => parts.log('warn', message));
    const shared = {
      files: this.#files,
      catalogue: this.catalogue,
      folderOf: (path: string) => this.#folderOf(path) as TypeFolder,
    };
    const report = new ReloadReport({ ...shared, log: parts.log, emit: (event) => this.events.emit('reload', event) });
    const { threads, loader, prepared, settings, served } = parts;
    this.pipeline = new LoadPipeline({ ...shared, threads, loader, prepared, settings, served, report });
  }

  /** Starts the watches, then loads all files. Resolves when every file has been tried, or the reloader has been closed. */
  async start(): Promise<void> {
    this.#watchDirectories();
    this.#enqueue([EVERYTHING]);
    await this.#queue;
    this.#isStarting = false;
    if (this.#isClosed) return;
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
    this.#check();
    // Frees its memory until a file changes.
    await this.parts.loader.rest();
  }

  /** Names of types that are to be served, and that no file defines; a file that failed counts as defining what it is named after. */
  get undefinedTypes(): readonly string[] {
    const failed = this.#files.paths().filter((path) => this.#files.get(path)?.failure !== undefined);
    const expected = new Set(failed.map(stem));
    return (this.parts.served ?? []).filter((name) => this.catalogue.find(name) === undefined && !expected.has(name));
  }

  /** Names of all types that files define, served or not. */
  get definedTypes(): readonly string[] {
    return [...this.catalogue.inForce().keys(), ...this.pipeline.leftOut].sort();
  }

  /** The same, with files, which may be those of types that could not be loaded. */
  get possibleTypes(): readonly string[] {
    return [...this.definedTypes, ...this.#files.paths().map(stem)];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.pipeline.close();
    clearInterval(this.#timer);
    this.settling.close();
    this.watching.close();
    await this.parts.loader.close();
  }

  #touched(path: string | undefined): void {
    if (this.#isClosed || this.#isStarting) {
      this.#checkAll = true;
      return;
    }
    const folder = path === undefined ? undefined : this.#folderOf(path);
    if (folder !== undefined) this.parts.loader.warm(folder.language);
    this.settling.touch(path ?? EVERYTHING);
  }

  /** Every second: checks for changes that no watch reports. */
  #check(): void {
    this.watching.check();
    for (const path of this.#files.changedUnwatched()) this.settling.touch(path);
    const polls = this.watching.isPolling && performance.now() >= this.#nextPollMs;
    if (!polls && !this.#checkAll) return;
    this.#checkAll = false;
    this.#enqueue([EVERYTHING]);
  }

  /** An editor may truncate a file and write it later, so that an empty file waits for one more round before it is judged. */
  #settled(paths: readonly string[]): void {
    const emptyNow = paths.filter((path) => !this.#waitingEmpty.delete(path) && isEmptyFile(path));
    const settled = paths.filter((path) => !emptyNow.includes(path));
    for (const path of emptyNow) {
      this.#waitingEmpty.add(path);
      this.settling.touch(path);
    }
    if (settled.length > 0) this.#enqueue(settled);
  }

  #enqueue(paths: readonly string[]): void {
    this.#queue = this.#queue.then(() => this.#work(paths));
  }

  async #work(touched: readonly string[]): Promise<void> {
    if (this.#isClosed) return;
    if (touched.length > BURST_PATHS) this.#checkAll = true;
    const paths = this.#pathsToLoad(touched);
    // Removals come first, so that the type's name is free for a renamed file.
    const gone = new Set(this.#isStarting ? [] : paths.filter((path) => !isThere(path)));
    await this.pipeline.remove([...gone].filter((path) => !this.#isBetweenPackages(path)));
    const waiting = this.#files.waitingFor(this.pipeline.takeFreedNames());
    await this.#load([...new Set([...paths, ...waiting])].filter((path) => !gone.has(path)));
    // A file may have given its type another name.
    await this.#load(this.#files.waitingFor(this.pipeline.takeFreedNames()));
    if (paths.length > 0) this.#watchDirectories();
    else if (!touched.some((path) => path !== EVERYTHING && this.#folderOf(path) === undefined)) return;
    for (const folder of this.parts.folders) this.mentions.look(folder, this.#files);
  }

  /** The type files that these changes concern and that differ from their loaded state. */
  #pathsToLoad(touched: readonly string[]): string[] {
    const types = new Set<string>();
    const isKnown = (path: string) =>
      this.#folderOf(path) !== undefined || this.#files.dependentsOf(path) !== undefined;
    // A directory, a link to one, or a temporary file that is about to be renamed.
    if (touched.some((path) => !isKnown(path))) return this.#allStale();
    for (const path of touched) {
      if (this.#folderOf(path) !== undefined) types.add(path);
      for (const type of this.#files.dependentsOf(path) ?? []) types.add(type);
    }
    return [...types].filter((path) => this.#files.isStale(path));
  }

  #allStale(): string[] {
    const startedMs = performance.now();
    const types = new Set<string>();
    for (const folder of this.parts.folders) for (const path of typeFilesOf(folder)) types.add(path);
    for (const path of this.#files.paths()) types.add(path);
    const stale = [...types].filter((path) => this.#files.isStale(path));
    const endedMs = performance.now();
    this.#nextPollMs = endedMs + (endedMs - startedMs) / POLLING_SHARE;
    return stale;
  }

  #folderOf(path: string): TypeFolder | undefined {
    return this.parts.folders.find((folder) => folder.path === dirname(path) && isTypeFile(folder, path));
  }

  /** While a package is upgraded its directory of types is missing for a moment; the running server keeps them. */
  #isBetweenPackages(path: string): boolean {
    return this.#folderOf(path)?.ships === true && !isThere(dirname(path));
  }

  #watchDirectories(): void {
    if (this.#isClosed) return;
    this.watching.keep(new Set([...this.parts.folders.map(({ path }) => path), ...this.#files.directories()]));
  }

  #load(paths: readonly string[]): Promise<void> {
    const files = paths.map((path) => ({ path, folder: this.#folderOf(path) as TypeFolder }));
    return this.pipeline.load(files, this.#isStarting ? BATCH_FILES_AT_START : BATCH_FILES);
  }
}

/** Also a link that leads nowhere. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isEmptyFile(path: string): boolean {
  const status = path === EVERYTHING ? undefined : lstatSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true && status.size === 0;
}
