// Parses the replies of a cache that is filled and read back: the keys that were found and their sizes, the lines of `stats`, and the
// reply to `version` that ends each batch.

const LF = 10;
const KEY_DIGITS_AT = 'VALUE k'.length;

export interface ReplyListener {
  onHit(key: number, valueBytes: number): void;
  onStat(name: string, value: string): void;
  onBatchEnd(): void;
  onError(line: string): void;
}

export class ReplyScanner {
  #rest: Buffer = Buffer.alloc(0);
  #skip = 0;

  constructor(private readonly listener: ReplyListener) {}

  take(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    for (;;) {
      const step = Math.min(this.#skip, bytes.length - at);
      this.#skip -= step;
      at += step;
      if (at >= bytes.length) break;
      const end = bytes.indexOf(LF, at);
      if (end < 0) break;
      this.#line(bytes, at, end - 1);
      at = end + 1;
    }
    this.#rest = bytes.subarray(at);
  }

  #line(bytes: Buffer, at: number, end: number): void {
    // By first letter and the next, since nearly all lines are VALUE or END.
    const first = bytes[at];
    if (first === 0x56 && bytes[at + 1] === 0x41) this.#hit(bytes, at, end);
    else if (first === 0x56) this.listener.onBatchEnd();
    else if (first !== 0x45 || bytes[at + 1] !== 0x4e) this.#rareLine(bytes.toString('latin1', at, end));
  }

  /** `VALUE k<digits> <flags> <bytes>` */
  #hit(bytes: Buffer, from: number, end: number): void {
    let at = from + KEY_DIGITS_AT;
    let key = 0;
    for (; bytes[at] !== 0x20; at++) key = key * 10 + bytes[at] - 48;
    at++;
    while (bytes[at] !== 0x20) at++;
    let valueBytes = 0;
    for (at++; at < end && bytes[at] !== 0x20; at++) valueBytes = valueBytes * 10 + bytes[at] - 48;
    this.#skip = valueBytes + 2;
    this.listener.onHit(key, valueBytes);
  }

  #rareLine(line: string): void {
    const stat = /^STAT (\S+) (.*)$/.exec(line);
    if (stat !== null) this.listener.onStat(stat[1], stat[2]);
    else if (line !== 'RESET') this.listener.onError(line);
  }
}
