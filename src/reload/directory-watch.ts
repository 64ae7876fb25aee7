// Watches directories by path, whatever lies behind the path at the time: one that is moved away, replaced, made later or reached through
// another link is found again within a second. The kernel reports changes of files; where it has no watches left, all is looked at
// every second. Not for what the changes mean.

import { type FSWatcher, watch as watchPath } from 'node:fs';
import { basename, join } from 'node:path';
import { ABSENT, identityOf } from './file-signature.js';

export interface DirectoryWatchParts {
  /** A path in a directory, or undefined when anything may have changed. */
  readonly changed: (path: string | undefined) => void;
  readonly warn: (message: string) => void;
  readonly watch?: typeof watchPath;
}

interface Watched {
  /** Undefined while there is no directory, or no watch for it. */
  readonly watcher: FSWatcher | undefined;
  readonly identity: string;
}

/** The kernel's words for having no more watches. */
const NO_WATCHES_LEFT = new Set(['ENOSPC', 'EMFILE', 'ENFILE']);

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
      watcher?.close();
      this.#watched.delete(path);
    }
    for (const path of directories) if (!this.#watched.has(path)) this.#open(path);
  }

  /** Finds out which paths lead elsewhere by now. To be called every second. */
  check(): void {
    for (const [path, { watcher, identity }] of this.#watched) {
      if (identityOf(path) === identity) continue;
      watcher?.close();
      this.#open(path);
      this.parts.changed(undefined);
    }
  }

  #reopen(path: string): void {
    const watched = this.#watched.get(path);
    if (watched === undefined) return;
    watched.watcher?.close();
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
    const { watch = watchPath, changed } = this.parts;
    try {
      const watcher = watch(path, (_event, name) => {
        // Named like the directory is what happens to itself: it was moved, or removed. The next one may get its number.
        if (name === null || name === basename(path)) this.#reopen(path);
        changed(name === null ? undefined : join(path, name));
      });
      watcher.on('error', (error) => this.#fail(path, error));
      return watcher;
    } catch (error) {
      this.#fail(path, error);
      return undefined;
    }
  }

  #fail(path: string, error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    // Gone meanwhile: the next check sees it.
    if (code === 'ENOENT' || this.#isPolling) return;
    this.#isPolling = true;
    const reason = NO_WATCHES_LEFT.has(code ?? '')
      ? 'no inotify watches are left (raise fs.inotify.max_user_watches)'
      : String(error);
    this.parts.warn(`${path} cannot be watched: ${reason}; object types are looked at every second instead`);
  }
}
