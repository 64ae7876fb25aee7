// One ordered index of an object as methods use it. Valid until the call ends.

import { wholeNumber } from '../argument-checks.js';
import { MethodError } from '../call-errors.js';
import type { TableLocation } from '../open-object.js';
import type { Direction, Ranked, Ties } from '../table.js';
import type { TableSerializer } from '../table-serializer.js';
import type { StoredIndex } from '../table-store.js';
import { isDescending, limitOf, memberOf, scoreOf, separatingByteOf, separatorOf } from './ordered-arguments.js';
import type { OrderedReader } from './ordered-reader.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

export class OrderedView implements StoredIndex {
  // Private at run time as well: code that lists or copies the fields of a handle must not reach the arena.
  readonly #render: TableSerializer;
  readonly #reader: OrderedReader;
  /** Undefined for an index that is not there, in an object that is open for reading. */
  readonly #place: TableLocation | undefined;
  readonly #generation: number;

  constructor(render: TableSerializer, place: TableLocation | undefined, generation: number) {
    this.#render = render;
    this.#reader = render.ordered;
    this.#place = place;
    this.#generation = generation;
  }

  get count(): number {
    const place = this.#place;
    return this.#reader.enter(place, this.#generation) ? this.#reader.count(place) : 0;
  }

  get ties(): Ties {
    return this.#place !== undefined && this.#reader.tiesAreBytes(this.#place, this.#generation) ? 'bytes' : 'arrival';
  }

  set(member: string, score: number): boolean {
    const place = this.#reader.enterToWrite(this.#place, this.#generation);
    const number = scoreOf(score, 'a score');
    this.#reader.take(memberOf(member));
    return this.#reader.set(place, number);
  }

  get(member: string): number | undefined {
    const place = this.#place;
    this.#reader.take(memberOf(member));
    return this.#reader.enter(place, this.#generation) ? this.#reader.score(place) : undefined;
  }

  highest(members: string, between: string): number | undefined {
    const place = this.#place;
    const text = memberOf(members);
    const separator = separatingByteOf(between);
    return this.#reader.enter(place, this.#generation) ? this.#reader.lists.highest(place, text, separator) : undefined;
  }

  delete(member: string): boolean {
    const place = this.#reader.enterToWrite(this.#place, this.#generation);
    this.#reader.take(memberOf(member));
    return this.#reader.delete(place);
  }

  rank(member: string, direction?: Direction): number | undefined {
    const place = this.#place;
    const isBackwards = isDescending(direction);
    this.#reader.take(memberOf(member));
    if (!this.#reader.enter(place, this.#generation)) return undefined;
    const before = this.#reader.before(place);
    if (before < 0) return undefined;
    return isBackwards ? this.#reader.count(place) - before : before + 1;
  }

  at(rank: number, direction?: Direction): Ranked | undefined {
    const place = this.#place;
    const isBackwards = isDescending(direction);
    const number = wholeNumber(rank, 'a rank');
    if (!this.#reader.enter(place, this.#generation)) return undefined;
    const count = this.#reader.count(place);
    const fromEnd = number < 0 !== isBackwards;
    const before = fromEnd ? count - Math.abs(number) : Math.abs(number) - 1;
    return number === 0 || before < 0 || before >= count ? undefined : this.#reader.at(place, before);
  }

  range(from: number, to: number, direction?: Direction): Ranked[] {
    const place = this.#place;
    const isBackwards = isDescending(direction);
    const first = wholeNumber(from, 'a rank');
    const last = wholeNumber(to, 'a rank');
    if (!this.#reader.enter(place, this.#generation)) return [];
    const count = this.#reader.count(place);
    const start = Math.max(1, fromStart(first, count));
    const end = Math.min(count, fromStart(last, count));
    if (isBackwards) return this.#reader.entries(place, count - end, count - start + 1, true);
    return this.#reader.entries(place, start - 1, end, false);
  }

  members(from: number, to: number, direction?: Direction): string[] {
    const place = this.#place;
    const isBackwards = isDescending(direction);
    const first = wholeNumber(from, 'a rank');
    const last = wholeNumber(to, 'a rank');
    if (!this.#reader.enter(place, this.#generation)) return [];
    const count = this.#reader.count(place);
    const start = Math.max(1, fromStart(first, count));
    const end = Math.min(count, fromStart(last, count));
    if (isBackwards) return this.#reader.texts(place, count - end, count - start + 1, true);
    return this.#reader.texts(place, start - 1, end, false);
  }

  join(from: number, to: number, direction: Direction | undefined, after: string, between?: string): string {
    const place = this.#place;
    const isBackwards = isDescending(direction);
    const first = wholeNumber(from, 'a rank');
    const last = wholeNumber(to, 'a rank');
    const ending = separatorOf(after);
    const middle = between === undefined ? undefined : separatorOf(between);
    if (!this.#reader.enter(place, this.#generation)) return '';
    const count = this.#reader.count(place);
    const start = Math.max(1, fromStart(first, count));
    const end = Math.min(count, fromStart(last, count));
    if (isBackwards) return this.#render.joinOrdered(place, count - end, count - start + 1, true, ending, middle);
    return this.#render.joinOrdered(place, start - 1, end, false, ending, middle);
  }

  between(lowest: number, highest: number, direction?: Direction, limit?: number): Ranked[] {
    const place = this.#place;
    const isBackwards = isDescending(direction);
    const low = scoreOf(lowest, 'the lowest score');
    const high = scoreOf(highest, 'the highest score');
    const most = limitOf(limit);
    if (!this.#reader.enter(place, this.#generation)) return [];
    const from = this.#reader.beforeScore(place, low, false);
    const to = this.#reader.beforeScore(place, high, true);
    if (isBackwards) return this.#reader.entries(place, Math.max(from, to - most), to, true);
    return this.#reader.entries(place, from, Math.min(to, from + most), false);
  }

  countBetween(lowest: number, highest: number): number {
    const place = this.#place;
    const low = scoreOf(lowest, 'the lowest score');
    const high = scoreOf(highest, 'the highest score');
    if (!this.#reader.enter(place, this.#generation)) return 0;
    return Math.max(0, this.#reader.beforeScore(place, high, true) - this.#reader.beforeScore(place, low, false));
  }

  first(): Ranked | undefined {
    return this.at(1);
  }

  last(): Ranked | undefined {
    return this.at(-1);
  }

  popFirst(): Ranked | undefined {
    const place = this.#reader.enterToWrite(this.#place, this.#generation);
    return this.#reader.count(place) === 0 ? undefined : this.#reader.removeAt(place, 0);
  }

  popLast(): Ranked | undefined {
    const place = this.#reader.enterToWrite(this.#place, this.#generation);
    const count = this.#reader.count(place);
    return count === 0 ? undefined : this.#reader.removeAt(place, count - 1);
  }

  toObject(): Ranked[] {
    return this.range(1, -1);
  }

  toJSON(): Ranked[] {
    return this.toObject();
  }

  toJson(): string {
    const place = this.#place;
    return this.#reader.enter(place, this.#generation) ? this.#render.json(place) : '[]';
  }

  toPlain(): never {
    throw new MethodError('an ordered index cannot be copied; make another by ordered(name) and set its members');
  }

  [INSPECT](): unknown {
    return this.#reader.isCurrent(this.#generation) ? this.toObject() : '[an ordered index of a call that has ended]';
  }
}

function fromStart(rank: number, count: number): number {
  return rank < 0 ? count + 1 + rank : rank;
}
