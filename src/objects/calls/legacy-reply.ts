// Collects the reply that a script in the original's style writes itself. The protocol adds END.

import { bytesOf, latin1 } from '../../base/latin1.js';
import { MethodError } from '../../tables/call-errors.js';
import type { LegacyReply } from '../types/loaded-type.js';

export class OriginalReplyText implements LegacyReply {
  /** The first value, for protocols that have no VALUE lines. */
  firstValue: Uint8Array | undefined;
  #pieces: Uint8Array[] = [];
  #length = 0;
  limitBytes = Number.POSITIVE_INFINITY;

  clear(): void {
    this.firstValue = undefined;
    if (this.#pieces.length > 0) this.#pieces = [];
    this.#length = 0;
  }

  value(key: string, clientFlags: number, bytes: string | Uint8Array): void {
    const array = typeof bytes === 'string' ? bytesOf(bytes) : bytes;
    this.firstValue ??= array;
    // With a blank or a line end in the key, a script would forge reply lines by accident.
    this.#add(bytesOf(`VALUE ${key.replace(NOT_IN_KEYS, '_')} ${clientFlags >>> 0} ${array.length}\r\n`));
    this.#add(array);
    this.#add(LINE_END);
  }

  text(bytes: string | Uint8Array): void {
    this.#add(typeof bytes === 'string' ? bytesOf(bytes) : bytes);
  }

  /** All that was written, as a byte string. */
  take(): string {
    let text = '';
    for (const piece of this.#pieces) text += latin1(piece, 0, piece.length);
    return text;
  }

  #add(piece: Uint8Array): void {
    this.#length += piece.length;
    if (this.#length > this.limitBytes) throw new MethodError(`replies with more than ${this.limitBytes} bytes`);
    this.#pieces.push(piece);
  }
}

const LINE_END = bytesOf('\r\n');
const NOT_IN_KEYS = /[\u0000-\u0020\u007f]/g;
