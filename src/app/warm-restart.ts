// Keeps the data over a restart (-e). At the start the memory file is read into the new arena; when the server stops, a new one is written.
// A file counts for one start only: before the first client is served it loses its name, so that an older state is never taken for a newer
// one. The file itself: memory-file/README.md.

import { closeSync, constants, lstatSync, openSync } from 'node:fs';
import type { Arena } from '../arena/memory.js';
import { SYNC, syncCells } from '../arena/sync.js';
import { reasonOf } from '../base/error-reason.js';
import { MemoryFileError } from '../memory-file/file-header.js';
import {
  freeRefusedName,
  lockOf,
  MOST_REFUSED,
  moveForGood,
  partialOf,
  refusedOf,
  removeIfThere,
  usedOf,
} from '../memory-file/file-names.js';
import { readMemoryFile } from '../memory-file/file-reader.js';
import { type MemoryOptions, writeMemoryFile } from '../memory-file/file-writer.js';
import { type MachineTime, machineTime } from '../memory-file/passed-time.js';
import { STORE_ROOTS } from '../store/store-roots.js';
import type { LockFile } from './file-lock.js';
import type { Log } from './log.js';
import { hasPlainValuesOnly } from './plain-values.js';
import { noteRestore, type RestoreState } from './restore-outcome.js';
import { EXIT, StartError } from './start-error.js';

const OWNER_ONLY = 0o600;
const MEBIBYTE = 1024 * 1024;

interface WarmRestartParts {
  readonly path: string;
  readonly arena: Arena;
  readonly options: MemoryOptions;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly time?: MachineTime;
  /** Undefined where files cannot be locked. */
  readonly lockFile?: LockFile | undefined;
}

export class WarmRestart {
  private readonly time: MachineTime;
  private readonly cells: Int32Array;
  #state: RestoreState = 'none';
  #isClaimed = false;
  /** The name of the file from the claim on. */
  #otherName: string;

  constructor(private readonly parts: WarmRestartParts) {
    this.time = parts.time ?? machineTime();
    this.cells = syncCells(parts.arena);
    this.#otherName = usedOf(parts.path);
  }

  /** Before any store is made on the arena. A file that cannot be used leaves the arena empty. */
  restore(): void {
    const { arena, log, options, path } = this.parts;
    requireRegularFile(path);
    this.#lock();
    const startMs = performance.now();
    try {
      const restored = readMemoryFile(path, arena, options, this.time);
      if (restored === undefined) {
        log.info(`-e ${path}: there is no such file, so the cache is empty`);
        return;
      }
      this.#note('restored', performance.now() - startMs);
      const seconds = Math.round(restored.passedMs / 1000);
      log.info(
        `-e ${path}: ${itemsIn(arena)} restored, ${inMebibytes(restored.fileBytes)} MiB in ${secondsSince(startMs)} s; the server was away for ${seconds} s`,
      );
      this.#noteLimit();
    } catch (error) {
      if (!(error instanceof MemoryFileError)) throw error;
      this.#refuse(error, performance.now() - startMs);
    }
  }

  /** For a server without objects, once there is a store. The file stays for a start with objects. */
  demandPlainValues(parts: Parameters<typeof hasPlainValuesOnly>[0]): void {
    if (this.#state !== 'restored' || hasPlainValuesOnly(parts)) return;
    throw new StartError(
      `-e ${this.parts.path}: the file has objects: start without --no-objects, or with another file`,
    );
  }

  /** After the change of the user, before clients are served: takes the name from the file that was read. */
  claim(): void {
    const { path } = this.parts;
    try {
      // Rights alone do not tell: nobody can make a file in /sys.
      removeIfThere(partialOf(path));
      closeSync(openSync(partialOf(path), 'wx', OWNER_ONLY));
      removeIfThere(partialOf(path));
      if (this.#state === 'none') removeIfThere(usedOf(path));
      else moveForGood(path, this.#otherName);
    } catch (error) {
      throw folderRefuses(path, error);
    }
    this.#isClaimed = true;
  }

  /** The start has failed after all: the next one gets the file. */
  giveBack(): void {
    this.#isClaimed = false;
    if (this.#state !== 'none') moveForGood(this.#otherName, this.parts.path);
  }

  /** Clients are served. */
  confirm(): void {
    const { log, path } = this.parts;
    try {
      removeIfThere(usedOf(path));
    } catch (error) {
      log.warn(`${usedOf(path)} cannot be removed: ${reasonOf(error)}`);
    }
  }

  /** When nothing changes the arena any more. Returns the exit code. */
  save(isAtRest: boolean): number {
    const { arena, log, options, path } = this.parts;
    if (!this.#isClaimed) return EXIT.ok;
    const startMs = performance.now();
    try {
      if (!isAtRest) throw new Error('a thread has not ended as it should');
      if (Atomics.load(this.cells, SYNC.lock) !== 0) throw new Error('a thread has ended in the middle of a change');
      const bytes = writeMemoryFile(path, arena, options, this.time);
      log.info(`-e ${path}: ${itemsIn(arena)} saved, ${inMebibytes(bytes)} MiB in ${secondsSince(startMs)} s`);
      return EXIT.ok;
    } catch (error) {
      log.error(`-e ${path}: the cache is not saved: ${reasonOf(error)}`);
      return EXIT.ioError;
    }
  }

  /** Otherwise a server that starts while another one is still saving would find no file, and remove the one that is being written. */
  #lock(): void {
    const { lockFile, path } = this.parts;
    if (lockFile === undefined) return;
    let descriptor: number;
    try {
      // It stays open, and so locked, until the process ends.
      descriptor = openSync(lockOf(path), constants.O_RDONLY | constants.O_CREAT | constants.O_NOFOLLOW, OWNER_ONLY);
    } catch (error) {
      throw folderRefuses(path, error);
    }
    if (lockFile(descriptor)) return;
    throw new StartError(
      `-e ${path}: another server uses this file, or is still writing it: wait until it has ended, or give each server its own file`,
      EXIT.osError,
    );
  }

  /** An older refused file may hold the only copy of the data: after a start with a wrong option, the right one refuses the file that was
      saved meanwhile. */
  #refuse(error: MemoryFileError, elapsedMs: number): void {
    const { log, path } = this.parts;
    const refusal = `-e ${path}: not restored, ${reasonOf(error)}`;
    const name = freeRefusedName(path);
    if (name === undefined) {
      const names = `${refusedOf(path, 1)} to ${refusedOf(path, MOST_REFUSED)}`;
      throw new StartError(
        `${refusal}; ${MOST_REFUSED} refused files are kept already, ${names}: remove those that you do not need`,
        EXIT.cannotCreate,
      );
    }
    this.#otherName = name;
    this.#note('refused', elapsedMs);
    log.warn(`${refusal}; the cache is empty, and the file is kept as ${name}${useOf(name, path, error)}`);
  }

  #note(state: RestoreState, elapsedMs: number): void {
    this.#state = state;
    noteRestore(this.cells, state, this.parts.arena.words[STORE_ROOTS.items], elapsedMs);
  }

  #noteLimit(): void {
    const { arena, log, options } = this.parts;
    if (arena.limitBytes === options.memoryLimitBytes) return;
    log.info(`the memory limit is ${inMebibytes(arena.limitBytes)} MiB, as cache_memlimit had set it`);
  }
}

function useOf(name: string, path: string, { fittingStart }: MemoryFileError): string {
  if (fittingStart === undefined) return '';
  const start = `stop this server, move the file back to ${path} and start ${fittingStart}`;
  return `; to use it, ${start}, or write its items to a stream by cacheismo dump --from ${name}`;
}

function folderRefuses(path: string, cause: unknown): StartError {
  const reason = `the folder must let files be made and renamed: ${reasonOf(cause)}`;
  return new StartError(`-e ${path}: ${reason}`, EXIT.cannotCreate, { cause });
}

/** No link either: the file is renamed and removed. */
function requireRegularFile(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) throw new StartError(`-e ${path}: must be a regular file`);
}

function itemsIn({ words }: Arena): string {
  const count = words[STORE_ROOTS.items];
  return count === 1 ? '1 item' : `${count} items`;
}

function inMebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(bytes < 100 * MEBIBYTE ? 1 : 0);
}

function secondsSince(startMs: number): string {
  return ((performance.now() - startMs) / 1000).toFixed(2);
}
