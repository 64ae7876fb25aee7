// -k and -r: memory that the kernel may not swap out, and core files as large as the kernel allows, through the C library. Linux only.

import { errorName } from '../transport/epoll/libc.js';
import { declareFunctions } from './c-library.js';
import type { Config } from './config/config.js';
import type { Log } from './log.js';

/** Numbers of Linux on x64 and arm64. */
const RLIMIT_CORE = 4;
const RLIMIT_MEMLOCK = 8;
const MCL_CURRENT = 1;
const MCL_FUTURE = 2;
/** Locks pages when they are first used; otherwise all that V8 reserves would be filled. */
const MCL_ONFAULT = 4;

const UNLIMITED = 0xffff_ffff_ffff_ffffn;

interface LimitLibrary {
  getrlimit(resource: number, limits: Uint8Array): number;
  setrlimit(resource: number, limits: Uint8Array): number;
  mlock(from: number, length: number): number;
  addressOf(buffer: SharedArrayBuffer): number;
  mlockall(flags: number): number;
  errno(): number;
}

/** The problem in words; undefined when there is none. */
type Problem = string | undefined;

function loadLibrary(): Promise<LimitLibrary | undefined> {
  return declareFunctions((library, koffi) => ({
    getrlimit: library.func('int getrlimit(int resource, _Out_ uint8_t *limits)'),
    setrlimit: library.func('int setrlimit(int resource, const void *limits)'),
    mlock: library.func('int mlock(uintptr_t from, size_t length)'),
    addressOf: (buffer) => Number(koffi.address(new Uint8Array(buffer, 0, 1))),
    mlockall: library.func('int mlockall(int flags)'),
    errno: () => koffi.errno(),
  }));
}

/** Called before the process drops root. If the kernel refuses a limit, that is logged and has no other effect. */
export async function takeLimits(
  { coreDumps, memoryLocked }: Pick<Config, 'coreDumps' | 'memoryLocked'>,
  memory: SharedArrayBuffer,
  log: Pick<Log, 'warn'>,
): Promise<void> {
  if (!coreDumps && !memoryLocked) return;
  const limits = new SystemLimits(await loadLibrary());
  const core = coreDumps ? limits.raiseCoreLimit() : undefined;
  if (core !== undefined) log.warn(`-r: the limit of core files is unchanged: ${core}`);
  const lock = memoryLocked ? limits.lockMemory(memory) : undefined;
  if (lock !== undefined) log.warn(`-k: the memory for items is not locked: ${lock}`);
}

const NO_LIBRARY = 'the C library cannot be called on this system';

class SystemLimits {
  constructor(private readonly library: LimitLibrary | undefined) {}

  /** Removes the limit if the process may do that; otherwise raises it to the hard limit. */
  raiseCoreLimit(): Problem {
    const { library } = this;
    if (library === undefined) return NO_LIBRARY;
    if (library.setrlimit(RLIMIT_CORE, limitsOf(UNLIMITED, UNLIMITED)) === 0) return undefined;
    const hard = hardLimit(library, RLIMIT_CORE);
    if (hard === 0n) return 'the hard limit is 0 (ulimit -H -c)';
    return library.setrlimit(RLIMIT_CORE, limitsOf(hard, hard)) === 0 ? undefined : reasonOf(library);
  }

  /** Locks the buffer and, where no limit could make a later allocation fail, all other memory of the process. */
  lockMemory(buffer: SharedArrayBuffer): Problem {
    const { library } = this;
    if (library === undefined) return NO_LIBRARY;
    const isUnlimited =
      library.setrlimit(RLIMIT_MEMLOCK, limitsOf(UNLIMITED, UNLIMITED)) === 0 ||
      hardLimit(library, RLIMIT_MEMLOCK) === UNLIMITED;
    if (library.mlock(library.addressOf(buffer), buffer.byteLength) !== 0) return `${reasonOf(library)} (ulimit -l)`;
    if (isUnlimited) library.mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    return undefined;
  }
}

function limitsOf(soft: bigint, hard: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(soft, hard).buffer);
}

function hardLimit(library: LimitLibrary, resource: number): bigint {
  const limits = new Uint8Array(16);
  library.getrlimit(resource, limits);
  return new BigUint64Array(limits.buffer)[1] ?? 0n;
}

function reasonOf(library: LimitLibrary): string {
  return errorName(library.errno());
}
