// The last lines of the log, for the admin interface.

interface LoggedLine {
  /** Counts the lines since the start, from 1. */
  readonly number: number;
  readonly unixMs: number;
  readonly level: string;
  readonly message: string;
}

/** A choice: a day of a server that works, a second of one that does not. */
const MOST_LINES = 500;
const MOST_CHARACTERS = 2000;

export class LogMemory {
  /** Called for each line. */
  onLine: (line: LoggedLine) => void = () => undefined;
  readonly #lines: LoggedLine[] = [];
  #count = 0;

  /** A line as JSON, as the log makes it. */
  add(json: string): void {
    const { level = '', msg = '', time } = JSON.parse(json) as { level?: string; msg?: string; time?: string };
    const unixMs = time === undefined ? Date.now() : Date.parse(time);
    const line = { number: ++this.#count, unixMs, level, message: msg.slice(0, MOST_CHARACTERS) };
    this.#lines.push(line);
    if (this.#lines.length > MOST_LINES) this.#lines.shift();
    this.onLine(line);
  }

  /** The lines after a number, the oldest first. */
  after(number: number): readonly LoggedLine[] {
    return this.#lines.filter((line) => line.number > number);
  }
}
