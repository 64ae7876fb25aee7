// An engine on a small arena and a transport in memory: feeds bytes like a socket, in pieces of any size, and collects the replies.

import { Arena } from '../../../src/arena/memory.js';
import { Clock, type TimeSource } from '../../../src/base/clock.js';
import { Metrics } from '../../../src/base/metrics.js';
import { DEFAULT_OPERATION_OPTIONS, type OperationOptions } from '../../../src/operations/operation-options.js';
import type { Principal } from '../../../src/operations/rights.js';
import type { VirtualKeys } from '../../../src/operations/virtual-keys.js';
import { Outcome } from '../../../src/protocols/run.js';
import type { TextContext } from '../../../src/protocols/text/text-context.js';
import type { TextSession } from '../../../src/protocols/text/text-session.js';
import type { Authenticator } from '../../../src/security/authenticator.js';
import { Store } from '../../../src/store/store.js';
import { TextEngine } from './text-engine.js';

export interface HarnessOptions extends Partial<OperationOptions> {
  readonly limitBytes?: number;
  readonly reserveBytes?: number;
  readonly itemLimitBytes?: number;
  readonly evictionsAllowed?: boolean;
  /** One that has content already, and the time that goes on. */
  readonly arena?: Arena;
  readonly time?: FakeTime;
  /** Called when the store exists. */
  readonly virtualKeys?: (harness: Harness) => VirtualKeys;
  /** The identity of its clients. */
  readonly principal?: Principal;
  /** The authenticator by which its clients have to log in. */
  readonly authenticator?: Authenticator;
  /** Size of the output window. */
  readonly outputBytes?: number;
}

const MIB = 1024 * 1024;
const READ_BYTES = 65536;
const GUARD = 0xee;
/** More than the longest line. */
const GUARDED_BYTES = 16_384;

export class FakeTime implements TimeSource {
  seconds = 0;

  steadyMs(): number {
    return this.seconds * 1000;
  }

  unixMs(): number {
    return (1_800_000_000 + this.seconds) * 1000;
  }
}

export class Harness {
  readonly arena: Arena;
  readonly time: FakeTime;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly engine: TextEngine;
  readonly principal: Principal | undefined;
  /** The longest output of one run. */
  longestOutputBytes = 0;

  constructor(options: HarnessOptions = {}) {
    this.principal = options.principal;
    this.time = options.time ?? new FakeTime();
    this.arena =
      options.arena ??
      Arena.create({
        limitBytes: options.limitBytes ?? 4 * MIB,
        reserveBytes: options.reserveBytes ?? 0,
        threads: 1,
      });
    this.clock = new Clock(this.arena.clockCells, this.time);
    this.metrics = new Metrics(this.arena.metricCells, 0);
    this.store = new Store(this.arena, this.clock, this.metrics, 0, {
      itemLimitBytes: options.itemLimitBytes ?? MIB,
      evictionsAllowed: options.evictionsAllowed ?? true,
    });
    const { input, output, scratch } = this.arena.windows(0);
    this.engine = new TextEngine({
      bytes: this.arena.bytes,
      input,
      output: { at: output.at, size: options.outputBytes ?? output.size },
      scratch,
      store: this.store,
      clock: this.clock,
      metrics: this.metrics,
      options: { ...DEFAULT_OPERATION_OPTIONS, version: '1.2.3', ...options },
      ...(options.authenticator === undefined ? {} : { authenticator: options.authenticator }),
      ...(options.virtualKeys === undefined ? {} : { virtualKeys: options.virtualKeys(this) }),
    });
  }

  connect(): FakeClient {
    return new FakeClient(this);
  }

  /** Fills what lies behind an output window that is smaller than usual. */
  guardOutput(): void {
    this.#behindOutput.fill(GUARD);
  }

  /** Throws if anything was written behind the output window since then. */
  checkOutput(): void {
    const at = this.#behindOutput.findIndex((byte) => byte !== GUARD);
    if (at >= 0) throw new Error(`${at} bytes behind the output window something was written`);
  }

  get #behindOutput(): Uint8Array {
    const { at, size } = this.engine.output;
    const whole = this.arena.windows(0).output;
    return this.arena.bytes.subarray(at + size, Math.min(at + size + GUARDED_BYTES, whole.at + whole.size));
  }

  /** The whole reply of a new connection to the requests, sent in pieces of at most `pieceBytes`. */
  ask(requests: string, pieceBytes = READ_BYTES): string {
    const client = this.connect();
    const reply = client.send(requests, pieceBytes);
    client.close();
    return reply;
  }
}

export class FakeClient {
  readonly session: TextSession<TextContext>;
  /** The reason why the engine closes the connection, if it does. */
  ended: Outcome | undefined;
  /** The replies after a wait for an external decision. */
  lateReply = '';
  /** The most bytes that the engine has left in the input. */
  longestRestBytes = 0;
  /** Copied, since other clients use the same window. */
  #rest = new Uint8Array(0);
  readonly #readAt: number;

  constructor(private readonly harness: Harness) {
    this.session = harness.engine.open();
    if (harness.principal !== undefined) this.session.principal = harness.principal;
    this.#readAt = harness.engine.input.at + harness.engine.input.size - READ_BYTES;
  }

  /** Sends text whose characters are bytes and returns the replies. */
  send(requests: string, pieceBytes = READ_BYTES): string {
    const bytes = Buffer.from(requests, 'latin1');
    let reply = '';
    for (let at = 0; at < bytes.length && this.ended === undefined; at += pieceBytes) {
      reply += this.#receive(bytes.subarray(at, at + Math.min(pieceBytes, READ_BYTES)));
    }
    return reply;
  }

  close(): void {
    this.harness.engine.close(this.session);
  }

  #receive(piece: Uint8Array): string {
    const { arena, engine } = this.harness;
    let reply = '';
    let from = this.#readAt - this.#rest.length;
    arena.bytes.set(this.#rest, from);
    arena.bytes.set(piece, this.#readAt);
    const to = this.#readAt + piece.length;
    for (;;) {
      engine.run(this.session, from, to);
      this.harness.longestOutputBytes = Math.max(this.harness.longestOutputBytes, engine.outputLength);
      reply += Buffer.from(arena.bytes.subarray(engine.output.at, engine.output.at + engine.outputLength)).toString(
        'latin1',
      );
      from = engine.consumed;
      if (engine.outcome === Outcome.OUTPUT_FULL || engine.outcome === Outcome.YIELD) continue;
      if (engine.outcome === Outcome.WAIT) {
        this.session.resume = () => {
          this.lateReply += this.#receive(new Uint8Array(0));
        };
      } else if (engine.outcome !== Outcome.NEED_INPUT) this.ended = engine.outcome;
      break;
    }
    this.#rest = arena.bytes.slice(from, to);
    this.longestRestBytes = Math.max(this.longestRestBytes, this.#rest.length);
    return reply;
  }
}

/** The rows of `stats`, or of one of its topics. */
export function statsOf(harness: Harness, topic = ''): ReadonlyMap<string, string> {
  const rows = harness.ask(`stats ${topic}\r\n`).split('\r\n');
  return new Map(
    rows.filter((row) => row.startsWith('STAT ')).map((row) => row.split(' ').slice(1) as [string, string]),
  );
}
