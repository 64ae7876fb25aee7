// The requests of the warm-up, before the first client, leave no trace.

import { expect, test } from 'vitest';
import { warmUp, warmUpRequests } from '../../../src/protocols/text/warm-up-requests.js';
import { checkStore } from '../../store/checker.js';
import { Harness, statsOf } from './harness.js';

test('a warm-up leaves no item, no count and no used byte', () => {
  const harness = new Harness();
  const before = [...statsOf(harness)].filter(([name]) => !name.startsWith('rusage'));
  warmUp(harness.engine.protocol, harness.engine.shell);
  expect([...statsOf(harness)].filter(([name]) => !name.startsWith('rusage'))).toEqual(before);
  checkStore(harness.store);
  expect(harness.ask('set a 0 0 1\r\nx\r\ngets a\r\n')).toBe('STORED\r\nVALUE a 0 1 1\r\nx\r\nEND\r\n');
});

test('its requests store values within an item and in pieces, in place and anew, and the last one deletes them', () => {
  const harness = new Harness();
  const { requests, last } = warmUpRequests(0);
  const lines = requests.map((request) => String.fromCharCode(...request).split('\r\n')[0]);
  const replies = requests.map((request) => harness.ask(String.fromCharCode(...request)));
  const lengths = lines.filter((line) => line.startsWith('set ')).map((line) => Number(line.split(' ').at(-1)));
  // More than an item of one chunk has, and less than what is listed among the largest items.
  expect(lengths).toEqual([8, 8, 1900, 1900]);
  expect(replies.slice(0, lengths.length)).toEqual(lengths.map(() => 'STORED\r\n'));
  expect(replies.slice(lengths.length)).toEqual([
    `VALUE cacheismo-warm-up 0 1900\r\n${'.'.repeat(1900)}\r\nEND\r\n`,
    'END\r\n',
  ]);
  expect(harness.ask(String.fromCharCode(...last))).toBe('DELETED\r\n');
  checkStore(harness.store);
});
