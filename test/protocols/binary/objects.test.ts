// Virtual keys in the binary protocol: results are values of retrievals; the value of a storage request is the last argument.

import { describe, expect, test } from 'vitest';
import { objectKeys } from '../../operations/object-harness.js';
import { checkStore } from '../../store/checker.js';
import { frame, numberExtras, Opcode, storageExtras, uint32 } from './frames.js';
import { BinaryHarness } from './harness.js';
import { TEST_TYPES } from './types.js';

const extras = storageExtras();

function objects(): BinaryHarness {
  return new BinaryHarness({ virtualKeys: objectKeys(TEST_TYPES), limitBytes: 16 * 1024 * 1024 });
}

describe('retrievals', () => {
  test('call the method that their key names; its result is the value, without a token', () => {
    const harness = objects();
    expect(harness.one('get', { key: 'bag:new:k' })).toMatchObject({ status: 0, value: 'CREATED', cas: 0n });
    const reply = harness.one('getk', { key: 'bag:put:k:color:red', opaque: 5 });
    expect(reply).toMatchObject({ status: 0, key: 'bag:put:k:color:red', value: 'red', opaque: 5, extras: uint32(0) });
    expect(harness.one('gat', { key: 'bag:get:k:color', extras: uint32(100) }).value).toBe('red');
    expect(harness.all(frame(Opcode.getkq, { key: 'bag:get:k:color' })).map(({ value }) => value)).toEqual(['red']);
  });

  test('miss if the method returns nothing or there is no object, without a reply if quiet', () => {
    const harness = objects();
    harness.one('get', { key: 'bag:new:k' });
    for (const key of ['bag:get:k:none', 'bag:get:none:color']) {
      expect(harness.one('get', { key })).toMatchObject({ status: 1, value: 'Not found' });
      expect(harness.one('getk', { key })).toMatchObject({ status: 1, key, value: '' });
      expect(harness.all(frame(Opcode.getq, { key }))).toEqual([]);
    }
  });

  test('fail with the message of the call, or without a reply if quiet, so that clients can continue', () => {
    const harness = objects();
    harness.one('get', { key: 'bag:new:k' });
    const failed = { status: 4, value: 'bag:put: name is required' };
    expect(harness.one('get', { key: 'bag:put:k' })).toMatchObject(failed);
    expect(harness.all(frame(Opcode.getkq, { key: 'bag:put:k' }))).toEqual([]);
    expect(harness.one('getk', { key: 'bag:put:k' })).toMatchObject(failed);
    expect(harness.one('get', { key: 'bag:fail:k' })).toMatchObject({ status: 4, value: 'bag:fail: no way' });
  });

  test('of an object by its own key return it as JSON, and touch it', () => {
    const harness = objects();
    harness.one('get', { key: 'bag:new:k' });
    harness.one('get', { key: 'bag:put:k:color:red' });
    expect(harness.one('get', { key: 'bag$k' })).toMatchObject({ value: '{"color":"red"}', cas: 0n });
    expect(harness.one('gat', { key: 'bag$k', extras: uint32(10) }).value).toBe('{"color":"red"}');
    harness.clock.advance(9);
    expect(harness.one('touch', { key: 'bag$k', extras: uint32(10) })).toMatchObject({ status: 0, extras: uint32(0) });
    harness.clock.advance(11);
    expect(harness.one('get', { key: 'bag$k' }).status).toBe(1);
  });

  test('send results that are larger than the output window in pieces', () => {
    const harness = new BinaryHarness({ virtualKeys: objectKeys(TEST_TYPES), outputBytes: 20_000 });
    harness.one('get', { key: 'bag:new:k' });
    const value = 'x'.repeat(100_000);
    harness.one('set', { key: 'bag:put:k:long', value, extras });
    const replies = harness.all(Buffer.concat([frame(Opcode.get, { key: 'bag:get:k:long' }), frame(Opcode.noop)]));
    expect(replies.map((reply) => reply.value.length)).toEqual([100_000, 0]);
  });
});

describe('storage requests', () => {
  test('call the method with the value as last argument, and reply without a body', () => {
    const harness = objects();
    harness.one('get', { key: 'bag:new:k' });
    const reply = harness.one('set', { key: 'bag:put:k:color', value: 'any: bytes\r\n', extras });
    expect(reply).toMatchObject({ status: 0, key: '', value: '', cas: 0n });
    expect(harness.one('get', { key: 'bag:get:k:color' }).value).toBe('any: bytes\r\n');
    expect(harness.all(frame(Opcode.setq, { key: 'bag:put:k:color', value: 'blue', extras }))).toEqual([]);
    expect(harness.one('append', { key: 'bag:put:k:color', value: 'green' }).status).toBe(0);
    expect(harness.one('get', { key: 'bag:get:k:color' }).value).toBe('green');
  });

  test('receive a large value in pieces', () => {
    const harness = objects();
    harness.one('get', { key: 'bag:new:k' });
    const requests = [
      frame(Opcode.set, { key: 'bag:put:k:long', value: 'x'.repeat(100_000), extras, opaque: 4 }),
      frame(Opcode.noop, { opaque: 5 }),
    ];
    expect(harness.all(Buffer.concat(requests), 3000).map(({ opaque, status }) => [opaque, status])).toEqual([
      [4, 0],
      [5, 0],
    ]);
    expect(harness.one('get', { key: 'bag:get:k:long' }).value).toHaveLength(100_000);
    checkStore(harness.store);
  });

  test('reply that nothing was stored, that there is no object, or why the call failed', () => {
    const harness = objects();
    harness.one('get', { key: 'bag:new:k' });
    const set = (key: string, name: 'set' | 'setq' = 'set') => harness.one(name, { key, value: 'none', extras });
    expect(set('bag:get:k')).toMatchObject({ status: 5, value: 'Not stored.' });
    expect(set('bag:get:none')).toMatchObject({ status: 1, value: 'Not found' });
    expect(set('bag:fail:k')).toMatchObject({ status: 4 });
    expect(set('bag:get:none', 'setq').status).toBe(1);
  });

  test('with a token are refused, and so are numbers and appending to an object', () => {
    const harness = objects();
    harness.one('get', { key: 'bag:new:k' });
    const refused = { status: 4, value: 'append, prepend, incr, decr and cas are not for objects' };
    expect(harness.one('set', { key: 'bag:put:k:a', value: 'x', extras, cas: 5n })).toMatchObject(refused);
    expect(harness.one('append', { key: 'bag$k', value: 'x' })).toMatchObject(refused);
    expect(harness.one('increment', { key: 'bag$k', extras: numberExtras(1n) })).toMatchObject(refused);
    expect(harness.one('delete', { key: 'bag$k' }).status).toBe(0);
  });
});

describe('types in the style of the original', () => {
  test('have their first value, or the line that they write, as the value of a retrieval', () => {
    const harness = objects();
    expect(harness.one('get', { key: 'old:say:k:x' })).toMatchObject({ status: 0, value: 'get x' });
    expect(harness.one('get', { key: 'old:line:k:EXISTS' })).toMatchObject({ status: 0, value: 'EXISTS' });
    expect(harness.one('get', { key: 'old:silent:k' }).status).toBe(1);
  });

  test('reply to storage requests by the line that they write', () => {
    const harness = objects();
    const set = (key: string, value: string) => harness.one('set', { key, value, extras }).status;
    expect(['STORED', 'EXISTS', 'NOT_FOUND', 'NOT_STORED'].map((line) => set('old:line:k', line))).toEqual([
      0, 2, 1, 5,
    ]);
    expect(set('old:say:k', 'x')).toBe(0);
    expect(set('old:silent:k', 'x')).toBe(5);
  });
});
