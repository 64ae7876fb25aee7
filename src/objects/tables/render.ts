// Texts of whole tables: joined fields, and JSON. Not for results that are no tables.

import { latin1 } from '../latin1.js';
import { ByteSink } from './byte-sink.js';
import { Tag } from './layout.js';
import type { TableParts } from './parts.js';
import { Mark, type Place } from './place.js';
import { readNumber } from './scalars.js';

export type Joined = 'keys' | 'values' | 'entries';

export class Render {
  private readonly sink: ByteSink;

  constructor(private readonly parts: TableParts) {
    this.sink = new ByteSink(parts.resultLimitBytes);
  }

  /** Joins all fields; what came of it is in the sink that is returned. `after` and `between` are byte strings. */
  join(place: Place, what: Joined, after: string, between: string): ByteSink {
    const { parts, sink } = this;
    sink.begin(parts.budget);
    const mark = new Mark();
    while (parts.walker.advance(place, mark)) {
      parts.budget.charge(1);
      if (what !== 'values') this.addKey();
      if (what === 'entries') sink.addText(between);
      if (what !== 'keys') this.addValue(place);
      sink.addText(after);
    }
    return sink;
  }

  json(place: Place): string {
    this.sink.begin(this.parts.budget);
    this.addTable(place);
    return this.sink.toText();
  }

  private addKey(): void {
    const { found } = this.parts;
    if (found.isKeyText) this.sink.add(found.bytes, found.keyAt, found.keyLength);
    else this.sink.addText(String(readNumber(found.bytes, found.keyAt, found.keyTag)));
  }

  private addValue(place: Place): void {
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

  private addNested(place: Place): void {
    this.parts.places.visitNested(place, this.key(), this.addTable);
  }

  private key(): string | number {
    const { found } = this.parts;
    return found.isKeyText
      ? latin1(found.bytes, found.keyAt, found.keyLength)
      : readNumber(found.bytes, found.keyAt, found.keyTag);
  }

  private readonly addTable = (place: Place): void => {
    const { parts, sink } = this;
    const isList = this.isList(place);
    const mark = new Mark();
    sink.addText(isList ? '[' : '{');
    for (let separator = ''; parts.walker.advance(place, mark); separator = ',') {
      parts.budget.charge(1);
      sink.addText(separator);
      if (!isList) {
        sink.addText(JSON.stringify(String(this.key())));
        sink.addText(':');
      }
      this.addJsonValue(place);
    }
    sink.addText(isList ? ']' : '}');
  };

  private addJsonValue(place: Place): void {
    const { found, walker } = this.parts;
    if (found.valueTag === Tag.table) {
      this.addNested(place);
    } else if (found.isText || found.valueTag === Tag.chain) {
      this.parts.budget.chargeBytes(walker.textLength());
      this.sink.addText(JSON.stringify(this.text()));
    } else {
      this.sink.addText(JSON.stringify(this.scalar()));
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

  /** Whether the keys are 1 to n, in this order. */
  private isList(place: Place): boolean {
    const { parts } = this;
    const mark = new Mark();
    let wanted = 1;
    for (; parts.walker.advance(place, mark); wanted++) {
      const { found } = parts;
      if (found.isKeyText || readNumber(found.bytes, found.keyAt, found.keyTag) !== wanted) return false;
      parts.budget.charge(1);
    }
    return wanted > 1;
  }
}
