// One request of the binary protocol as parsed: the positions of its parts in the input. One per thread, refilled for each request.

export class BinaryRequest {
  opcode = 0;
  /** The client's own mark, whose bytes every reply to the request repeats. */
  opaque = 0;
  casHigh = 0;
  casLow = 0;
  extrasAt = 0;
  extrasLength = 0;
  keyAt = 0;
  keyLength = 0;
  valueAt = 0;
  valueLength = 0;
  /** Position up to which the input is used: the start of the value if there is one. */
  end = 0;

  /** Whether the item must have the token of the request. */
  get hasCas(): boolean {
    return this.casHigh !== 0 || this.casLow !== 0;
  }
}
