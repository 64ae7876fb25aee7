// The last failures of methods, with their stacks, in memory that all serving threads share. Used with the threads' lock held. Not for
// the log.

export interface Failure {
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

export function makeFailureMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_BYTES + SLOTS * SLOT_BYTES);
}

export class FailureRing {
  readonly #view: DataView;
  readonly #bytes: Buffer;

  constructor(memory: SharedArrayBuffer = makeFailureMemory()) {
    this.#view = new DataView(memory);
    this.#bytes = Buffer.from(memory);
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
