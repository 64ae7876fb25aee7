// Bytes that come in chunks of any size, taken in pieces of a wanted length. It asks for the next chunk only when it is needed, so a slow taker
// slows the sender down.

export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes taken so far. */
  position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next bytes; fewer than wanted at the end. */
  async take(length: number): Promise<Buffer> {
    if (this.#rest.length < length) await this.#gather(length);
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(taken.length);
    this.position += taken.length;
    return taken;
  }

  /** A line with its end, or what is there when no line ends within `mostBytes`. */
  async takeLine(mostBytes: number): Promise<Buffer> {
    for (let wanted = 1; ; wanted = this.#rest.length + 1) {
      const end = this.#rest.indexOf('\n');
      if (end >= 0 || this.#rest.length >= mostBytes) return this.take(end < 0 ? mostBytes : end + 1);
      await this.#gather(wanted);
      if (this.#rest.length < wanted) return this.take(wanted);
    }
  }

  /** Has at least that many bytes in `#rest`, unless the source ends before. */
  async #gather(length: number): Promise<void> {
    const parts = [this.#rest];
    let count = this.#rest.length;
    while (count < length) {
      const { done, value } = await this.#chunks.next();
      if (done === true) break;
      parts.push(Buffer.from(value.buffer, value.byteOffset, value.length));
      count += value.length;
    }
    this.#rest = parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }
}
