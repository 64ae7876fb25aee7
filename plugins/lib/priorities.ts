// An index of members by priority, then by time: the score of a member is where its priority begins, and its time. The type: ../queue.ts.

import type { OrderedIndex, Ranked } from 'cacheismo';

/** Milliseconds that a priority has to itself: 139 years of the server. */
export const SPAN = 2 ** 42;

/** Where the priority of a score begins. */
export const startOf = (score: number): number => Math.floor(score / SPAN) * SPAN;
/** The time that a score adds to it. */
export const timeOf = (score: number): number => score - startOf(score);

/** Members that `dueMembers` reads at a time. */
const AT_A_TIME = 50;

/** The first member of each priority, the most urgent first. */
export function* heads(index: OrderedIndex): IterableIterator<Ranked> {
  for (let head = index.first(); head !== undefined; head = firstFrom(index, startOf(head[1]) + SPAN)) yield head;
}

function firstFrom(index: OrderedIndex, score: number): Ranked | undefined {
  return index.between(score, Infinity, 'ascending', 1)[0];
}

/** The most urgent member whose time has come, of the priorities from there on. A loop without `heads`, since most calls look at one member. */
function firstDue(index: OrderedIndex, now: number, from?: number): Ranked | undefined {
  let head = from === undefined ? index.first() : firstFrom(index, from);
  while (head !== undefined && timeOf(head[1]) > now) head = firstFrom(index, startOf(head[1]) + SPAN);
  return head;
}

/** The members whose time has come, the most urgent first. Each has to be removed, or moved to a later time, before the next is asked for. */
export function* dueMembers(index: OrderedIndex, now: number): IterableIterator<Ranked> {
  for (let head = firstDue(index, now); head !== undefined; head = firstDue(index, now, startOf(head[1]))) {
    yield head;
    const start = startOf(head[1]);
    yield* index.between(start, start + now, 'ascending', AT_A_TIME);
  }
}

/** The first time of all; infinity without members. */
export function earliest(index: OrderedIndex): number {
  return Math.min(...Array.from(heads(index), ([, score]) => timeOf(score)));
}

/** Up to `most` members with times from one to another, the most urgent first. */
export function membersBetween(index: OrderedIndex, from: number, to: number, most: number): Ranked[] {
  const members: Ranked[] = [];
  for (const [, score] of heads(index)) {
    if (members.length >= most) break;
    const start = startOf(score);
    members.push(...index.between(start + from, start + to, 'ascending', most - members.length));
  }
  return members;
}
