// Finds the end of a reply to one call among the bytes that have arrived: those of `get`, `set` and meta's `ms`.

export interface CallReply {
  /** The value as a byte string; undefined for a miss or an error. */
  readonly value: string | undefined;
  /** The line of an error. */
  readonly error: string | undefined;
}

interface ParsedReply {
  readonly reply: CallReply;
  readonly length: number;
}

const LINE_END = Buffer.from('\r\n');

/** Lines without a value that are no errors. */
const MISSES: readonly string[] = ['END', 'NOT_FOUND', 'NOT_STORED', 'NS', 'NF'];

/** What follows a value. */
const AFTER_GET = '\r\nEND\r\n'.length;
const AFTER_META = '\r\n'.length;

/** Undefined while the reply is incomplete.
    @internal */
export function parseReply(received: Buffer): ParsedReply | undefined {
  const lineEnd = received.indexOf(LINE_END);
  if (lineEnd < 0) return undefined;
  const line = received.toString('latin1', 0, lineEnd);
  const from = lineEnd + LINE_END.length;
  if (MISSES.includes(line)) return { reply: { value: undefined, error: undefined }, length: from };
  if (line === 'STORED') return { reply: { value: line, error: undefined }, length: from };
  const [, ofGet, ofMeta] = /^(?:VALUE \S+ \d+ (\d+)|VA (\d+))$/.exec(line) ?? [];
  if (ofGet === undefined && ofMeta === undefined) return { reply: { value: undefined, error: line }, length: from };
  const valueEnd = from + Number(ofGet ?? ofMeta);
  const length = valueEnd + (ofGet === undefined ? AFTER_META : AFTER_GET);
  if (received.length < length) return undefined;
  return { reply: { value: received.toString('latin1', from, valueEnd), error: undefined }, length };
}
