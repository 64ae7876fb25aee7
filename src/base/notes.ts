// What `-v` and `-vv` tell of single clients and requests, as far as the log is to be so talkative: bounded in each second, so that
// neither a flood of bad requests nor of connections becomes one of lines. Not for the log itself.

/** 0 is always told; 1 with -v, 2 with -vv. */
export type NoteLevel = 0 | 1 | 2;

export interface Notes {
  /** How talkative the log is now. */
  readonly verbosity: number;
  /** Asked before a message is put together. */
  tell(level: NoteLevel, message: string): void;
}

export const NO_NOTES: Notes = { verbosity: 0, tell: () => {} };

/** Lines of one thread in one second. */
const LINES_PER_SECOND = 100;
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

  /** To be called once a second: says how many lines the one before has left out. */
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

/** Bytes that a client has sent, as one harmless line. */
export function shownBytes(bytes: Uint8Array, from: number, to: number): string {
  const text = String.fromCharCode(...bytes.subarray(from, Math.min(to, from + SHOWN_CHARACTERS)));
  const line = text.split('\n', 1)[0];
  return line.replace(/\r$/, '').replace(/[^\x20-\x7e]/g, '?');
}
