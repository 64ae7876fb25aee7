// Replies in parts: the order in which window and values are sent, and the rest when the end of a reply is removed.

import { expect, test } from 'vitest';
import { MAX_PARTS, ReplyParts } from '../../src/protocols/reply-parts.js';

const WINDOW = 1000;

function partsOf(parts: ReplyParts): [position: number, length: number][] {
  return Array.from({ length: parts.count }, (_, index) => [parts.positions[index], parts.lengths[index]]);
}

/** A reply with two items of two ranges each: 10 bytes of window before each and 5 at the end. */
function replyOfTwo(): ReplyParts {
  const parts = new ReplyParts();
  parts.open(WINDOW);
  parts.begin(7, WINDOW + 10);
  parts.add(50_000, 600);
  parts.add(60_000, 400);
  parts.begin(8, WINDOW + 20);
  parts.add(70_000, 30);
  parts.add(2 ** 33, 40);
  return parts;
}

test('reply parts from the window and from values are sent in order', () => {
  const parts = replyOfTwo();
  parts.end(WINDOW + 25);
  expect(partsOf(parts)).toEqual([
    [WINDOW, 10],
    [50_000, 600],
    [60_000, 400],
    [WINDOW + 10, 10],
    [70_000, 30],
    [2 ** 33, 40],
    [WINDOW + 20, 5],
  ]);
  expect(parts.valueBytes).toBe(1070);
  expect([...parts.items.subarray(0, parts.itemCount)]).toEqual([7, 8]);
});

test('a value at the start or the end of a reply needs no part of the window next to it', () => {
  const parts = new ReplyParts();
  parts.open(WINDOW);
  parts.begin(7, WINDOW);
  parts.add(50_000, 600);
  parts.end(WINDOW);
  expect(partsOf(parts)).toEqual([[50_000, 600]]);
});

test('a rollback to a position in the window drops the later parts, item by item', () => {
  const parts = replyOfTwo();
  expect(parts.dropBehind(WINDOW + 12)).toBe(8);
  expect(parts.dropBehind(WINDOW + 12)).toBe(0);
  parts.end(WINDOW + 30);
  expect(partsOf(parts)).toEqual([
    [WINDOW, 10],
    [50_000, 600],
    [60_000, 400],
    [WINDOW + 10, 20],
  ]);
  const others = replyOfTwo();
  expect([others.dropBehind(WINDOW), others.dropBehind(WINDOW), others.dropBehind(WINDOW)]).toEqual([8, 7, 0]);
  others.end(WINDOW + 3);
  expect(partsOf(others)).toEqual([[WINDOW, 3]]);
  expect(others.valueBytes).toBe(0);
});

test('the list of parts is full while there is still room for the last one', () => {
  const parts = new ReplyParts();
  parts.open(WINDOW);
  parts.begin(7, WINDOW + 1);
  while (!parts.isFull) parts.add(5000, 1);
  parts.end(WINDOW + 2);
  expect(parts.count).toBeLessThanOrEqual(MAX_PARTS);
  parts.clear();
  parts.open(WINDOW);
  expect(partsOf(parts)).toEqual([]);
});
