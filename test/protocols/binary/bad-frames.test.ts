// Invalid frames: each gets a reply or closes the connection, and none of its bytes is read as a request.

import { describe, expect, test } from 'vitest';
import { checkStore } from '../../store/checker.js';
import { type FrameParts, frame, Opcode, type OpcodeName, readFrames, storageExtras, uint32 } from './frames.js';
import { BinaryHarness } from './harness.js';

const extras = storageExtras();
const INVALID = [0x04, 'Invalid arguments'] as const;
const UNKNOWN = [0x81, 'Unknown command'] as const;

/** The status and text of each reply to a request and a noop after it, and whether the connection is closed. */
function answer(name: OpcodeName, parts: FrameParts) {
  const harness = new BinaryHarness();
  const client = harness.connectBinary();
  const requests = Buffer.concat([frame(Opcode[name], parts), frame(Opcode.noop)]);
  // Cut at every byte, unless that would be too many pieces.
  const bytes = client.send(requests, Math.ceil(requests.length / 2000));
  const replies = readFrames(bytes).replies.map(({ status, value }) => [status, value]);
  client.close();
  checkStore(harness.store);
  expect(harness.one('noop').status).toBe(0);
  return { replies, closes: client.ended !== undefined };
}

describe('a frame that does not match its opcode is refused and closes the connection', () => {
  const rows: readonly (readonly [string, OpcodeName, FrameParts])[] = [
    ['get without a key', 'get', {}],
    ['get with extras', 'get', { key: 'a', extras: uint32(1) }],
    ['get with a value', 'get', { key: 'a', value: 'x' }],
    ['get with a key of 251 bytes', 'get', { key: 'k'.repeat(251) }],
    ['get with a key of 65,535 bytes', 'get', { key: 'k'.repeat(65_535) }],
    ['set without extras', 'set', { key: 'a', value: 'x' }],
    ['set with half of its extras', 'set', { key: 'a', value: 'x', extras: uint32(1) }],
    ['set without a key', 'set', { value: 'x', extras }],
    ['set with a key of 251 bytes', 'set', { key: 'k'.repeat(251), value: 'x', extras }],
    ['append with extras', 'append', { key: 'a', value: 'x', extras }],
    ['append without a key', 'append', { value: 'x' }],
    ['increment with short extras', 'increment', { key: 'a', extras }],
    ['delete with a value', 'delete', { key: 'a', value: 'x' }],
    ['delete without a key', 'delete', {}],
    ['touch without extras', 'touch', { key: 'a' }],
    ['gat with a value', 'gat', { key: 'a', extras: uint32(1), value: 'x' }],
    ['noop with a key', 'noop', { key: 'a' }],
    ['version with a key', 'version', { key: 'a' }],
    ['quit with a body', 'quit', { value: 'x' }],
    ['flush with two bytes of extras', 'flush', { extras: Buffer.alloc(2) }],
    ['flush with a key', 'flush', { key: 'a' }],
    ['stat with extras', 'stat', { extras }],
    ['stat with a value', 'stat', { key: 'items', value: 'x' }],
    ['sasl auth without a mechanism', 'saslAuth', { value: 'x' }],
    ['sasl list with a key', 'saslList', { key: 'a' }],
    ['set with a body of 2^31-1 bytes', 'set', { key: 'a', value: 'x', extras, bodyLength: 2 ** 31 - 1 }],
    ['set with a body of 2^32-1 bytes', 'set', { key: 'a', value: 'x', extras, bodyLength: 2 ** 32 - 1 }],
    ['append with a body of 2^32-1 bytes', 'append', { key: 'a', value: 'x', bodyLength: 2 ** 32 - 1 }],
    ['sasl auth with a body of 2^32-1 bytes', 'saslAuth', { key: 'PLAIN', value: 'x', bodyLength: 2 ** 32 - 1 }],
    ['an unknown request with a body of 2^32-1 bytes', 'verbosity', { value: 'x', bodyLength: 2 ** 32 - 1 }],
  ];
  test.each(rows)('%s', (_title, name, parts) => {
    expect(answer(name, parts)).toEqual({ replies: [INVALID], closes: true });
  });
});

describe('a body that is shorter than its key and extras closes the connection', () => {
  const rows: readonly (readonly [string, OpcodeName, FrameParts])[] = [
    ['get with a key and no body', 'get', { key: 'a', bodyLength: 0 }],
    ['set whose key does not fit its body', 'set', { key: 'abc', extras, bodyLength: 10 }],
    ['set whose extras do not fit its body', 'set', { extras, bodyLength: 7, keyLength: 0 }],
    ['append whose key is longer than its body', 'append', { key: 'abc', bodyLength: 2 }],
    ['sasl auth whose mechanism is longer than its body', 'saslAuth', { key: 'PLAIN', bodyLength: 4 }],
    ['a key of 65,535 bytes in an empty body', 'get', { keyLength: 65_535 }],
  ];
  test.each(rows)('%s', (_title, name, parts) => {
    expect(answer(name, parts)).toEqual({ replies: [UNKNOWN], closes: true });
  });
});

describe('an unknown request is refused and its body discarded', () => {
  const NOOP = [0, ''];
  const rows: readonly (readonly [string, OpcodeName, FrameParts])[] = [
    ['verbosity', 'verbosity', { extras: uint32(1) }],
    ['verbosity with a long body', 'verbosity', { value: 'x'.repeat(100_000) }],
    ['verbosity whose body looks like a request', 'verbosity', { value: frame(Opcode.flush).toString('latin1') }],
    ['sasl list', 'saslList', {}],
    ['sasl auth', 'saslAuth', { key: 'PLAIN', value: '\0user\0password' }],
    ['sasl auth with a long message', 'saslAuth', { key: 'PLAIN', value: 'x'.repeat(100_000) }],
    ['sasl step before any start', 'saslStep', { key: 'PLAIN', value: 'x' }],
  ];
  test.each(rows)('%s', (_title, name, parts) => {
    expect(answer(name, parts)).toEqual({ replies: [UNKNOWN, NOOP], closes: false });
  });

  test('whatever its opcode', () => {
    const known = new Set<number>(Object.values(Opcode).filter((opcode) => opcode !== Opcode.verbosity));
    const harness = new BinaryHarness();
    for (let opcode = 0; opcode < 256; opcode++) {
      if (known.has(opcode)) continue;
      const replies = harness.all(Buffer.concat([frame(opcode, { key: 'a', value: 'x', extras }), frame(Opcode.noop)]));
      expect(replies.map(({ status }) => status)).toEqual([0x81, 0]);
    }
  });
});

describe('a byte that does not begin a request', () => {
  test.each([0x00, 0x0a, 0x67, 0x81, 0xff])('closes the connection without a reply: %i', (magic) => {
    const harness = new BinaryHarness();
    const client = harness.connectBinary();
    expect(client.send(Buffer.concat([frame(Opcode.noop), frame(Opcode.noop, { magic })]))).toHaveLength(24);
    expect(client.ended).toBeDefined();
  });

  test('closes the connection without waiting for a whole header', () => {
    const client = new BinaryHarness().connectBinary();
    client.send(Buffer.from('get a\r\n'));
    expect(client.ended).toBeDefined();
  });
});

test('requests are shown in the log as harmless text, whatever their bytes', () => {
  const told: string[] = [];
  const harness = new BinaryHarness({ notes: { verbosity: 2, tell: (_level, message) => told.push(message) } });
  harness.all(frame(Opcode.delete, { key: '\xff\0\x1b%n'.repeat(50) }));
  harness.all(frame(Opcode.noop, { key: 'a' }));
  expect(told).toHaveLength(3);
  expect(told.filter((line) => !/^[\x20-\x7e]{1,300}$/.test(line))).toEqual([]);
  expect(told.at(-1)).toBe('a binary request with the opcode 0xa was refused: Invalid arguments');
});

test('data type and virtual bucket are ignored', () => {
  const harness = new BinaryHarness();
  const request = frame(Opcode.noop);
  request.writeUInt8(5, 5);
  request.writeUInt16BE(7, 6);
  expect(harness.all(request).map(({ status }) => status)).toEqual([0]);
});
