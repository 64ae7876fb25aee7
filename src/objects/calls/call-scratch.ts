// The scratch memory of a call: decoded arguments, and the keys of the objects that it opens, one after the other.

import type { Arena, Window } from '../../arena/memory.js';
import { writeLatin1 } from '../../base/latin1.js';
import { MethodError } from '../../tables/call-errors.js';

/** Keys are assembled in whole words, which may write this far beyond the end. */
const WRITTEN_BEYOND_BYTES = 8;
const DOLLAR = 0x24;

/** @perThread */
export class CallScratch {
  /** First free byte. */
  at = 0;
  private readonly bytes: Uint8Array;
  private readonly end: number;

  constructor(
    arena: Arena,
    private readonly window: Window,
  ) {
    this.bytes = arena.bytes;
    this.end = window.at + window.size - WRITTEN_BEYOND_BYTES;
  }

  begin(): void {
    this.at = this.window.at;
  }

  /** Position of `bytes` free bytes, which are not taken. */
  free(bytes: number): number {
    if (this.at + bytes > this.end) throw new MethodError('opens too many objects in one call');
    return this.at;
  }

  /** Writes a text at the first free byte, which is not taken; returns its position. */
  place(text: string): number {
    const at = this.free(text.length);
    writeLatin1(text, this.bytes, at);
    return at;
  }

  /** The same with the item key of an object, `type$key`. */
  placeKey(type: string, key: string): number {
    const at = this.free(type.length + 1 + key.length);
    const dollarAt = writeLatin1(type, this.bytes, at);
    this.bytes[dollarAt] = DOLLAR;
    writeLatin1(key, this.bytes, dollarAt + 1);
    return at;
  }

  take(bytes: number): void {
    this.at += bytes;
  }
}
