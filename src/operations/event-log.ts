// Events for `watch`: lines in a ring in the arena, written by all threads (the writer holds the lock) and read by each watcher at its own
// pace. A watcher that is too slow loses the oldest lines, and a line tells it how many.

import { EVENT_LOG_BYTES } from '../arena/layout.js';
import type { Arena } from '../arena/memory.js';
import { latin1 } from '../base/latin1.js';

/** The kinds of events that watchers can request; each is a bit of a mask. */
export const EventKind = { fetchers: 2, mutations: 4, evictions: 8, connevents: 16, deletions: 32 } as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

const KINDS = Object.values(EventKind);
const HEAD = 0;
const TAIL = 1;
const NUMBER = 2;
/** Lines written, and lines lost, of each kind. */
const WRITTEN = 3;
const DROPPED = WRITTEN + KINDS.length;
const CELLS = 16;
const HEADER_BYTES = CELLS * 8;
/** Length and kind before each line. */
const PREFIX_BYTES = 3;
const CAPACITY = EVENT_LOG_BYTES - HEADER_BYTES;
/** A watcher gets about this much at a time. */
const READ_BYTES = 16 * 1024;

/** A watcher's position in the log. */
export interface EventReader {
  readonly mask: number;
  position: number;
  /** The number of lines of each kind that it has passed. */
  readonly seen: number[];
}

/** @perThread */
export class EventLog {
  private readonly bytes: Uint8Array;
  private readonly cells: Float64Array;
  private readonly at: number;

  constructor(
    arena: Arena,
    private readonly mostLagBytes = Number.POSITIVE_INFINITY,
  ) {
    this.bytes = arena.bytes;
    this.cells = new Float64Array(arena.buffer, arena.eventsAt, CELLS);
    this.at = arena.eventsAt + HEADER_BYTES;
  }

  /** The number of the next event. */
  nextNumber(): number {
    return ++this.cells[NUMBER];
  }

  append(kind: EventKind, line: string): void {
    const { cells } = this;
    const needed = PREFIX_BYTES + line.length;
    while (cells[HEAD] + needed - cells[TAIL] > CAPACITY) this.#drop();
    let position = cells[HEAD];
    this.#put(position++, line.length & 0xff);
    this.#put(position++, line.length >>> 8);
    this.#put(position++, kind);
    for (let index = 0; index < line.length; index++) this.#put(position++, line.charCodeAt(index));
    cells[HEAD] = position;
    cells[WRITTEN + numberOf(kind)]++;
  }

  open(mask: number): EventReader {
    const seen = KINDS.map((_, number) => this.cells[WRITTEN + number]);
    return { mask, position: this.cells[HEAD], seen };
  }

  hasNews({ position }: EventReader): boolean {
    return position < this.cells[HEAD];
  }

  /** Copies the next lines for a reader; returns how many it got, and how many it lost before them. */
  read(reader: EventReader): { readonly text: string; readonly sent: number; readonly skipped: number } {
    const { cells } = this;
    const skipped = (reader.position < cells[TAIL] ? this.#skip(reader) : 0) + this.#skipLag(reader);
    let text = skipped > 0 ? `skipped=${skipped}\n` : '';
    let sent = 0;
    while (reader.position < cells[HEAD] && text.length < READ_BYTES) {
      const { position } = reader;
      if (!this.#pass(reader)) continue;
      text += this.#textAt(position + PREFIX_BYTES, this.#lengthAt(position));
      sent++;
    }
    return { text, sent, skipped };
  }

  #skip(reader: EventReader): number {
    let skipped = 0;
    KINDS.forEach((kind, number) => {
      const lost = Math.max(0, this.cells[DROPPED + number] - reader.seen[number]);
      reader.seen[number] += lost;
      if ((kind & reader.mask) !== 0) skipped += lost;
    });
    reader.position = this.cells[TAIL];
    return skipped;
  }

  /** Skips the lines beyond the allowed backlog; returns how many of them the reader wanted. */
  #skipLag(reader: EventReader): number {
    let skipped = 0;
    while (this.cells[HEAD] - reader.position > this.mostLagBytes) if (this.#pass(reader)) skipped++;
    return skipped;
  }

  /** Moves past the next line; whether it is of a kind that the reader wants. */
  #pass(reader: EventReader): boolean {
    const { position } = reader;
    const kind = this.#get(position + 2) as EventKind;
    reader.seen[numberOf(kind)]++;
    reader.position = position + PREFIX_BYTES + this.#lengthAt(position);
    return (kind & reader.mask) !== 0;
  }

  #drop(): void {
    const tail = this.cells[TAIL];
    this.cells[DROPPED + numberOf(this.#get(tail + 2) as EventKind)]++;
    this.cells[TAIL] = tail + PREFIX_BYTES + this.#lengthAt(tail);
  }

  #lengthAt(position: number): number {
    return this.#get(position) | (this.#get(position + 1) << 8);
  }

  #textAt(position: number, length: number): string {
    const from = position % CAPACITY;
    const first = Math.min(length, CAPACITY - from);
    return latin1(this.bytes, this.at + from, first) + latin1(this.bytes, this.at, length - first);
  }

  #get(position: number): number {
    return this.bytes[this.at + (position % CAPACITY)];
  }

  #put(position: number, byte: number): void {
    this.bytes[this.at + (position % CAPACITY)] = byte;
  }
}

function numberOf(kind: EventKind): number {
  return 30 - Math.clz32(kind);
}
