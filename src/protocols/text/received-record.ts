// A record of a dump that a client sends by `restore`, in memory outside of the arena. Its command: portable-commands.ts.

export const LINE_END_BYTES = 2;

export class ReceivedRecord {
  /** With room for the line end after the record. */
  readonly bytes: Uint8Array;
  receivedBytes = 0;

  constructor(
    readonly length: number,
    /** An item that is there is kept. */
    readonly keeps: boolean,
  ) {
    this.bytes = new Uint8Array(length + LINE_END_BYTES);
  }
}
