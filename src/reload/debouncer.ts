// Debounces events of paths: a path is passed on when it had no event for a moment, so that a file is not read while it is written. A
// burst of events becomes one; paths that settle together are passed on together.

/** Editors write a file in steps a few milliseconds apart. A choice: ten times that, and still too short for a user to notice. */
export const SETTLE_MS = 60;

export class Debouncer {
  readonly #touchedMs = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly settled: (paths: readonly string[]) => void,
    private readonly settleMs: number = SETTLE_MS,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  touch(path: string): void {
    // Deleted first, so that the map stays in the order of the last touches.
    this.#touchedMs.delete(path);
    this.#touchedMs.set(path, this.nowMs());
    this.#timer ??= setTimeout(() => this.#flush(), this.settleMs);
  }

  forget(path: string): void {
    this.#touchedMs.delete(path);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#touchedMs.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    const now = this.nowMs();
    const quiet: string[] = [];
    for (const [path, touchedMs] of this.#touchedMs) {
      // Timers fire up to a millisecond early.
      if (now - touchedMs < this.settleMs - 1) {
        this.#timer = setTimeout(() => this.#flush(), this.settleMs - (now - touchedMs));
        break;
      }
      quiet.push(path);
    }
    for (const path of quiet) this.#touchedMs.delete(path);
    if (quiet.length > 0) this.settled(quiet);
  }
}
