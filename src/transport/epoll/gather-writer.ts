// Sends a reply whose parts are scattered over the arena with one sendmsg. All channels of a thread share one instance, since the kernel
// copies the list of parts during the call.

import { MAX_PARTS, type ReplyParts } from '../../protocols/reply-parts.js';
import { type Libc, MSG_NOSIGNAL } from './libc.js';

/** `struct msghdr`, of which only the list and its length are used, and a `struct iovec`; in 32-bit words. */
const HEADER_WORDS = 16;
const LIST_WORD = 4;
const COUNT_WORD = 6;
const PART_WORDS = 4;

const HIGH_WORD = 2 ** 32;

/** @perThread */
export class GatherWriter {
  private readonly words: Uint32Array;
  private readonly at: number;

  constructor(
    private readonly libc: Libc,
    /** Address of position 0 of the arena. */
    private readonly base: number,
  ) {
    const bytes = Buffer.allocUnsafeSlow((HEADER_WORDS + MAX_PARTS * PART_WORDS) * 4).fill(0);
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    this.at = libc.addressOf(bytes);
    this.#putAddress(LIST_WORD, this.at + HEADER_WORDS * 4);
  }

  /** Sends the last `rest` of the parts' `length` bytes; returns how many the kernel took, or -1. */
  send(socket: number, parts: ReplyParts, length: number, rest: number): number {
    const { positions, lengths, count } = parts;
    let skipped = length - rest;
    let part = 0;
    while (skipped > 0 && skipped >= lengths[part]) skipped -= lengths[part++];
    const first = part;
    for (let word = HEADER_WORDS; part < count; part++, word += PART_WORDS) {
      this.#putAddress(word, this.base + positions[part] + skipped);
      this.words[word + 2] = lengths[part] - skipped;
      skipped = 0;
    }
    this.words[COUNT_WORD] = count - first;
    return this.libc.sendMessage(socket, this.at, MSG_NOSIGNAL);
  }

  #putAddress(word: number, address: number): void {
    // Storing into a 32-bit word truncates: this keeps the low half of the address.
    this.words[word] = address;
    this.words[word + 1] = address / HIGH_WORD;
  }
}
