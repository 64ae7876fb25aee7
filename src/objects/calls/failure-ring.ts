// The last failures of methods, with their stacks, and when each distinct one was logged last, in memory that all serving threads share.
// Used with the threads' lock held. Not for what the log says.

import { createHash } from 'node:crypto';

interface Failure {
  readonly atUnixMs: number;
  /** File and line, message and key in one line. */
  readonly line: string;
  readonly stack: string;
}

const SLOTS = 20;
const SLOT_BYTES = 4096;
/** Before the slots: how many failures there were. */
const HEAD_BYTES = 8;
/** Length of a slot's text. */
const LENGTH_BYTES = 4;

/** Distinct failures whose last line is remembered; of more, the one whose line is oldest is forgotten. */
const LINES = 200;
/** Of each, in 32-bit cells: two of its hash, the second of its line, and how often it failed since. An empty one has the second 0. */
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

  /** Undefined when any thread has logged the failure within a minute, and how often it came since its last line when it is due. */
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

  /** The newest first. */
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
