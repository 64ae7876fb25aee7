// Texts of whole tables: joined fields, and JSON. JSON of other values: json-text.ts.

import { latin1 } from '../base/latin1.js';
import { ByteSink } from './byte-sink.js';
import { ByteArrays } from './bytes/byte-arrays.js';
import { jsonNumber, jsonString, numberName } from './json-text.js';
import { Mark, type TableLocation } from './open-object.js';
import { OrderedReader } from './ordered/ordered-reader.js';
import { readNumber } from './scalars.js';
import type { Key } from './table.js';
import { TableKind, Tag } from './table-layout.js';
import type { TableParts } from './table-parts.js';

export type Joined = 'keys' | 'values' | 'entries';

/** Steps of adding a field to a text, in addition to its bytes. */
const FIELD_STEPS = 6;

/** @perThread */
export class TableSerializer {
  readonly ordered: OrderedReader;
  readonly bytes: ByteArrays;
  private readonly sink: ByteSink;

  constructor(private readonly parts: TableParts) {
    this.sink = new ByteSink(parts.resultLimitBytes);
    this.ordered = new OrderedReader(parts);
    this.bytes = new ByteArrays(parts);
  }

  /** Joins all fields; returns the sink with the text. `after` and `between` are byte strings. */
  join(place: TableLocation, what: Joined, after: string, between: string): ByteSink {
    const { parts, sink } = this;
    sink.begin(parts.budget);
    const mark = new Mark();
    while (parts.walker.advance(place, mark)) {
      parts.budget.charge(FIELD_STEPS);
      if (what !== 'values') this.addKey();
      if (what === 'entries') sink.addText(between);
      if (what !== 'keys') this.addValue(place);
      sink.addText(after);
    }
    return sink;
  }

  /** Joins entries of an ordered index, with their scores where there is something to put between. */
  joinOrdered(
    place: TableLocation,
    from: number,
    to: number,
    isDescending: boolean,
    after: string,
    between: string | undefined,
  ): string {
    this.sink.begin(this.parts.budget);
    this.ordered.addJoined(this.sink, place, from, to, isDescending, after, between);
    return this.sink.toText();
  }

  bytesJson(header: number, length: number): string {
    this.sink.begin(this.parts.budget);
    this.bytes.addJson(header, length, this.sink);
    return this.sink.toText();
  }

  json(place: TableLocation): string {
    this.sink.begin(this.parts.budget);
    this.addTable(place);
    return this.sink.toText();
  }

  private addKey(): void {
    const { found } = this.parts;
    if (found.isKeyText) this.sink.add(found.bytes, found.keyAt, found.keyLength);
    else this.sink.addText(String(readNumber(found.bytes, found.keyAt, found.keyTag)));
  }

  private addValue(place: TableLocation): void {
    const { found, walker } = this.parts;
    if (found.isText || found.valueTag === Tag.chain) walker.copyText(this.sink.add);
    else if (found.valueTag === Tag.table) this.addNested(place);
    else this.sink.addText(String(this.scalar()));
  }

  private scalar(): number | boolean {
    const { found } = this.parts;
    return found.valueTag <= Tag.yes
      ? found.valueTag === Tag.yes
      : readNumber(found.bytes, found.valueAt, found.valueTag);
  }

  private addNested(place: TableLocation): void {
    this.parts.places.visitNested(place, this.key(), this.addTable);
  }

  private key(): string | number {
    const { found } = this.parts;
    return found.isKeyText
      ? latin1(found.bytes, found.keyAt, found.keyLength)
      : readNumber(found.bytes, found.keyAt, found.keyTag);
  }

  private readonly addTable = (place: TableLocation): void => {
    const { parts, sink } = this;
    if (place.kind === TableKind.byteArray) {
      this.bytes.addJson(place.header, this.bytes.length(place), sink);
      return;
    }
    if (place.kind !== TableKind.fields) {
      this.ordered.addJson(place, sink);
      return;
    }
    if (this.isList(place)) {
      this.addList(place);
      return;
    }
    const mark = new Mark();
    sink.addText('{');
    for (let separator = ''; parts.walker.advance(place, mark); separator = ',') {
      parts.budget.charge(FIELD_STEPS);
      sink.addText(separator);
      const key = this.key();
      const name = typeof key === 'number' ? numberName(key, (text) => this.hasText(place, text)) : key;
      sink.addText(jsonString(name, parts.budget));
      sink.addText(':');
      if (typeof key === 'number') this.find(place, key);
      this.addJsonValue(place);
    }
    sink.addText('}');
  };

  /** Elements in the order of their numbers, which may differ from the order in which they were set. */
  private addList(place: TableLocation): void {
    const { parts, sink } = this;
    const mark = new Mark();
    const count = parts.walker.count(place);
    let isInOrder = true;
    sink.addText('[');
    for (let number = 1; number <= count; number++) {
      parts.budget.charge(FIELD_STEPS);
      if (number > 1) sink.addText(',');
      isInOrder &&= parts.walker.advance(place, mark) && this.key() === number;
      if (!isInOrder) this.find(place, number);
      this.addJsonValue(place);
    }
    sink.addText(']');
  }

  private hasText(place: TableLocation, text: string): boolean {
    return this.find(place, text);
  }

  /** Leaves the field in `found`. */
  private find(place: TableLocation, key: Key): boolean {
    const { parts } = this;
    // A packed table is searched linearly.
    parts.budget.charge(place.owner === 0 ? 1 + (parts.walker.count(place) >>> 3) : 1);
    parts.key.take(key);
    return parts.walker.find(place, parts.key);
  }

  private addJsonValue(place: TableLocation): void {
    const { found, walker } = this.parts;
    if (found.valueTag === Tag.table) {
      this.addNested(place);
    } else if (found.isText || found.valueTag === Tag.chain) {
      this.parts.budget.chargeText(walker.textLength());
      this.sink.addText(jsonString(this.text(), this.parts.budget));
    } else {
      const value = this.scalar();
      this.sink.addText(typeof value === 'number' ? jsonNumber(value) : String(value));
    }
  }

  private text(): string {
    const { found, walker } = this.parts;
    if (found.valueTag !== Tag.chain) return latin1(found.bytes, found.valueAt, found.valueLength);
    let text = '';
    walker.copyText((bytes, at, length) => {
      text += latin1(bytes, at, length);
    });
    return text;
  }

  /** Whether the n keys are whole numbers from 1 to n; of no keys, whether the table was made as an array. */
  private isList(place: TableLocation): boolean {
    const { parts } = this;
    const mark = new Mark();
    const count = parts.walker.count(place);
    if (count === 0) return parts.places.isList(place);
    while (parts.walker.advance(place, mark)) {
      const { found } = parts;
      if (found.isKeyText) return false;
      const key = readNumber(found.bytes, found.keyAt, found.keyTag);
      if (!(key >= 1 && key <= count && Math.floor(key) === key)) return false;
      parts.budget.charge(1);
    }
    return true;
  }
}
