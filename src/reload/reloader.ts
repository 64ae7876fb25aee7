// Keeps the loaded types the same as the files of the scripts and plugins directories while the server runs. Whatever is
// wrong with a file costs one line of log; the version before it goes on. Not for compiling (the target does).

import { EventEmitter } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Transformer } from '../native/transformer.js';
import { LoadError } from '../objects/load-error.js';
import { SETTLE_MS, Settling } from './settling.js';
import { isTypeFile, shownName, type TypeFolder } from './type-file.js';
import { readTypeSource } from './type-source.js';
import type { TypeTarget } from './type-target.js';

export type ReloadOutcome = 'loaded' | 'failed' | 'removed';

export interface ReloadEvent {
  readonly file: string;
  readonly outcome: ReloadOutcome;
  /** The line that was logged. */
  readonly message: string;
}

export interface ReloaderParts {
  readonly folders: readonly TypeFolder[];
  readonly target: TypeTarget;
  readonly transformer: Transformer;
  readonly log: (level: 'info' | 'warn', message: string) => void;
  readonly settleMs?: number;
}

/** Plugins may keep what they share in folders below their own. */
const WATCH_DEPTH = 3;

export class Reloader {
  /** `reload` with a ReloadEvent, once for each file that was looked at. */
  readonly events = new EventEmitter<{ reload: [ReloadEvent] }>();
  private readonly settling: Settling;
  #watcher: FSWatcher | undefined;
  /** Work is done one batch after the other. */
  #queue: Promise<void> = Promise.resolve();
  /** Type files whose last load failed, with the line that was logged. */
  readonly #failed = new Map<string, string>();
  /** The modules that a plugin was made of, beside its own file. */
  readonly #imports = new Map<string, readonly string[]>();

  constructor(private readonly parts: ReloaderParts) {
    this.settling = new Settling((paths) => this.#enqueue(paths), parts.settleMs ?? SETTLE_MS);
  }

  /** Watches, then loads all that is there. Resolves when every file has been tried. */
  async start(): Promise<void> {
    const paths = this.parts.folders.map((folder) => folder.path);
    const watcher = watch(paths, {
      ignoreInitial: true,
      // Its own way with renames would hold removals back; settling deals with both.
      atomic: false,
      depth: WATCH_DEPTH,
      ignored: (path) => path.includes(`${sep}node_modules${sep}`),
    });
    this.#watcher = watcher;
    watcher.on('error', (error) => this.parts.log('warn', `watching object types: ${String(error)}`));
    for (const event of ['add', 'change', 'unlink'] as const) watcher.on(event, (path) => this.#touched(path));
    await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
    const files = this.parts.folders.flatMap((folder) => typeFilesOf(folder));
    for (const path of files) this.settling.forget(path);
    this.#enqueue(files);
    await this.#queue;
    // Until something changes its memory is better used otherwise.
    await this.parts.transformer.close();
  }

  async close(): Promise<void> {
    this.settling.close();
    await this.#watcher?.close();
    await this.#queue;
  }

  #touched(path: string): void {
    if (path.endsWith('.ts')) this.parts.transformer.warm();
    this.settling.touch(path);
  }

  #enqueue(paths: readonly string[]): void {
    this.#queue = this.#queue.then(() => this.#work(paths));
  }

  async #work(paths: readonly string[]): Promise<void> {
    const types = new Set<string>();
    for (const path of paths) for (const type of this.#typesTouchedBy(path)) types.add(type);
    // What is gone goes first: a renamed file has to find its type's name free.
    const gone = [...types].filter((path) => !existsSync(path));
    let freed = false;
    for (const path of gone) if (await this.#remove(path)) freed = true;
    for (const path of types) if (!gone.includes(path)) await this.#load(path);
    // A name that another file was waiting for may be free now.
    if (freed) for (const path of [...this.#failed.keys()]) if (!types.has(path)) await this.#load(path);
  }

  /** The type files that a change of a file concerns: itself, those that import it, and those that failed, perhaps for want of it. */
  #typesTouchedBy(path: string): string[] {
    const folder = this.#folderOf(path);
    if (folder !== undefined) return [path];
    const importers = [...this.#imports].filter(([, modules]) => modules.includes(path)).map(([type]) => type);
    return path.endsWith('.ts') ? [...importers, ...this.#failed.keys()] : importers;
  }

  #folderOf(path: string): TypeFolder | undefined {
    return this.parts.folders.find((folder) => folder.path === dirname(path) && isTypeFile(folder, path));
  }

  async #load(path: string): Promise<void> {
    const folder = this.#folderOf(path) as TypeFolder;
    const file = shownName(folder, path);
    try {
      const source = await readTypeSource(folder, path, this.parts.transformer);
      if (source === undefined) {
        await this.#remove(path);
        return;
      }
      if (source.language === 'typescript') {
        this.#imports.set(
          path,
          Object.keys(source.bundle.modules).filter((module) => module !== path),
        );
      }
      const { name, version } = await this.parts.target.install(source);
      this.#failed.delete(path);
      const shadow = this.parts.target.fileOf(name);
      const shadowed = shadow === undefined || shadow === file ? '' : `, shadowed by ${shadow}`;
      this.#say('info', file, 'loaded', `${file}: version ${version} of ${name} is live${shadowed}`);
    } catch (thrown) {
      this.#fail(path, file, thrown);
    }
  }

  #fail(path: string, file: string, thrown: unknown): void {
    const reason = thrown instanceof LoadError ? thrown : new LoadError(file, undefined, String(thrown));
    const version = this.parts.target.noteError(file, reason.message);
    const line = `${reason.message} (${version === 0 ? 'not loaded' : `version ${version} keeps running`})`;
    const isNews = this.#failed.get(path) !== line;
    this.#failed.set(path, line);
    if (isNews) this.parts.log('warn', line);
    this.events.emit('reload', { file, outcome: 'failed', message: line });
  }

  /** Whether the file had defined a type. */
  async #remove(path: string): Promise<boolean> {
    const folder = this.#folderOf(path) as TypeFolder;
    const file = shownName(folder, path);
    this.#failed.delete(path);
    this.#imports.delete(path);
    const name = await this.parts.target.remove(file);
    const heir = name === undefined ? undefined : this.parts.target.fileOf(name);
    const rest = heir === undefined ? `type ${name} is no more` : `${heir} answers for ${name}`;
    if (name !== undefined) this.#say('info', file, 'removed', `${file}: is gone, ${rest}`);
    else this.events.emit('reload', { file, outcome: 'removed', message: `${file}: is gone` });
    return name !== undefined;
  }

  #say(level: 'info' | 'warn', file: string, outcome: ReloadOutcome, message: string): void {
    this.parts.log(level, message);
    this.events.emit('reload', { file, outcome, message });
  }
}

function typeFilesOf(folder: TypeFolder): string[] {
  if (!existsSync(folder.path)) return [];
  return readdirSync(folder.path)
    .sort()
    .map((name) => join(folder.path, name))
    .filter((path) => isTypeFile(folder, path));
}
