// Requests gathered in one buffer and sent together over one connection. A `version` ends each batch, so that stores
// with noreply can be waited for.

import { connect, type Socket } from 'node:net';
import { KEY_BYTES, LARGEST_VALUE_BYTES } from './distributions.js';
import { type ReplyListener, ReplyScanner } from './scanner.js';

const FULL_BYTES = 96 * 1024;
const ENDING = 'version\r\n';

export class Batch {
  readonly #bytes = Buffer.allocUnsafeSlow(FULL_BYTES + LARGEST_VALUE_BYTES + 8192);
  #length = 0;

  get isFull(): boolean {
    return this.#length >= FULL_BYTES;
  }

  set(key: number, valueBytes: number): void {
    this.text('set ');
    this.#key(key);
    this.text(` 0 0 ${valueBytes} noreply\r\n`);
    this.#bytes.fill(0x78, this.#length, this.#length + valueBytes);
    this.#length += valueBytes;
    this.text('\r\n');
  }

  get(count: number, nextKey: (index: number) => number): void {
    this.text('get');
    for (let index = 0; index < count; index++) {
      this.text(' ');
      this.#key(nextKey(index));
    }
    this.text('\r\n');
  }

  text(text: string): void {
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  #key(number: number): void {
    const bytes = this.#bytes;
    bytes[this.#length] = 0x6b;
    let rest = number;
    for (let at = this.#length + KEY_BYTES - 1; at > this.#length; at--) {
      bytes[at] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#length += KEY_BYTES;
  }

  /** The bytes gathered, to be sent before the batch is used again. */
  finish(): Buffer {
    this.text(ENDING);
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return bytes;
  }
}

/** One connection with one batch at a time. */
export class BatchConnection {
  readonly #socket: Socket;
  #settle: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(port: number, listener: Omit<ReplyListener, 'onBatchEnd'>) {
    const scanner = new ReplyScanner({
      onHit: (key, valueBytes) => listener.onHit(key, valueBytes),
      onStat: (name, value) => listener.onStat(name, value),
      onError: (line) => listener.onError(line),
      onBatchEnd: () => this.#settle?.resolve(),
    });
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => scanner.take(chunk));
    this.#socket.on('error', (error) => this.#settle?.reject(error));
    this.#socket.on('close', () => this.#settle?.reject(new Error('the server closed the connection')));
  }

  exchange(batch: Batch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(batch.finish());
    });
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }
}
