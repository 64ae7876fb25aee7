// A byte string that is built piece by piece, up to a limit. Its memory is reused.

import { digitsOf, isPlainWhole, PART, writeDigits } from '../base/decimal.js';
import { latin1, rememberByteString, writeLatin1 } from '../base/latin1.js';
import { copyBetween } from '../base/words.js';
import type { Budget } from './budget.js';
import { MethodError } from './call-errors.js';
import { copyBytes } from './scalars.js';

/** A larger buffer is dropped after use, so that one long result does not keep its memory in every thread. */
const KEPT_BYTES = 256 * 1024;

export class ByteSink {
  /** Its memory, and the same memory for words; valid until more bytes are taken. */
  own = new Uint8Array(1024);
  ownView = new DataView(this.own.buffer);
  #length = 0;
  #budget!: Budget;

  constructor(private readonly limitBytes: number) {}

  begin(budget: Budget): void {
    this.#length = 0;
    this.#budget = budget;
    if (this.own.length > KEPT_BYTES) this.#replace(new Uint8Array(1024));
  }

  readonly add = (bytes: Uint8Array, at: number, length: number): void => {
    const to = this.take(length);
    copyBytes(bytes, at, this.own, to, length);
  };

  /** Bytes and a text after them, which costs little more than the bytes alone. */
  addWithEnd(view: DataView, at: number, length: number, end: string): void {
    const to = this.take(length + end.length);
    const { own } = this;
    copyBetween(view, at, this.ownView, to, length);
    for (let index = 0; index < end.length; index++) own[to + length + index] = end.charCodeAt(index);
  }

  addText(text: string): void {
    const to = this.take(text.length);
    if (text.length <= 16) {
      for (let index = 0; index < text.length; index++) this.own[to + index] = text.charCodeAt(index);
    } else {
      writeLatin1(text, this.own, to);
    }
  }

  /** A number as JavaScript writes it. */
  addNumber(number: number): void {
    if (number < PART && isPlainWhole(number)) this.#addWhole(number | 0);
    else this.addText(String(number));
  }

  #addWhole(number: number): void {
    const digits = digitsOf(number);
    const to = this.take(digits);
    writeDigits(number, this.own, to, to + digits);
  }

  toText(): string {
    this.#budget.chargeText(this.#length);
    const text = latin1(this.own, 0, this.#length);
    rememberByteString(text);
    return text;
  }

  #replace(bytes: Uint8Array<ArrayBuffer>): void {
    this.own = bytes;
    this.ownView = new DataView(bytes.buffer);
  }

  /** Makes room for `length` more bytes; returns their position. */
  take(length: number): number {
    const at = this.#length;
    const end = at + length;
    if (end > this.limitBytes) throw new MethodError(`makes a text of more than ${this.limitBytes} bytes`);
    this.#budget.chargeText(length);
    if (end > this.own.length) {
      const size = Math.max(end, this.own.length * 2);
      this.#budget.chargeText(size);
      const more = new Uint8Array(size);
      more.set(this.own);
      this.#replace(more);
    }
    this.#length = end;
    return at;
  }
}
