// An ordered index as a sorted array: what the real one is compared with.

import type { Direction, OrderedIndex, Ranked, Ties } from '../../../src/objects/types/object-type.js';

interface Entry {
  readonly member: string;
  readonly score: number;
  readonly arrival: number;
}

export class SortedModel {
  #entries: Entry[] = [];
  readonly #scores = new Map<string, number>();
  #arrivals = 0;

  constructor(readonly ties: Ties = 'arrival') {}

  copy(): SortedModel {
    const copy = new SortedModel(this.ties);
    copy.#entries = [...this.#entries];
    for (const [member, score] of this.#scores) copy.#scores.set(member, score);
    copy.#arrivals = this.#arrivals;
    return copy;
  }

  get count(): number {
    return this.#entries.length;
  }

  get pairs(): Ranked[] {
    return this.#entries.map(({ member, score }) => [member, score]);
  }

  set(member: string, score: number): boolean {
    const known = this.#scores.get(member);
    if (known === score) return false;
    if (known !== undefined) this.delete(member);
    const entry = { member, score: score + 0, arrival: this.#arrivals++ };
    let at = this.#entries.length;
    while (at > 0 && this.#isBefore(entry, this.#entries[at - 1])) at--;
    this.#entries.splice(at, 0, entry);
    this.#scores.set(member, score + 0);
    return known === undefined;
  }

  get(member: string): number | undefined {
    return this.#scores.get(member);
  }

  delete(member: string): boolean {
    if (!this.#scores.delete(member)) return false;
    this.#entries.splice(
      this.#entries.findIndex((entry) => entry.member === member),
      1,
    );
    return true;
  }

  popFirst(): Ranked | undefined {
    return this.#pop(this.#entries.shift());
  }

  popLast(): Ranked | undefined {
    return this.#pop(this.#entries.pop());
  }

  #pop(entry: Entry | undefined): Ranked | undefined {
    if (entry === undefined) return undefined;
    this.#scores.delete(entry.member);
    return [entry.member, entry.score];
  }

  rank(member: string, direction: Direction): number | undefined {
    const index = this.#entries.findIndex((entry) => entry.member === member);
    if (index < 0) return undefined;
    return direction === 'ascending' ? index + 1 : this.count - index;
  }

  #isBefore(one: Entry, other: Entry): boolean {
    if (one.score !== other.score) return one.score < other.score;
    return this.ties === 'arrival' ? one.arrival < other.arrival : one.member < other.member;
  }

  /** Throws on the first difference. */
  compare(index: OrderedIndex, name: string): void {
    const pairs = this.pairs;
    same(index.count, pairs.length, `count of ${name}`);
    same(index.range(1, -1), pairs, `members of ${name}`);
  }
}

export function same(actual: unknown, wanted: unknown, what: string): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: ${one?.slice(0, 200)}, not ${other?.slice(0, 200)}`);
}
