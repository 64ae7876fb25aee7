// Counts the replies in a stream of binary frames: it reads headers and skips bodies. Replies are counted, not returned.

import type { ReplyCounter } from './replies.js';

const HEADER_BYTES = 24;
const [GET, GETKQ] = [0x00, 0x0d];
const NOT_FOUND = 1;

export class BinaryReplies implements ReplyCounter {
  replies = 0;
  errors = 0;
  hits = 0;
  #skip = 0;

  count(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    for (;;) {
      const step = Math.min(this.#skip, to - at);
      this.#skip -= step;
      at += step;
      if (to - at < HEADER_BYTES) return at;
      this.#header(bytes, at);
      at += HEADER_BYTES;
    }
  }

  #header(bytes: Uint8Array, at: number): void {
    const opcode = bytes[at + 1];
    const status = bytes[at + 6] * 256 + bytes[at + 7];
    this.#skip = ((bytes[at + 8] * 256 + bytes[at + 9]) * 256 + bytes[at + 10]) * 256 + bytes[at + 11];
    if (status === 0 && (opcode === GET || opcode === GETKQ)) this.hits++;
    if (status > NOT_FOUND) this.errors++;
    // In a multi-get only the noop after the keys always has a reply.
    if (opcode !== GETKQ) this.replies++;
  }
}
