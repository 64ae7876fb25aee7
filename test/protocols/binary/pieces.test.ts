// Requests cut at every byte, values in several pieces, replies larger than the output window.

import { describe, expect, test } from 'vitest';
import { checkStore } from '../../store/checker.js';
import { frame, numberExtras, Opcode, storageExtras, uint32 } from './frames.js';
import { BinaryHarness } from './harness.js';

const extras = storageExtras(3, 0);

const CONVERSATION = Buffer.concat([
  frame(Opcode.set, { key: 'a', value: 'some value', extras, opaque: 1 }),
  frame(Opcode.getkq, { key: 'a', opaque: 2 }),
  frame(Opcode.append, { key: 'a', value: '', opaque: 3 }),
  frame(Opcode.set, { key: 'b', value: '', extras, opaque: 4 }),
  frame(Opcode.gat, { key: 'b', extras: uint32(100), opaque: 5 }),
  frame(Opcode.increment, { key: 'n', extras: numberExtras(1n, 5n), opaque: 6 }),
  frame(Opcode.verbosity, { extras: uint32(1), opaque: 7 }),
  frame(0x77, { key: 'unknown', value: 'and its value', extras, opaque: 8 }),
  frame(Opcode.saslAuth, { key: 'PLAIN', value: '\0user\0password', opaque: 9 }),
  frame(Opcode.delete, { key: 'none', opaque: 10 }),
  frame(Opcode.stat, { key: 'items', opaque: 11 }),
  frame(Opcode.noop, { opaque: 12 }),
]);

describe('requests', () => {
  test('cut at every byte get the same replies', () => {
    const whole = new BinaryHarness().all(CONVERSATION);
    expect(new Set(whole.map(({ opaque }) => opaque))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
    expect(new BinaryHarness().all(CONVERSATION, 1)).toEqual(whole);
    for (let cut = 1; cut < CONVERSATION.length; cut++) {
      const harness = new BinaryHarness();
      const client = harness.connectBinary();
      const replies = [client.send(CONVERSATION.subarray(0, cut)), client.send(CONVERSATION.subarray(cut))];
      expect(Buffer.concat(replies).length).toBe(replyLength);
    }
  });

  test('leave no more than a header, extras, key and a short value in the input', () => {
    const harness = new BinaryHarness();
    const client = harness.connectBinary();
    client.send(frame(Opcode.set, { key: 'k'.repeat(250), value: 'x'.repeat(2048), extras }).subarray(0, 2300));
    client.send(frame(Opcode.set, { key: 'a', value: 'x'.repeat(500_000), extras }));
    expect(client.longestRestBytes).toBeLessThanOrEqual(24 + 8 + 250 + 2048);
  });
});

const replyLength = new BinaryHarness().connectBinary().send(CONVERSATION).length;

describe('large values', () => {
  const lengths = [2048, 2049, 4095, 4096, 65_535, 65_536, 300_000, 1_000_000];

  test('are received in pieces and sent unchanged', () => {
    const harness = new BinaryHarness({ limitBytes: 16 * 1024 * 1024, outputBytes: 20_000 });
    for (const length of lengths) {
      const value = Buffer.from(Array.from({ length }, (_, index) => index % 251)).toString('latin1');
      const requests = [
        frame(Opcode.set, { key: 'a', value, extras, opaque: 1 }),
        frame(Opcode.getk, { key: 'a', opaque: 2 }),
        frame(Opcode.append, { key: 'a', value: value.slice(0, 3000) }),
        frame(Opcode.noop),
      ];
      const [stored, read, ...others] = harness.all(Buffer.concat(requests), 10_007);
      expect(stored).toMatchObject({ opcode: Opcode.set, status: 0, opaque: 1 });
      expect(stored?.cas).toBeGreaterThan(0n);
      expect(read).toMatchObject({ opcode: Opcode.getk, opaque: 2, key: 'a', extras: uint32(3), cas: stored?.cas });
      expect(read?.value === value).toBe(true);
      expect(others.map(({ status }) => status)).toEqual([0, 0]);
    }
    checkStore(harness.store);
  });

  test('aborted in the middle leave no memory in use', () => {
    const harness = new BinaryHarness();
    const before = harness.store.usedBytes;
    const client = harness.connectBinary();
    client.send(frame(Opcode.set, { key: 'a', value: 'x'.repeat(500_000), extras }).subarray(0, 100_000));
    expect(client.session.isMidRequest).toBe(true);
    expect(client.session.reservedBytes).toBe(500_000);
    client.close();
    checkStore(harness.store);
    expect(harness.store.usedBytes - before).toBeLessThan(1000);
    expect(harness.one('get', { key: 'a' }).status).toBe(1);
  });

  test('of quiet requests are stored without a reply', () => {
    const harness = new BinaryHarness();
    const value = 'x'.repeat(100_000);
    expect(harness.all(frame(Opcode.setq, { key: 'a', value, extras }), 4000)).toEqual([]);
    expect(harness.one('get', { key: 'a' }).value).toHaveLength(100_000);
  });

  test('with a token are stored if the item still has it when they are complete', () => {
    const harness = new BinaryHarness();
    const { cas } = harness.one('set', { key: 'a', value: 'x', extras });
    const request = frame(Opcode.set, { key: 'a', value: 'y'.repeat(100_000), extras, cas });
    const client = harness.connectBinary();
    client.send(request.subarray(0, 50_000));
    harness.ask('set a 0 0 1\r\nz\r\n');
    expect(client.send(request.subarray(50_000)).readUInt16BE(6)).toBe(2);
    expect(harness.one('get', { key: 'a' }).value).toBe('z');
  });
});

test('a pipeline of a thousand quiet gets receives its replies in order', () => {
  const harness = new BinaryHarness({ outputBytes: 20_000 });
  for (let key = 0; key < 1000; key += 2) harness.one('set', { key: `k${key}`, value: `v${key}`, extras });
  const gets = Array.from({ length: 1000 }, (_, key) => frame(Opcode.getkq, { key: `k${key}`, opaque: key }));
  const replies = harness.all(Buffer.concat([...gets, frame(Opcode.noop, { opaque: 1000 })]));
  expect(replies.map(({ opaque }) => opaque)).toEqual([...Array.from({ length: 500 }, (_, half) => half * 2), 1000]);
});
