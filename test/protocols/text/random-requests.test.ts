// Random garbage and damaged requests: the engine never throws, buffers a bounded input, and serves the next client. The seed is fixed and
// printed with a failure.

import { describe, expect, test } from 'vitest';
import { Harness } from './harness.js';

/** A small generator with a seed (mulberry32, by Tommy Ettinger). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const WORDS =
  'get gets gat gats set add replace append prepend cas incr decr touch delete flush_all version verbosity stats quit shutdown debugtime lru_crawler lru slabs cache_memlimit watch mg ms noreply 0 1 -1 5 100 4294967296 18446744073709551615 1e3 0x10 a b key:1 set:new:x items sizes reset detail';
const PARTS = [
  ...WORDS.split(' '),
  'k'.repeat(250),
  'k'.repeat(251),
  '\0',
  '\xff',
  '',
  ' ',
  '\r',
  '\n',
  '\t',
  '\r\n',
  '\n\n',
];

/** A request that is well-formed in most of its parts. */
function request(random: (below: number) => number): string {
  const length = random(4) === 0 ? random(5000) : random(20);
  const key = `key${random(20)}`;
  switch (random(8)) {
    case 0:
      return `get ${key}\r\n`;
    case 1:
      return `gets ${key} key1 key2 key3\r\n`;
    case 2:
    case 3:
      return `${['set', 'add', 'append', 'prepend', 'replace'][random(5)]} ${key} 1 ${random(3) - 1} ${length}\r\n${'v'.repeat(length)}\r\n`;
    case 4:
      return `incr ${key} ${random(100)}\r\n`;
    case 5:
      return `gat 10 ${key} key5\r\n`;
    case 6:
      return Array.from({ length: random(8) }, () => PARTS[random(PARTS.length)]).join(' ') + (random(5) ? '\r\n' : '');
    default:
      return `cas ${key} 0 0 3 ${random(50)} noreply\r\nabc\r\n`;
  }
}

/** Cuts, doubles, swaps or overwrites some bytes. */
function damage(random: (below: number) => number, text: string): string {
  const at = random(text.length + 1);
  const end = Math.min(text.length, at + random(10));
  switch (random(5)) {
    case 0:
      return text.slice(0, at) + text.slice(end);
    case 1:
      return text.slice(0, end) + text.slice(at);
    case 2:
      return text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1);
    case 3:
      return text.slice(0, at) + PARTS[random(PARTS.length)] + text.slice(at);
    default:
      return text;
  }
}

function conversation(random: (below: number) => number): string {
  let text = Array.from({ length: 1 + random(12) }, () => request(random)).join('');
  for (let count = random(4); count > 0; count--) text = damage(random, text);
  if (random(20) === 0) {
    text += Array.from({ length: random(20_000) }, () => String.fromCharCode(random(256))).join('');
  }
  return text;
}

const ROUNDS = process.env.LONG_TESTS ? 20_000 : 1500;

describe('after random requests the server still serves and keeps little input,', () => {
  test.each([1, 20_260])('with seed %i', (seed) => {
    const random = randomFrom(seed);
    const harness = new Harness({ limitBytes: 1024 * 1024, itemLimitBytes: 200_000, outputBytes: 4096 });
    for (let round = 0; round < ROUNDS; round++) {
      const text = conversation(random);
      const client = harness.connect();
      client.send(text, [65536, 1 + random(50), 1 + random(3000)][random(3)]);
      client.close();
      expect(client.longestRestBytes).toBeLessThanOrEqual(8192);
      if (round % 10 === 0) expect(harness.ask('version\r\n')).toBe('VERSION 1.2.3\r\n');
    }
    harness.ask('flush_all\r\n');
    expect(harness.ask('set a 0 0 1\r\nx\r\nget a\r\n')).toBe('STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n');
  });
});
