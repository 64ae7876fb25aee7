// What each serving thread is doing, in memory that all threads share: whether it is inside a batch, and which call it runs. The watch
// thread reads it without a lock; app/threads/stall-watch.ts decides when a thread has been busy for too long.

/** 32-bit cells of each thread; threads write to different cache lines. */
const CELLS_PER_THREAD = 16;
/** Odd while the thread is inside a batch or other work, another number for each batch. */
const TURN = 0;
/** Position and length of the running call's virtual key in the arena; length 0 when no call runs. */
const CALL_AT = 1;
const CALL_LENGTH = 2;
/** Version of the change of object types that the thread is preparing, 0 when it prepares none. */
const CHANGE = 3;
/** The thread's number in the kernel, 0 when it is not known. */
const TASK = 4;
/** Upkeep takes its numbers from the upper half, so that two pieces of it are never taken for one that hangs. */
const UPKEEP_STEP = 1 << 16;

/** A chunk has five pin bits, hence at most five threads (arena/chunk.ts); the rest is spare. */
const MAX_THREADS = 8;
/** Cell in which the watcher leaves a request to the thread that begins the next batch. */
export const REQUEST_CELL = MAX_THREADS * CELLS_PER_THREAD;
const CELLS = REQUEST_CELL + CELLS_PER_THREAD;

/** Values of the request cell. */
export const WATCHER_REQUEST = {
  none: 0,
  /** Read the time. */
  readClock: 1,
  /** The same, and wake the watcher, which polls rarely while the server is idle. */
  wakeWatcher: 2,
} as const;

export type ActivityCells = Int32Array<SharedArrayBuffer>;

export function makeActivityCells(): ActivityCells {
  return new Int32Array(new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT));
}

/** One thread's own side. @perThread */
export class Activity {
  private readonly turnCell: number;
  private readonly callAtCell: number;
  private readonly callLengthCell: number;
  #turn = 0;
  #upkeep = 0;
  /** Whether a call has run since this was last set to false: it may have created promises that are still pending. */
  hasCalled = false;

  constructor(
    private readonly cells: ActivityCells = makeActivityCells(),
    thread = 0,
    private readonly onRequest: (request: number) => void = () => {},
  ) {
    this.turnCell = thread * CELLS_PER_THREAD + TURN;
    this.callAtCell = thread * CELLS_PER_THREAD + CALL_AT;
    this.callLengthCell = thread * CELLS_PER_THREAD + CALL_LENGTH;
  }

  /** Called in the thread itself; the watcher looks up the CPU time of this task. */
  setTask(task: number): void {
    Atomics.store(this.cells, this.turnCell - TURN + TASK, task);
  }

  /** The start of a batch, with the lock held: a thread that waits for the lock is not busy. */
  beginBatch(): void {
    this.#turn = (this.#turn + 1) | 1;
    // Sequentially consistent: either the watcher sees this batch, or this thread sees the watcher's request.
    Atomics.store(this.cells, this.turnCell, this.#turn);
    if (Atomics.load(this.cells, REQUEST_CELL) !== WATCHER_REQUEST.none) this.#answerRequest();
  }

  endBatch(): void {
    this.#turn = (this.#turn + 1) | 0;
    this.cells[this.turnCell] = this.#turn;
  }

  /** Work that is not a client's: it is watched, but it neither wakes the watcher nor counts as a batch afterwards. */
  beginUpkeep(): void {
    this.#upkeep = (this.#upkeep + UPKEEP_STEP) | 0;
    Atomics.store(this.cells, this.turnCell, (this.#turn + 1) ^ this.#upkeep);
  }

  endUpkeep(): void {
    Atomics.store(this.cells, this.turnCell, this.#turn);
  }

  beginChange(version: number): void {
    this.cells[this.turnCell - TURN + CHANGE] = version;
    this.beginUpkeep();
  }

  endChange(): void {
    this.endUpkeep();
    this.cells[this.turnCell - TURN + CHANGE] = 0;
  }

  beginCall(keyAt: number, keyLength: number): void {
    this.hasCalled = true;
    this.cells[this.callAtCell] = keyAt;
    this.cells[this.callLengthCell] = keyLength;
  }

  get isInCall(): boolean {
    return this.cells[this.callLengthCell] !== 0;
  }

  endCall(): void {
    this.cells[this.callLengthCell] = 0;
  }

  #answerRequest(): void {
    this.onRequest(Atomics.exchange(this.cells, REQUEST_CELL, WATCHER_REQUEST.none));
  }
}

interface RunningCall {
  readonly keyAt: number;
  readonly keyLength: number;
}

/** The watcher's side. */
export class ActivityView {
  constructor(private readonly cells: ActivityCells) {}

  turn(thread: number): number {
    return Atomics.load(this.cells, thread * CELLS_PER_THREAD + TURN);
  }

  task(thread: number): number {
    return Atomics.load(this.cells, thread * CELLS_PER_THREAD + TASK);
  }

  /** Undefined when the thread runs none. Not a snapshot: the thread may start another call between the two reads. */
  runningCall(thread: number): RunningCall | undefined {
    const keyLength = Atomics.load(this.cells, thread * CELLS_PER_THREAD + CALL_LENGTH);
    if (keyLength === 0) return undefined;
    return { keyAt: Atomics.load(this.cells, thread * CELLS_PER_THREAD + CALL_AT), keyLength };
  }

  /** 0 when the thread prepares no change of types. */
  preparedChange(thread: number): number {
    return Atomics.load(this.cells, thread * CELLS_PER_THREAD + CHANGE);
  }

  request(what: number): void {
    Atomics.store(this.cells, REQUEST_CELL, what);
  }
}
