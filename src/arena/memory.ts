// The one shared buffer that holds everything that grows with the data, seen as words and as bytes, and the place of
// each thread's windows in it. The only file that knows that a byte view ends at 4 GiB. Allocation: allocator.ts.

import { constants } from 'node:buffer';
import { assert } from '../base/assert.js';
import { CLOCK_CELLS } from '../base/clock.js';
import { METRICS_PER_THREAD } from '../base/metrics.js';
import { copyBytesIn } from '../base/words.js';
import {
  CURVE_BYTES,
  CURVE_HEAD_BYTES,
  EVENT_LOG_BYTES,
  FIELD_KEY_BYTES,
  FIELD_VALUE_BYTES,
  HEADER,
  HOT_KEY_BYTES,
  HOT_KEY_HEAD_BYTES,
  HOT_KEY_SLOTS,
  INPUT_HEADROOM_BYTES,
  INPUT_READ_BYTES,
  LARGEST_BYTES,
  LAYOUT_VERSION,
  MAGIC,
  METHOD_CELLS,
  OUTPUT_BYTES,
  PREFIX_BYTES,
  PREFIX_SLOTS,
  ROOTS,
  SCRATCH_BYTES,
  SLOW_CALL_BYTES,
  SLOW_CALL_HEAD_BYTES,
  SLOW_CALL_SLOTS,
  SPARE_OUTPUTS,
  WINDOWS_BYTES,
} from './layout.js';

/** Counts 8-byte units from the start of the arena; 0 is null. ItemRef and the like brand it further. */
export type Ref = number & { readonly __ref: unique symbol };
export const NULL_REF = 0 as Ref;

export const UNIT_BYTES = 8;

/** A Uint8Array of Node 20 reaches no further; no chunk straddles two views. */
export const BYTE_VIEW_BYTES = 2 ** 32;

/** The heap consists of regions of 1 MiB, which begin at multiples of that: so none straddles two byte views. */
export const REGION_SHIFT = 17;
export const REGION_UNITS = 1 << REGION_SHIFT;

export interface Window {
  readonly at: number;
  readonly size: number;
}

interface Windows {
  readonly input: Window;
  readonly output: Window;
  readonly scratch: Window;
  readonly fieldKey: Window;
  readonly fieldValue: Window;
  /** Further output windows, to write to while the kernel has yet to send the others. */
  readonly spareOutputs: readonly Window[];
}

interface ArenaSize {
  readonly limitBytes: number;
  /** The highest limit that may be set later; pages that are never written to cost no memory. */
  readonly mostBytes?: number;
  /** Memory beyond the limit that only reading and touching may use. */
  readonly reserveBytes?: number;
  /** Threads that get windows and metrics of their own. */
  readonly threads: number;
}

const METRICS_AT_WORD = ROOTS.end;
const PAGE_BYTES = 4096;

/** References are unsigned numbers of 32 bits. */
const REFERENCE_REACH_BYTES = 2 ** 32 * UNIT_BYTES;

/** The largest limit: references must reach the whole arena, and it must be one array of words, which has at most 16 GiB on Node 20. */
export function largestLimitBytes(threads: number): number {
  const reachBytes = Math.min(REFERENCE_REACH_BYTES, constants.MAX_LENGTH * 4);
  return reachBytes - heapAt(threads, reachBytes / UNIT_BYTES) - REGION_UNITS * UNIT_BYTES;
}

function regionsAt(threads: number): number {
  return windowsAt(threads) + threads * WINDOWS_BYTES;
}

/** After the table of regions, which has a word for each. */
function heapAt(threads: number, units: number): number {
  return regionsAt(threads) + Math.ceil(units / REGION_UNITS + 1) * UNIT_BYTES;
}

/** @perThread */
export class Arena {
  readonly words: Uint32Array;
  /** All of it, for doubles at whole units. */
  readonly doubles: Float64Array;
  /** All of it, for words at any byte. */
  readonly view: DataView;
  /** The first 4 GiB, which contain all windows. */
  readonly bytes: Uint8Array;
  readonly metricCells: Float64Array;
  /** Figures of object methods, the same for all threads. */
  readonly methodCells: Float64Array;
  readonly clockCells: Float64Array;
  readonly heapStart: Ref;
  /** Up to here the buffer reaches; the memory limit may let less of it be used. */
  readonly heapEnd: Ref;
  /** First word of the table of regions. */
  readonly regionTable: number;
  readonly reserveUnits: number;
  readonly threads: number;
  /** The C library's memcpy between two positions, where it is available: several times as fast as a loop, at any alignment. */
  systemCopy: ((from: number, to: number, length: number) => void) | undefined;
  /** Gives the memory between two positions back to the kernel, where that is possible; its content is lost. */
  giveBack: ((from: number, to: number) => void) | undefined;
  readonly #views: Uint8Array[] = [];
  /** Positions of the counts of key prefixes, the events for watchers, the hot keys, the slow calls and the largest items. */
  readonly prefixesAt: number;
  readonly eventsAt: number;
  readonly hotKeysAt: number;
  readonly slowCallsAt: number;
  readonly largestAt: number;
  /** Of the counts for the curve of hit ratios, and of the stack that follows. */
  readonly curveAt: number;
  readonly stackAt: number;
  private readonly windowsAt: number;

  static create({ limitBytes, mostBytes = limitBytes, reserveBytes = 0, threads }: ArenaSize): Arena {
    assert(limitBytes > 0 && limitBytes <= mostBytes, 'a memory limit for which there is room');
    assert(mostBytes <= largestLimitBytes(threads), 'an arena within the reach of references');
    const reserveUnits = Math.floor(reserveBytes / UNIT_BYTES);
    const mostUnits = Math.floor(mostBytes / UNIT_BYTES);
    const heapStart = Math.ceil(heapAt(threads, mostUnits + reserveUnits) / UNIT_BYTES);
    // One region more, since the first one starts at a multiple of its size.
    const heapEnd = heapStart + mostUnits + reserveUnits + REGION_UNITS;
    const buffer = new SharedArrayBuffer(heapEnd * UNIT_BYTES);
    const header = new Uint32Array(buffer, 0, HEADER.clock);
    header[HEADER.magic] = MAGIC;
    header[HEADER.version] = LAYOUT_VERSION;
    header[HEADER.threads] = threads;
    header[HEADER.heapStart] = heapStart;
    header[HEADER.heapEnd] = heapEnd;
    header[HEADER.reserveUnits] = reserveUnits;
    header[HEADER.limitUnits] = Math.floor(limitBytes / UNIT_BYTES);
    header[HEADER.mostUnits] = mostUnits;
    return new Arena(buffer);
  }

  /** Attaches to a buffer that `create` has laid out, perhaps in another thread. */
  constructor(readonly buffer: SharedArrayBuffer) {
    this.words = new Uint32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.view = new DataView(buffer);
    assert(this.words[HEADER.magic] === MAGIC, 'the buffer is an arena');
    assert(this.words[HEADER.version] === LAYOUT_VERSION, 'the arena has the layout of this version');
    this.threads = this.words[HEADER.threads];
    this.heapStart = this.words[HEADER.heapStart] as Ref;
    this.heapEnd = this.words[HEADER.heapEnd] as Ref;
    this.reserveUnits = this.words[HEADER.reserveUnits];
    this.regionTable = regionsAt(this.threads) / 4;
    this.clockCells = new Float64Array(buffer, HEADER.clock * 4, CLOCK_CELLS.count);
    this.metricCells = new Float64Array(buffer, METRICS_AT_WORD * 4, this.threads * METRICS_PER_THREAD);
    this.methodCells = new Float64Array(buffer, methodsAt(this.threads), METHOD_CELLS);
    for (let at = 0; at < buffer.byteLength; at += BYTE_VIEW_BYTES) {
      this.#views.push(new Uint8Array(buffer, at, Math.min(BYTE_VIEW_BYTES, buffer.byteLength - at)));
    }
    this.bytes = this.#views[0];
    this.prefixesAt = prefixesAt(this.threads);
    this.eventsAt = eventsAt(this.threads);
    this.hotKeysAt = hotKeysAt(this.threads);
    this.slowCallsAt = slowCallsAt(this.threads);
    this.largestAt = largestAt(this.threads);
    this.curveAt = curveAt(this.threads);
    this.stackAt = this.curveAt + CURVE_HEAD_BYTES;
    this.windowsAt = windowsAt(this.threads);
  }

  windows(thread: number): Windows {
    assert(thread < this.threads, 'windows for the thread');
    const at = this.windowsAt + thread * WINDOWS_BYTES;
    const outputAt = at + INPUT_HEADROOM_BYTES + INPUT_READ_BYTES;
    const scratchAt = outputAt + OUTPUT_BYTES;
    const fieldValueAt = scratchAt + SCRATCH_BYTES - FIELD_VALUE_BYTES;
    const fieldKeyAt = fieldValueAt - FIELD_KEY_BYTES;
    return {
      input: { at, size: INPUT_HEADROOM_BYTES + INPUT_READ_BYTES },
      output: { at: outputAt, size: OUTPUT_BYTES },
      scratch: { at: scratchAt, size: fieldKeyAt - scratchAt },
      fieldKey: { at: fieldKeyAt, size: FIELD_KEY_BYTES },
      fieldValue: { at: fieldValueAt, size: FIELD_VALUE_BYTES },
      spareOutputs: Array.from({ length: SPARE_OUTPUTS }, (_, index) => ({
        at: outputAt + OUTPUT_BYTES + SCRATCH_BYTES + index * OUTPUT_BYTES,
        size: OUTPUT_BYTES,
      })),
    };
  }

  /** The memory limit now. */
  get limitBytes(): number {
    return this.words[HEADER.limitUnits] * UNIT_BYTES;
  }

  /** The highest memory limit that the buffer has room for. */
  get mostBytes(): number {
    return this.words[HEADER.mostUnits] * UNIT_BYTES;
  }

  /** Index of a position in its byte view. */
  indexOf(position: number): number {
    // The position modulo 4 GiB, the size of a view; `>>>` keeps it an integer for V8.
    return position >>> 0;
  }

  /** The byte view that contains a position. */
  viewOf(position: number): Uint8Array {
    return position < BYTE_VIEW_BYTES ? this.bytes : this.#views[Math.floor(position / BYTE_VIEW_BYTES)];
  }

  /** Copies bytes between any two positions that do not overlap; neither range may straddle two byte views. */
  copy(from: number, to: number, length: number): void {
    if (length >= SYSTEM_COPY_BYTES && this.systemCopy !== undefined) this.systemCopy(from, to, length);
    else if (length >= COPY_LOOP_BYTES && ((from ^ to) & 7) === 0) this.#copyLong(from, to, length);
    else copyBytesIn(this.view, from, to, length);
  }

  #copyLong(from: number, to: number, length: number): void {
    if (from < BYTE_VIEW_BYTES && to < BYTE_VIEW_BYTES) {
      this.bytes.copyWithin(to, from, from + length);
      return;
    }
    const at = this.indexOf(from);
    this.viewOf(to).set(this.viewOf(from).subarray(at, at + length), this.indexOf(to));
  }
}

/** From this many bytes on, V8's copy is faster than a loop if both places have the same alignment; otherwise it copies shared memory byte
    by byte. */
const COPY_LOOP_BYTES = 512;
/** From this many bytes on, a copy is worth a call of the C library. */
const SYSTEM_COPY_BYTES = 512;

function methodsAt(threads: number): number {
  return METRICS_AT_WORD * 4 + threads * METRICS_PER_THREAD * 8;
}

function prefixesAt(threads: number): number {
  return methodsAt(threads) + METHOD_CELLS * 8;
}

function eventsAt(threads: number): number {
  return prefixesAt(threads) + PREFIX_SLOTS * PREFIX_BYTES;
}

function hotKeysAt(threads: number): number {
  return eventsAt(threads) + EVENT_LOG_BYTES;
}

/** After the hot keys and room for one more. */
function slowCallsAt(threads: number): number {
  return hotKeysAt(threads) + HOT_KEY_HEAD_BYTES + (HOT_KEY_SLOTS + 1) * HOT_KEY_BYTES;
}

function largestAt(threads: number): number {
  return slowCallsAt(threads) + SLOW_CALL_HEAD_BYTES + SLOW_CALL_SLOTS * SLOW_CALL_BYTES;
}

function curveAt(threads: number): number {
  return largestAt(threads) + LARGEST_BYTES;
}

/** At the start of a page, as far as the buffer is. */
function windowsAt(threads: number): number {
  return Math.ceil((curveAt(threads) + CURVE_BYTES) / PAGE_BYTES) * PAGE_BYTES;
}
