// Writes the log without ever waiting: a full disk, a closed pipe or a pipe that is not read costs lines, which are counted, but never
// delays the server. One write at a time, in a thread of Node's pool.

import { write } from 'node:fs';

/** Lines that would make the waiting ones exceed this are dropped. A choice: some 1,000 lines, four times what a pipe buffers. */
const MAX_WAITING_BYTES = 256 * 1024;

/** A descriptor that takes nothing at the moment is tried again after this long. */
const RETRY_MS = 100;

interface LogWriterOptions {
  readonly descriptor: number;
  /** Called when lines are lost. */
  readonly onDropped: (lines: number) => void;
  /** Called when lines are written again after some were lost, with the reason for the loss. */
  readonly onRecovered: (lostLines: number, reason: string) => void;
}

type Write = (
  descriptor: number,
  bytes: Buffer,
  offset: number,
  done: (error: Error | null, written: number) => void,
) => void;

const systemWrite: Write = (descriptor, bytes, offset, done) =>
  write(descriptor, bytes, offset, bytes.length - offset, null, done);

export class LogWriter {
  #waiting: string[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #lostLines = 0;
  #lostReason = '';
  #onQuiet: (() => void) | undefined;

  constructor(
    private readonly options: LogWriterOptions,
    private readonly writeBytes: Write = systemWrite,
  ) {}

  /** Whether lines are still to be written. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** A line with its end. */
  write(line: string): void {
    if (this.#waitingBytes + line.length > MAX_WAITING_BYTES) {
      this.#lose(1, 'they were not read in time');
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (!this.#isWriting) this.#writeWaiting();
  }

  /** Resolves when all lines are written, at the latest after this long. */
  flush(timeoutMs: number): Promise<void> {
    if (!this.#isWriting) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onQuiet = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #writeWaiting(): void {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#isWriting = true;
    this.#writeRest(Buffer.from(lines.join(''), 'utf8'), 0, lines.length);
  }

  #writeRest(bytes: Buffer, from: number, lines: number): void {
    this.writeBytes(this.options.descriptor, bytes, from, (error, written) => {
      const code = (error as NodeJS.ErrnoException | null)?.code;
      const end = from + (error === null ? written : 0);
      if (code === 'EAGAIN') setTimeout(() => this.#writeRest(bytes, from, lines), RETRY_MS).unref();
      else if (error === null && end < bytes.length) this.#writeRest(bytes, end, lines);
      else this.#finish(error, lines);
    });
  }

  #finish(error: Error | null, lines: number): void {
    this.#isWriting = false;
    if (error !== null) this.#lose(lines, error.message);
    else if (this.#lostLines > 0) {
      const lost = this.#lostLines;
      this.#lostLines = 0;
      this.options.onRecovered(lost, this.#lostReason);
    }
    // The recovered lines may have been written meanwhile.
    if (this.#isWriting) return;
    if (this.#waiting.length > 0) this.#writeWaiting();
    else this.#onQuiet?.();
  }

  #lose(lines: number, reason: string): void {
    this.#lostLines += lines;
    this.#lostReason = reason;
    this.options.onDropped(lines);
  }
}
