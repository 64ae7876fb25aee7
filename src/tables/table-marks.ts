// Marks in the header of a table, which stay with it when it moves. Their bits: table-layout.ts.

import { UNIT_BYTES } from '../arena/memory.js';
import type { Journal } from './journal.js';
import type { TableLocation } from './open-object.js';
import {
  LIST_MARK,
  MARKS_AT,
  readU16,
  type TableLayout,
  VERSION_MASK,
  VERSION_SHIFT,
  versionMark,
  writeU16,
} from './table-layout.js';
import type { TableStorage } from './table-storage.js';

/** @perThread */
export class TableMarks {
  constructor(
    private readonly layout: TableLayout,
    private readonly containers: TableStorage,
    private readonly journal: Journal,
  ) {}

  of(place: TableLocation): number {
    return readU16(place.view, place.body + MARKS_AT);
  }

  /** Makes a table an array in JSON even while it is empty. */
  setList(place: TableLocation): void {
    const marks = this.of(place);
    if ((marks & LIST_MARK) === 0) this.#set(place, marks | LIST_MARK);
  }

  /** The version of an object, of which this is its own table. */
  version(place: TableLocation): number {
    const marks = this.of(place);
    return (marks & VERSION_MASK) === 0 ? 1 : (marks & VERSION_MASK) >>> VERSION_SHIFT;
  }

  setVersion(place: TableLocation, version: number): void {
    this.#set(place, (this.of(place) & ~VERSION_MASK) | versionMark(version));
  }

  #set(place: TableLocation, marks: number): void {
    const at = place.body + MARKS_AT;
    if (place.owner === 0) {
      this.containers.saveBytes(place, at, 2);
    } else {
      const offset = this.layout.bodyPosition(place.chunk) - place.chunk * UNIT_BYTES;
      place.object.isWritten = true;
      this.journal.saveRange(place.chunk, offset + MARKS_AT, 2);
    }
    writeU16(place.view, at, marks);
  }
}
