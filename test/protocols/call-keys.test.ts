// Virtual keys in all three protocols: which bytes their parts may have, and that no number is made at one. The text protocol cannot send
// a blank unescaped; meta can, in base64, and so can the binary protocol.

import { describe, expect, test } from 'vitest';
import { objectKeys } from '../operations/object-harness.js';
import { checkStore } from '../store/checker.js';
import { numberExtras, storageExtras } from './binary/frames.js';
import { BinaryHarness } from './binary/harness.js';
import { TEST_TYPES } from './binary/types.js';

const REFUSED = 'key must not contain a blank, a line end or a zero byte, escaped or not';
const WORD_ENDS = [' ', '\n', '\r', '\0'];

function objects(): BinaryHarness {
  return new BinaryHarness({ virtualKeys: objectKeys(TEST_TYPES) });
}

const base64 = (key: string) => Buffer.from(key, 'latin1').toString('base64');
const escaped = (key: string) => key.replace(/[\0-\x20]/g, (byte) => `%${Buffer.from(byte, 'latin1').toString('hex')}`);

describe('a blank, a line end or a zero byte in a virtual key', () => {
  test.each(WORD_ENDS)("is refused in the object's key, whichever protocol and form it comes in: %j", (byte) => {
    const harness = objects();
    for (const key of [`bag:new:a${byte}b`, `bag:new:abcd${byte}`, `bag:new:${byte}:x`]) {
      const sent = escaped(key);
      const line = `CLIENT_ERROR bag:new: ${REFUSED}\r\n`;
      expect(harness.ask(`get ${sent}\r\n`)).toBe(line);
      expect(harness.ask(`mg ${base64(key)} b v\r\n`)).toBe(line);
      expect(harness.ask(`ms ${base64(key)} 0 b v\r\n\r\n`)).toBe(line);
      expect(harness.one('get', { key })).toMatchObject({ status: 4, value: `bag:new: ${REFUSED}` });
      expect(harness.one('set', { key, extras: storageExtras() })).toMatchObject({ status: 4 });
    }
    expect(harness.store.itemCount).toBe(0);
  });

  test.each(WORD_ENDS)('may be part of an argument: %j', (byte) => {
    const harness = objects();
    harness.ask('get bag:new:k\r\n');
    const key = `bag:put:k:n${byte}:v${byte}`;
    expect(harness.ask(`get ${escaped(key)}\r\n`)).toBe(`VALUE ${escaped(key)} 0 2\r\nv${byte}\r\nEND\r\n`);
    expect(harness.ask(`mg ${base64(key)} b v\r\n`)).toBe(`VA 2\r\nv${byte}\r\n`);
    expect(harness.one('get', { key })).toMatchObject({ status: 0, value: `v${byte}` });
    checkStore(harness.store);
  });
});

test('a number is not made at a virtual key, where a get would call the method', () => {
  const harness = objects();
  const line = 'append, prepend, incr, decr and cas are not for objects';
  for (const key of ['bag:get:k:n', 'bag:new:k']) {
    expect(harness.ask(`ma ${key} N0\r\n`)).toBe(`CLIENT_ERROR ${line}\r\n`);
    expect(harness.ask(`ma ${key} N0 MD q\r\n`)).toBe(`CLIENT_ERROR ${line}\r\n`);
    for (const name of ['increment', 'decrement'] as const) {
      expect(harness.one(name, { key, extras: numberExtras(1n) })).toMatchObject({ status: 4, value: line });
    }
    expect(harness.ask(`ma ${key}\r\nincr ${key} 1\r\n`)).toBe('NF\r\nNOT_FOUND\r\n');
  }
  expect(harness.store.itemCount).toBe(0);
});
