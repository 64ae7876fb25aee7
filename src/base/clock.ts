// The server's clock: whole seconds since just before the start, shared by all threads through the arena. It is monotonic, so that a
// change of the machine's date expires no items, and tests can move it. Durations are measured with thread-time.ts.

import process from 'node:process';

/** Read once: Node's `process` is a dictionary of V8, and each look-up in it takes 10 ns. */
const { hrtime } = process;

/** The clock starts here, so that 1 is always in the past and 0 can mean "never". */
export const FIRST_SECOND = 2;

/** Client expiry times up to this many seconds are relative, larger ones are unix time (memcached's 30-day rule). */
export const RELATIVE_LIMIT_SECONDS = 60 * 60 * 24 * 30;

const ALWAYS_PAST = 1;

/** The last second that an item can expire at, which has 32 bits in its header. */
const LAST_SECOND = 0xffff_fffe;

/** The largest time to live that a method can give. */
export const MOST_TTL_SECONDS = 0xffff_ffff;

/** What the clock keeps in shared memory, as cells of one Float64Array. */
export const CLOCK_CELLS = {
  startUnixMs: 0,
  startSteadyMs: 1,
  offsetSeconds: 2,
  now: 3,
  sequence: 4,
  /** The server's date at which `monotonicMs` is 0: its start, or what a load has set. */
  monotonicFromMs: 5,
  count: 6,
} as const;

/** Numbers of the sequence per millisecond: with 53 bits it lasts until the year 2248. */
const SEQUENCE_STEPS_PER_MS = 1024;

export interface TimeSource {
  /** Milliseconds that never go back, the same for all threads of the process. */
  steadyMs(): number;
  unixMs(): number;
}

export const systemTime: TimeSource = {
  steadyMs: () => {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
  unixMs: () => Date.now(),
};

/** @perThread */
export class Clock {
  constructor(
    private readonly cells: Float64Array,
    private readonly time: TimeSource = systemTime,
  ) {
    if (cells[CLOCK_CELLS.startUnixMs] === 0) {
      cells[CLOCK_CELLS.startUnixMs] = time.unixMs();
      cells[CLOCK_CELLS.startSteadyMs] = time.steadyMs();
      cells[CLOCK_CELLS.monotonicFromMs] = cells[CLOCK_CELLS.startUnixMs];
    }
    this.refresh();
  }

  /** Current server second; constant while a batch is served, even if another thread refreshes the clock. */
  now = FIRST_SECOND;

  /** Adopts the second that the last refresh by any thread has stored. Called at the start of a batch. */
  sync(): void {
    this.now = this.cells[CLOCK_CELLS.now];
  }

  /** Reads the time for all threads. Called by a timer: reading it costs as much as half a request. */
  refresh(): void {
    const elapsedMs = this.time.steadyMs() - this.cells[CLOCK_CELLS.startSteadyMs];
    this.now = Math.floor(elapsedMs / 1000) + this.#offsetSeconds + FIRST_SECOND;
    this.cells[CLOCK_CELLS.now] = this.now;
  }

  /** Seconds since the start of the server. */
  get uptimeSeconds(): number {
    return this.now - FIRST_SECOND;
  }

  /** Milliseconds since 1970, moved along with `advance`. */
  get unixMs(): number {
    const elapsedMs = this.time.steadyMs() - this.cells[CLOCK_CELLS.startSteadyMs];
    return this.cells[CLOCK_CELLS.startUnixMs] + elapsedMs + this.#offsetSeconds * 1000;
  }

  get monotonicFromMs(): number {
    return this.cells[CLOCK_CELLS.monotonicFromMs];
  }

  set monotonicFromMs(unixMs: number) {
    this.cells[CLOCK_CELLS.monotonicFromMs] = unixMs;
  }

  /** A whole number larger than all before, in all threads: 1024 times the milliseconds since 1970, or one more than the last. It rises over
      a restart too, unless the machine's date was set back. Called with the threads' lock held, with the time where the caller has read it. */
  nextSequence(unixMs = this.unixMs): number {
    const { cells } = this;
    const next = Math.max(cells[CLOCK_CELLS.sequence] + 1, Math.floor(unixMs * SEQUENCE_STEPS_PER_MS));
    cells[CLOCK_CELLS.sequence] = next;
    return next;
  }

  /** Seconds since 1970 that belong to `now`. */
  get unixNow(): number {
    return this.#startUnix + this.uptimeSeconds;
  }

  /** Server second of a client's exptime: 0 is never, negative is already past. As in memcached it is a signed number of 32 bits:
      clients send "already past" as 4294967295 too. */
  fromClient(exptime: number): number {
    const seconds = exptime | 0;
    if (seconds === 0) return 0;
    if (seconds < 0) return ALWAYS_PAST;
    if (seconds <= RELATIVE_LIMIT_SECONDS) return this.now + seconds;
    return Math.max(ALWAYS_PAST, seconds - this.#startUnix + FIRST_SECOND);
  }

  /** Server second of the time to live that a method gives, up to MOST_TTL_SECONDS: 0 is never. Parts of a second are rounded up, since less
      than one would become never. */
  fromTtl(seconds: number): number {
    return seconds === 0 ? 0 : Math.min(this.now + Math.ceil(seconds), LAST_SECOND);
  }

  /** Whether a client's exptime is a date before the server's start. */
  isBeforeStart(exptime: number): boolean {
    const seconds = exptime | 0;
    return seconds > RELATIVE_LIMIT_SECONDS && seconds < this.#startUnix;
  }

  /** Unix second of a server second. */
  toUnix(serverSecond: number): number {
    return this.#startUnix + serverSecond - FIRST_SECOND;
  }

  /** Moves the clock of every thread; for tests and `debugtime`. */
  advance(seconds: number): void {
    this.cells[CLOCK_CELLS.offsetSeconds] = this.#offsetSeconds + seconds;
    this.refresh();
  }

  get #offsetSeconds(): number {
    return this.cells[CLOCK_CELLS.offsetSeconds];
  }

  get #startUnix(): number {
    return Math.floor(this.cells[CLOCK_CELLS.startUnixMs] / 1000);
  }
}
