// Appends bytes of requests to one buffer whose address never changes.

export class RequestWriter {
  readonly bytes: Buffer;
  length = 0;

  constructor(capacityBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacityBytes);
  }

  text(text: string): void {
    this.length += this.bytes.write(text, this.length, 'latin1');
  }

  key(number: number): void {
    this.text('key:');
    this.digits(number, 8);
  }

  copy(bytes: Buffer): void {
    this.length += bytes.copy(this.bytes, this.length);
  }

  digits(number: number, count: number): void {
    let rest = number;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      this.bytes[at] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.length += count;
  }

  value(sizeBytes: number): void {
    this.bytes.fill('x', this.length, this.length + sizeBytes);
    this.length += sizeBytes;
  }
}
