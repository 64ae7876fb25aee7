// The last slow calls of methods, in memory that all serving threads share, as text: from the newest on, older ones are overwritten. Used
// with the threads' lock held. Which calls are slow: slow-calls.ts. What `stats slowcalls` shows: operations/statistics/slow-call-rows.ts.

import { SLOW_CALL_BYTES, SLOW_CALL_HEAD_BYTES, SLOW_CALL_SLOTS } from '../../arena/layout.js';
import type { Arena } from '../../arena/memory.js';
import { latin1, writeLatin1 } from '../../base/latin1.js';

/** In a slot: the length of its text, then the text, whose last word is the key. The head counts the calls so far. */
const LENGTH_BYTES = 4;

export interface SlowCall {
  readonly atUnixMs: number;
  readonly type: string;
  readonly method: string;
  /** Number of the load of the type, from 1. */
  readonly version: number;
  /** Bytes of each argument, separated by commas; `-` for one that was left out, and for none. */
  readonly argumentBytes: string;
  readonly steps: number;
  /** CPU time since its first thousand steps, or the whole time of a call that has made fewer. */
  readonly milliseconds: number;
  readonly isFailed: boolean;
  /** Characters are bytes. */
  readonly key: string;
}

export class SlowCallRing {
  private readonly count: Float64Array;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly at: number;

  constructor(arena: Pick<Arena, 'buffer' | 'bytes' | 'slowCallsAt' | 'view'>) {
    this.count = new Float64Array(arena.buffer, arena.slowCallsAt, SLOW_CALL_HEAD_BYTES / 8);
    this.bytes = arena.bytes;
    this.view = arena.view;
    this.at = arena.slowCallsAt + SLOW_CALL_HEAD_BYTES;
  }

  /** Slow calls since the start, or since statistics were reset. */
  get total(): number {
    return this.count[0];
  }

  add({ atUnixMs, type, method, version, argumentBytes, steps, milliseconds, isFailed, key }: SlowCall): void {
    const at = this.#slotAt(this.total);
    const facts = [atUnixMs, type, method, version, argumentBytes, steps, milliseconds, Number(isFailed), key];
    const text = facts.join(' ').slice(0, SLOW_CALL_BYTES - LENGTH_BYTES);
    this.view.setUint32(at, text.length, true);
    writeLatin1(text, this.bytes, at + LENGTH_BYTES);
    this.count[0] = this.total + 1;
  }

  /** The last ones, the newest first. */
  list(): SlowCall[] {
    const { total } = this;
    return Array.from({ length: Math.min(total, SLOW_CALL_SLOTS) }, (_, index) => this.#read(total - 1 - index));
  }

  clear(): void {
    this.count[0] = 0;
  }

  #read(number: number): SlowCall {
    const at = this.#slotAt(number);
    const text = latin1(this.bytes, at + LENGTH_BYTES, this.view.getUint32(at, true));
    const [time, type = '', method = '', version, argumentBytes = '', steps, milliseconds, failed, ...key] =
      text.split(' ');
    return {
      atUnixMs: Number(time),
      type,
      method,
      version: Number(version),
      argumentBytes,
      steps: Number(steps),
      milliseconds: Number(milliseconds),
      isFailed: failed === '1',
      key: key.join(' '),
    };
  }

  #slotAt(number: number): number {
    return this.at + (number % SLOW_CALL_SLOTS) * SLOW_CALL_BYTES;
  }
}
