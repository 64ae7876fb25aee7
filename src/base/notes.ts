// The log lines about single clients and requests that `-v` and `-vv` turn on. Their number per second is bounded, so that a flood of
// bad requests or of connections does not flood the log.

/** 0 is always logged; 1 with -v, 2 with -vv. */
export type NoteLevel = 0 | 1 | 2;

export interface Notes {
  /** The current verbosity. */
  readonly verbosity: number;
  /** Call this before building a message. */
  tell(level: NoteLevel, message: string): void;
}

export const NO_NOTES: Notes = { verbosity: 0, tell: () => {} };

/** Lines of one thread per second: some 20 KB at 200 bytes a line. A choice: enough to follow a few clients, too few to fill a disk. */
const LINES_PER_SECOND = 100;
/** Longer input is cut in a log line. */
const SHOWN_CHARACTERS = 200;

export class BoundedNotes implements Notes {
  #second = 0;
  #lines = 0;
  #leftOut = 0;

  constructor(
    private readonly readVerbosity: () => number,
    private readonly write: (level: NoteLevel, message: string) => void,
    private readonly secondNow: () => number = () => Math.floor(Date.now() / 1000),
  ) {}

  get verbosity(): number {
    return this.readVerbosity();
  }

  tell(level: NoteLevel, message: string): void {
    if (level > this.verbosity) return;
    this.#startSecond();
    if (this.#lines < LINES_PER_SECOND) {
      this.#lines++;
      this.write(level, message);
    } else {
      this.#leftOut++;
    }
  }

  /** Call once a second: logs how many lines the previous second left out. */
  everySecond(): void {
    this.#startSecond();
  }

  #startSecond(): void {
    const second = this.secondNow();
    if (second === this.#second) return;
    this.#second = second;
    this.#lines = 0;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    if (leftOut > 0) this.write(0, `${leftOut} further lines of one second were left out`);
  }
}

/** Bytes that a client has sent, escaped so that they fit in one log line. */
export function shownBytes(bytes: Uint8Array, from: number, to: number): string {
  const text = String.fromCharCode(...bytes.subarray(from, Math.min(to, from + SHOWN_CHARACTERS)));
  const line = text.split('\n', 1)[0];
  return line.replace(/\r$/, '').replace(/[^\x20-\x7e]/g, '?');
}
