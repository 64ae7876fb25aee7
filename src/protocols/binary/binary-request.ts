// One request of the binary protocol as the parser leaves it: where its parts lie in the input. One per thread, filled anew for each
// request.

export class BinaryRequest {
  opcode = 0;
  /** The client's own mark, which every reply to the request repeats: its bytes as they came. */
  opaque = 0;
  casHigh = 0;
  casLow = 0;
  extrasAt = 0;
  extrasLength = 0;
  keyAt = 0;
  keyLength = 0;
  valueAt = 0;
  valueLength = 0;
  /** Position up to which the input is used: the start of the value where there is one. */
  end = 0;

  /** Whether the item must have the token that the request brings. */
  get hasCas(): boolean {
    return this.casHigh !== 0 || this.casLow !== 0;
  }
}
