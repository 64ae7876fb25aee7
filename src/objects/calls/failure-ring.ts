// The last failures of methods, with their stacks, and when each distinct one was logged last, in memory that all serving threads share.
// Used with the threads' lock held. What is logged: failure-log.ts.

import { createHash } from 'node:crypto';

export interface Failure {
  readonly atUnixMs: number;
  /** File and line, message and key in one line. */
  readonly line: string;
  readonly stack: string;
}

/** 20 failures with their stacks take 80 KB. */
const SLOTS = 20;
const SLOT_BYTES = 4096;
/** The header before the slots holds the number of failures so far. */
const HEAD_BYTES = 8;
/** The first word of a slot is the length of its text. */
const LENGTH_BYTES = 4;

/** Number of distinct failures whose last log line is remembered; one more replaces the one logged longest ago. */
const LINES = 200;
/** 32-bit cells of each: two for its hash, the second in which it was logged (0 when the entry is empty), and the failures since. */
const LINE_CELLS = 4;
const LINES_AT = HEAD_BYTES + SLOTS * SLOT_BYTES;
const QUIET_SECONDS = 60;

export function makeFailureMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(LINES_AT + LINES * LINE_CELLS * Uint32Array.BYTES_PER_ELEMENT);
}

export class FailureRing {
  readonly #view: DataView;
  readonly #bytes: Buffer;
  readonly #lines: Uint32Array;

  constructor(memory: SharedArrayBuffer = makeFailureMemory()) {
    this.#view = new DataView(memory);
    this.#bytes = Buffer.from(memory);
    this.#lines = new Uint32Array(memory, LINES_AT);
  }

  /** Undefined when a thread has logged the failure within the last minute; otherwise how often it has occurred since it was logged. */
  countSinceLine(failure: string, second: number): number | undefined {
    const digest = createHash('sha1').update(failure).digest();
    const [high, low] = [digest.readUInt32LE(0), digest.readUInt32LE(4)];
    const lines = this.#lines;
    let oldest = 0;
    for (let at = 0; at < lines.length; at += LINE_CELLS) {
      const since = lines[at + 2];
      if (since !== 0 && lines[at] === high && lines[at + 1] === low) {
        const more = lines[at + 3];
        const isDue = second - since >= QUIET_SECONDS;
        if (isDue) lines[at + 2] = second;
        lines[at + 3] = isDue ? 0 : more + 1;
        return isDue ? more : undefined;
      }
      if (since < lines[oldest + 2]) oldest = at;
    }
    lines.set([high, low, second, 0], oldest);
    return 0;
  }

  add(failure: Failure): void {
    const count = this.#view.getUint32(0);
    this.#view.setUint32(0, count + 1);
    const at = slotAt(count);
    const text = Buffer.from(`${failure.atUnixMs}\n${failure.line}\n${failure.stack}`, 'utf8');
    const room = SLOT_BYTES - LENGTH_BYTES;
    this.#view.setUint32(at, Math.min(text.length, room));
    text.copy(this.#bytes, at + LENGTH_BYTES, 0, room);
  }

  /** The failures, newest first. */
  list(): Failure[] {
    const count = this.#view.getUint32(0);
    return Array.from({ length: Math.min(count, SLOTS) }, (_, index) => this.#read(slotAt(count - 1 - index)));
  }

  #read(at: number): Failure {
    const start = at + LENGTH_BYTES;
    const text = this.#bytes.toString('utf8', start, start + this.#view.getUint32(at));
    const [time = '', line = '', ...stack] = text.split('\n');
    return { atUnixMs: Number(time), line, stack: stack.join('\n') };
  }
}

function slotAt(number: number): number {
  return HEAD_BYTES + (number % SLOTS) * SLOT_BYTES;
}
