// A reply in several parts: ranges of the output window, and between them values at their place in the arena, so that large ones are never
// copied. The items stay pinned until the reply is sent. Pinning: value-output.ts. Sending: the transport.

import { assert } from '../base/assert.js';

/** The most parts that the kernel takes in one call. */
export const MAX_PARTS = 1024;

/** A value needs a stretch of the window before it, and the reply may end with one. */
const WINDOW_PARTS = 2;

export class ReplyParts {
  count = 0;
  /** Bytes of values among them. */
  valueBytes = 0;
  /** Position and length of each part in the order in which they are sent. */
  readonly positions = new Float64Array(MAX_PARTS);
  readonly lengths = new Int32Array(MAX_PARTS);
  itemCount = 0;
  /** The items whose values are referred to, once for each reference. */
  readonly items = new Uint32Array(MAX_PARTS);
  /** For each item: the position in the window where its value belongs, and the state before it. */
  readonly #windowAt = new Float64Array(MAX_PARTS);
  readonly #takenBefore = new Float64Array(MAX_PARTS);
  readonly #partsBefore = new Int32Array(MAX_PARTS);
  readonly #bytesBefore = new Int32Array(MAX_PARTS);
  /** Position up to which the window is among the parts. */
  #takenTo = 0;

  /** Begins a reply in a window. */
  open(windowAt: number): void {
    assert(this.count === 0, 'the parts of the last reply were released');
    this.#takenTo = windowAt;
  }

  get isFull(): boolean {
    return this.count >= MAX_PARTS - WINDOW_PARTS;
  }

  /** The following parts belong to an item's value, which comes after the window's bytes before `windowAt`. */
  begin(item: number, windowAt: number): void {
    const index = this.itemCount++;
    this.items[index] = item;
    this.#windowAt[index] = windowAt;
    this.#takenBefore[index] = this.#takenTo;
    this.#partsBefore[index] = this.count;
    this.#bytesBefore[index] = this.valueBytes;
    this.#takeWindow(windowAt);
  }

  /** A range of the value. */
  add(position: number, length: number): void {
    this.#push(position, length);
    this.valueBytes += length;
  }

  /** The reply ends with the window's bytes before `windowAt`. */
  end(windowAt: number): void {
    this.#takeWindow(windowAt);
  }

  /** Removes and returns the last item if its value comes after a position in the window that will be overwritten; else 0. */
  dropBehind(windowAt: number): number {
    const last = this.itemCount - 1;
    if (last < 0 || this.#windowAt[last] <= windowAt) return 0;
    this.itemCount = last;
    this.count = this.#partsBefore[last];
    this.valueBytes = this.#bytesBefore[last];
    this.#takenTo = this.#takenBefore[last];
    return this.items[last];
  }

  clear(): void {
    this.count = 0;
    this.valueBytes = 0;
    this.itemCount = 0;
  }

  #takeWindow(windowAt: number): void {
    if (windowAt > this.#takenTo) this.#push(this.#takenTo, windowAt - this.#takenTo);
    this.#takenTo = windowAt;
  }

  #push(position: number, length: number): void {
    this.positions[this.count] = position;
    this.lengths[this.count] = length;
    this.count++;
  }
}
