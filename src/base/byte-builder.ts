// Bytes that are appended one value after the other, in memory that grows. Numbers are little-endian.

const FIRST_BYTES = 4096;
/** A larger buffer is dropped by `clear`, so that one large record does not keep its memory. */
const KEPT_BYTES = 1024 * 1024;

export class ByteBuilder {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  length = 0;

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
  }

  /** Drops what comes after the first `length` bytes. */
  cut(length: number): void {
    this.length = length;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#bytes.writeUInt8(value, at);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeUInt32LE(value, at);
  }

  double(value: number): void {
    const at = this.#grow(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  /** A byte string. */
  text(text: string): void {
    const at = this.#grow(text.length);
    this.#bytes.write(text, at, 'latin1');
  }

  add(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Replaces a number that was appended before, as the next does. */
  setU8(at: number, value: number): void {
    this.#bytes.writeUInt8(value, at);
  }

  setU32(at: number, value: number): void {
    this.#bytes.writeUInt32LE(value, at);
  }

  /** What was appended, valid until the next change. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Makes room for further bytes; returns where they begin. */
  #grow(count: number): number {
    const at = this.length;
    this.length = at + count;
    if (this.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    return at;
  }
}
