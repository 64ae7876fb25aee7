// Log lines that object types cause, with a limit for each type and second: further lines are counted, and the count is logged. Lines of
// the server itself: src/app/log.ts.

import type { Clock } from '../../base/clock.js';

export type Log = (level: 'info' | 'warn', message: string, type?: string) => void;

/** Lines of one type in one second and one thread. */
const LINES_PER_SECOND = 20;

interface Count {
  second: number;
  lines: number;
  left: number;
}

export class TypeLines {
  readonly #counts = new Map<string, Count>();

  constructor(
    private readonly log: Log,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly onLeft: () => void = () => {},
  ) {}

  readonly write: Log = (level, message, type) => {
    const count = this.#countOf(type ?? '');
    if (count.lines >= LINES_PER_SECOND) {
      count.left++;
      this.onLeft();
      return;
    }
    count.lines++;
    this.log(level, message);
  };

  /** Logs how many lines were dropped. Called once a second. */
  flush(): void {
    for (const [type, count] of this.#counts) {
      if (count.second === this.clock.now) continue;
      this.#tellLeft(type, count);
      this.#counts.delete(type);
    }
  }

  #countOf(type: string): Count {
    const { now } = this.clock;
    let count = this.#counts.get(type);
    if (count === undefined) {
      count = { second: now, lines: 0, left: 0 };
      this.#counts.set(type, count);
    } else if (count.second !== now) {
      this.#tellLeft(type, count);
      count.second = now;
      count.lines = 0;
      count.left = 0;
    }
    return count;
  }

  #tellLeft(type: string, { left }: Count): void {
    if (left > 0) this.log('warn', `${type}: ${left} more lines of this type were left out of the log within a second`);
  }
}
