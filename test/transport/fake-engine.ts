// An engine with a tiny language, so that transports are tested without parser and store:
//   echo TEXT        replies TEXT
//   big N            replies N bytes of a pattern and END, in as many windows as needed
//   set N CR LF ...  reads N bytes and CR LF, replies STORED and the sum of the bytes
//   yield            replies YIELDED in a later turn
//   bye, quit        closes with and without a last reply
//   fail, broken     throws an error, an invariant error
//   shutdown, shutdown graceful

import { InvariantError } from '../../src/base/assert.js';
import type { Protocol, ProtocolWindows } from '../../src/protocols/protocol.js';
import type { ReplyParts } from '../../src/protocols/reply-parts.js';
import { Outcome, type ProtocolRun } from '../../src/protocols/run.js';
import type { RequestEngine } from '../../src/transport/request-engine.js';

const INPUT_BYTES = 128 * 1024;
const OUTPUT_BYTES = 256 * 1024;
const LINE_FEED = 10;

/** The period of the bytes of a big reply. */
const PATTERN_BYTES = 26 * 256;

/** Long enough that a window can be filled from any offset in the pattern. */
const PATTERN = patternOf(OUTPUT_BYTES + PATTERN_BYTES);

/** The first bytes of a big reply. */
export function patternOf(length: number): Buffer {
  const period = Buffer.alloc(PATTERN_BYTES);
  for (let index = 0; index < PATTERN_BYTES; index++) period[index] = 97 + ((index * 7 + (index >> 8)) % 26);
  return Buffer.alloc(length, period);
}

export interface FakeSession {
  isMidRequest: boolean;
  heldBytes: number;
  reservedBytes: number;
  receivedBytes: number;
  setLeft: number;
  setSum: number;
  bigSent: number;
  bigLength: number;
  hasYielded: boolean;
}

export class FakeEngine implements ProtocolWindows, Protocol<FakeSession> {
  readonly name = 'fake';
  readonly buffer: SharedArrayBuffer;
  readonly bytes: Uint8Array;
  readonly input = { at: 64, size: INPUT_BYTES };
  output = { at: 64 + INPUT_BYTES, size: OUTPUT_BYTES };
  readonly spareOutputs: { at: number; size: number }[];
  readonly sessions = new Set<FakeSession>();
  consumed = 0;
  outputLength = 0;
  outcome: Outcome = Outcome.NEED_INPUT;
  runs = 0;
  /** Requests that got a reply, in their order. */
  readonly executed: string[] = [];
  /** Called while a run yields. */
  onYield: (() => void) | undefined;
  /** Big replies in progress that are not in a window. */
  pinned = 0;
  readonly #patternAt: number;
  #whole = this.output;
  #parts: ReplyParts | undefined;

  constructor(spareCount: number) {
    const spareAt = this.output.at + OUTPUT_BYTES;
    this.spareOutputs = Array.from({ length: spareCount }, (_, index) => ({
      at: spareAt + index * OUTPUT_BYTES,
      size: OUTPUT_BYTES,
    }));
    this.#patternAt = spareAt + spareCount * OUTPUT_BYTES;
    this.buffer = new SharedArrayBuffer(this.#patternAt + PATTERN.length);
    this.bytes = new Uint8Array(this.buffer);
    this.bytes.set(PATTERN, this.#patternAt);
  }

  useOutput(at: number, size: number, parts?: ReplyParts): void {
    this.output = { at, size };
    this.#whole = this.output;
    this.#parts = parts;
  }

  releaseParts(parts: ReplyParts): void {
    this.pinned -= parts.itemCount;
    parts.clear();
  }

  recognizes(): boolean {
    return true;
  }

  open(): FakeSession {
    const session = {
      isMidRequest: false,
      heldBytes: 0,
      reservedBytes: 0,
      receivedBytes: 0,
      setLeft: 0,
      setSum: 0,
      bigSent: 0,
      bigLength: 0,
      hasYielded: false,
    };
    this.sessions.add(session);
    return session;
  }

  close(session: FakeSession): void {
    if (!this.sessions.delete(session)) throw new InvariantError('a session is closed once');
  }

  runAll(runs: readonly ProtocolRun<FakeSession>[], first: number, end: number): number {
    const { at, size } = this.#whole;
    this.output = { at, size };
    for (let index = first; index < end; index++) {
      const run = runs[index];
      this.#run(run.session, run.from, run.to);
      const { consumed, outcome, outputLength } = this;
      const hasParts = (this.#parts?.count ?? 0) > 0;
      Object.assign(run, { consumed, outcome, hasParts, replyAt: this.output.at, replyLength: outputLength });
      if (outcome !== Outcome.NEED_INPUT || hasParts) return index + 1;
      this.output = { at: this.output.at + outputLength, size: this.output.size - outputLength };
      if (this.output.size < size / 2) return index + 1;
    }
    return end;
  }

  #run(session: FakeSession, from: number, to: number): void {
    this.runs++;
    this.consumed = from;
    this.outputLength = 0;
    this.outcome = Outcome.NEED_INPUT;
    if (this.#parts !== undefined && this.#parts.count > 0) this.releaseParts(this.#parts);
    this.#parts?.open(this.output.at);
    while (this.#step(session, to)) {
      // Each step is one request, or a part of one.
    }
    const parts = this.#parts;
    if (parts === undefined || parts.count === 0) return;
    parts.end(this.output.at + this.outputLength);
    this.outputLength += parts.valueBytes;
  }

  /** Returns whether more can be done. */
  #step(session: FakeSession, to: number): boolean {
    if (session.bigLength > 0) return this.#sendBig(session);
    if (session.isMidRequest) return this.#takeValue(session, to);
    const lineEnd = this.bytes.subarray(0, to).indexOf(LINE_FEED, this.consumed);
    if (lineEnd < 0) return false;
    if (this.outputLength + 1024 > this.output.size) return this.#stop(Outcome.OUTPUT_FULL);
    const line = Buffer.from(this.bytes.slice(this.consumed, lineEnd)).toString('latin1').trimEnd();
    const [word = '', rest = ''] = /^(\S*) ?(.*)$/s.exec(line)?.slice(1) ?? [];
    if (word === 'yield' && !session.hasYielded) {
      session.hasYielded = true;
      this.onYield?.();
      return this.#stop(Outcome.YIELD);
    }
    this.consumed = lineEnd + 1;
    return this.#execute(session, word, rest);
  }

  #execute(session: FakeSession, word: string, rest: string): boolean {
    this.executed.push(`${word} ${rest}`.trimEnd());
    if (word === 'echo') this.#write(`${rest}\r\n`);
    else if (word === 'yield') session.hasYielded = !this.#write('YIELDED\r\n');
    else if (word === 'big') session.bigLength = Number(rest);
    else if (word === 'set') {
      session.isMidRequest = true;
      session.setLeft = Number(rest) + 2;
      session.reservedBytes = session.setLeft;
      session.setSum = 0;
    } else if (word === 'quit') return this.#stop(Outcome.CLOSE);
    else if (word === 'bye') return this.#write('BYE\r\n') && this.#stop(Outcome.CLOSE);
    else if (word === 'shutdown') return this.#stop(rest === 'graceful' ? Outcome.SHUTDOWN_GRACEFUL : Outcome.SHUTDOWN);
    else if (word === 'fail') throw new Error('a request that fails');
    else if (word === 'broken') throw new InvariantError('invariant broken: in a test');
    else this.#write('ERROR\r\n');
    return true;
  }

  #sendBig(session: FakeSession): boolean {
    if (this.#parts !== undefined) return this.#referToBig(session, this.#parts);
    const room = this.output.size - this.outputLength - 16;
    const length = Math.min(room, session.bigLength - session.bigSent);
    const at = this.output.at + this.outputLength;
    const patternAt = session.bigSent % PATTERN_BYTES;
    this.bytes.set(PATTERN.subarray(patternAt, patternAt + length), at);
    session.bigSent += length;
    this.outputLength += length;
    if (session.bigSent < session.bigLength) return this.#stop(Outcome.OUTPUT_FULL);
    session.bigSent = 0;
    session.bigLength = 0;
    return this.#write('\r\nEND\r\n');
  }

  /** Refers to the pattern in place, in pieces of all sizes. */
  #referToBig(session: FakeSession, parts: ReplyParts): boolean {
    this.pinned++;
    parts.begin(1, this.output.at + this.outputLength);
    while (session.bigSent < session.bigLength && !parts.isFull && parts.valueBytes < OUTPUT_BYTES) {
      const length = Math.min(session.bigLength - session.bigSent, 1 + ((session.bigSent * 7) % 1000));
      parts.add(this.#patternAt + (session.bigSent % PATTERN_BYTES), length);
      session.bigSent += length;
    }
    if (session.bigSent < session.bigLength) return this.#stop(Outcome.OUTPUT_FULL);
    session.bigSent = 0;
    session.bigLength = 0;
    this.#write('\r\nEND\r\n');
    return parts.isFull || parts.valueBytes >= OUTPUT_BYTES ? this.#stop(Outcome.OUTPUT_FULL) : true;
  }

  #takeValue(session: FakeSession, to: number): boolean {
    const length = Math.min(session.setLeft, to - this.consumed);
    for (let index = 0; index < length; index++) session.setSum += this.bytes[this.consumed + index];
    this.consumed += length;
    session.setLeft -= length;
    session.receivedBytes = session.reservedBytes - session.setLeft;
    if (session.setLeft > 0) return false;
    session.isMidRequest = false;
    session.reservedBytes = 0;
    session.receivedBytes = 0;
    return this.#write(`STORED ${session.setSum - 23}\r\n`);
  }

  #write(text: string): true {
    this.bytes.set(Buffer.from(text, 'latin1'), this.output.at + this.outputLength);
    this.outputLength += text.length;
    return true;
  }

  #stop(outcome: Outcome): false {
    this.outcome = outcome;
    return false;
  }
}

/** The engine of a thread with these protocols, without a lock. */
export function engineOf(windows: ProtocolWindows, protocols: readonly Protocol[]): RequestEngine {
  return {
    protocols,
    input: windows.input,
    get output() {
      return windows.output;
    },
    useOutput: (at, size, parts) => windows.useOutput(at, size, parts),
    releaseParts: (parts) => windows.releaseParts(parts),
    runAll: (protocol, runs, first, end) => protocol.runAll(runs, first, end),
    close: (protocol, session) => protocol.close(session),
  };
}
