// Watches directories by their paths. chokidar reports changes in the directory that it was given, even after that was moved away; so every
// second this file checks whether a path leads to another directory now: one that replaced it, was made later, or is the target of a
// switched link. Where the kernel has no watches left, the caller polls.

import type { Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { ABSENT, identityOf } from './file-signature.js';

interface DirectoryWatchParts {
  /** A path in a directory, or undefined when any file may have changed. */
  readonly changed: (path: string | undefined) => void;
  readonly warn: (message: string) => void;
}

interface Watched {
  /** Undefined while there is no directory, or no watch for it. */
  readonly watcher: FSWatcher | undefined;
  readonly identity: string;
}

/** Error codes of a kernel that has run out of watches. */
const NO_WATCHES_LEFT = new Set(['ENOSPC', 'EMFILE', 'ENFILE']);

const WATCH_OPTIONS = {
  ignoreInitial: true,
  atomic: false,
  depth: 0,
  // The watch of a directory reports its files as well. A watch for each file would cost 0.1 ms and 4 KB, for 10,000 scripts a second and
  // 40 MB, and the kernel may allow 8,192 watches.
  ignored: (_path: string, status?: Stats) => status !== undefined && !status.isDirectory(),
};

export class DirectoryWatch {
  readonly #watched = new Map<string, Watched>();
  #isPolling = false;

  constructor(private readonly parts: DirectoryWatchParts) {}

  /** A directory has no watch, so its changes are not reported. */
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

  /** Restarts the watches of paths that now lead to another directory. Call this every second. */
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
    // CHOKIDAR_USEPOLLING requests this for file systems that report no changes.
    this.#isPolling = watcher.options.usePolling;
    watcher.on('error', (error) => this.#fail(path, error));
    // Changes before this were not reported.
    watcher.on('ready', () => this.parts.changed(undefined));
    // Only raw events include a file replaced by one of the same time, and a link that was switched.
    watcher.on('raw', (_event: string, name: string | null, details) => {
      // chokidar watches the parent of a directory that was removed.
      if ((details as { watchedPath?: string }).watchedPath !== path) return;
      // An event with the directory's own name: it was moved or removed.
      if (name === null || name === basename(path)) this.#reopen(path);
      this.parts.changed(name === null ? undefined : join(path, name));
    });
    return watcher;
  }

  #fail(path: string, error: unknown): void {
    // The directory was removed, which the next check will notice. One message is enough.
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
  // It may still be opening the directory; close() has removed the error listener.
  watcher?.on('error', () => {});
}
