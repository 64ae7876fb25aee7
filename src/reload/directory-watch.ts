// Watches directories by path, whatever lies behind the path at the time. chokidar reports what happens in a directory. It keeps watching
// the directory that it was given, so this file looks every second whether the path leads to another one by now: replaced, made later, or
// reached through a switched link. Where the kernel has no watches left, all files are looked at every second. Not for what the changes
// mean.

import type { Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { ABSENT, identityOf } from './file-signature.js';

export interface DirectoryWatchParts {
  /** A path in a directory, or undefined when anything may have changed. */
  readonly changed: (path: string | undefined) => void;
  readonly warn: (message: string) => void;
}

interface Watched {
  /** Undefined while there is no directory, or no watch for it. */
  readonly watcher: FSWatcher | undefined;
  readonly identity: string;
}

/** The kernel's words for having no more watches. */
const NO_WATCHES_LEFT = new Set(['ENOSPC', 'EMFILE', 'ENFILE']);

const WATCH_OPTIONS = {
  ignoreInitial: true,
  atomic: false,
  depth: 0,
  // The watch of a directory reports its files as well. A watch for each would cost 0.1 ms and 4 KB of each of 10,000 scripts, and
  // the kernel may allow 8,192.
  ignored: (_path: string, status?: Stats) => status !== undefined && !status.isDirectory(),
};

export class DirectoryWatch {
  readonly #watched = new Map<string, Watched>();
  #isPolling = false;

  constructor(private readonly parts: DirectoryWatchParts) {}

  /** Some directory has no watch: its changes are not reported. */
  get isPolling(): boolean {
    return this.#isPolling;
  }

  /** Watches these directories and no others. */
  keep(directories: ReadonlySet<string>): void {
    for (const [path, { watcher }] of this.#watched) {
      if (directories.has(path)) continue;
      stop(watcher);
      this.#watched.delete(path);
    }
    for (const path of directories) if (!this.#watched.has(path)) this.#open(path);
  }

  /** Finds out which paths lead elsewhere by now. To be called every second. */
  check(): void {
    for (const [path, { watcher, identity }] of this.#watched) {
      if (identityOf(path) === identity) continue;
      stop(watcher);
      this.#open(path);
      this.parts.changed(undefined);
    }
  }

  #reopen(path: string): void {
    const watched = this.#watched.get(path);
    if (watched === undefined) return;
    stop(watched.watcher);
    this.#open(path);
    this.parts.changed(undefined);
  }

  close(): void {
    this.keep(new Set());
  }

  #open(path: string): void {
    const identity = identityOf(path);
    this.#watched.set(path, { identity, watcher: identity === ABSENT ? undefined : this.#start(path) });
  }

  #start(path: string): FSWatcher | undefined {
    if (this.#isPolling) return undefined;
    const watcher = watch(path, WATCH_OPTIONS);
    // Asked for by CHOKIDAR_USEPOLLING, for file systems that report nothing.
    this.#isPolling = watcher.options.usePolling;
    watcher.on('error', (error) => this.#fail(path, error));
    // What changed until now was not reported.
    watcher.on('ready', () => this.parts.changed(undefined));
    // Raw events report what the others leave out: a file replaced by one of the same time, and a link that was switched.
    watcher.on('raw', (_event: string, name: string | null, details) => {
      // chokidar looks for a directory that went away in the one above.
      if ((details as { watchedPath?: string }).watchedPath !== path) return;
      // Named like the directory is what happens to itself: it was moved, or removed.
      if (name === null || name === basename(path)) this.#reopen(path);
      this.parts.changed(name === null ? undefined : join(path, name));
    });
    return watcher;
  }

  #fail(path: string, error: unknown): void {
    // Gone meanwhile: the next check sees it. One message is enough.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || this.#isPolling) return;
    this.#isPolling = true;
    const reason = NO_WATCHES_LEFT.has(code ?? '')
      ? 'no inotify watches are left (raise fs.inotify.max_user_watches)'
      : String(error);
    this.parts.warn(`${path} cannot be watched: ${reason}; object types are looked at every second instead`);
  }
}

function stop(watcher: FSWatcher | undefined): void {
  void watcher?.close();
  // It may still be opening the directory, and closing took the listeners away.
  watcher?.on('error', () => {});
}
