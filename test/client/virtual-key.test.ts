// `virtualKey` of `cacheismo/client`: keys for any input, which the server's own parser splits into the same parts.

import { describe, expect, test } from 'vitest';
import { type CallArgument, virtualKey } from '../../src/client/client.js';
import { method } from '../../src/objects/types/object-type.js';
import { CallHarness } from '../objects/call-harness.js';
import { typeOf } from '../objects/types-for-tests.js';

const text = { type: 'string' } as const;

/** The object's key and the arguments as the server parsed them, as JSON of byte strings. */
const echo = (parameters: object) =>
  method({
    access: 'read',
    parameters: parameters as never,
    run: (_self, args, call) => JSON.stringify([call.key, ...Object.values(args as object)]),
  });

const type = typeOf('t', {
  new: method({ access: 'create', run: () => 'made' }),
  one: echo({ a: text }),
  two: echo({ a: text, b: text }),
  mixed: echo({ n: { type: 'integer' }, x: { type: 'number' }, on: { type: 'boolean' }, rest: { type: 'array' } }),
});

const harness = new CallHarness([type]);

/** Creates the object of this key and calls one of its methods. */
function echoed(name: 'one' | 'two' | 'mixed', key: string | Uint8Array, ...args: CallArgument[]): unknown[] {
  expect(harness.get(virtualKey('t', 'new', key))).toBe('made');
  const reply = harness.get(virtualKey('t', name, key, ...args));
  return JSON.parse(reply);
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** Characters that are refused in the key of an object. */
const REFUSED = [0, 0x0a, 0x0d, 0x20];

/** The same bytes each time: a linear congruential generator. */
function randomBytes(seed: number): Uint8Array {
  let state = seed + 1;
  const next = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state >>> 16;
  };
  return Uint8Array.from({ length: 1 + (next() % 20) }, () => next() & 0xff);
}

describe('a key for a call', () => {
  test("keeps any bytes apart, in the object's key and in arguments, the last included", () => {
    for (let seed = 0; seed < 500; seed++) {
      const [key, one, two] = [seed, seed + 1000, seed + 2000].map(randomBytes) as [Uint8Array, Uint8Array, Uint8Array];
      const usual = key.map((byte) => (REFUSED.includes(byte) ? 1 : byte));
      expect(echoed('two', usual, one, two)).toEqual([usual, one, two].map(latin1));
    }
    for (let byte = 0; byte < 256; byte++) {
      const key = REFUSED.includes(byte) ? 'k' : Uint8Array.of(byte);
      expect(echoed('one', key, Uint8Array.of(byte))).toEqual([
        Buffer.from(key).toString('latin1'),
        String.fromCharCode(byte),
      ]);
    }
  });

  test('is one word of printable ASCII', () => {
    for (let seed = 0; seed < 100; seed++) {
      expect(virtualKey('t', 'two', 'k', randomBytes(seed), randomBytes(seed + 1))).toMatch(
        /^t:two:k:[!-9;-~]+:[!-9;-~]+$/,
      );
    }
    expect(virtualKey('set', 'put', 'user:42', 'a b%\r\nflush_all')).toBe('set:put:user%3A42:a%20b%25%0D%0Aflush_all');
    expect(virtualKey('set', 'put', 'für', '日')).toBe('set:put:f%C3%BCr:%E6%97%A5');
  });

  test('keeps empty arguments', () => {
    expect(echoed('one', 'k', '')).toEqual(['k', '']);
    expect(echoed('two', 'k', '', '')).toEqual(['k', '', '']);
    expect(echoed('two', 'k', '', 'b')).toEqual(['k', '', 'b']);
  });

  test('accepts numbers, booleans and JSON', () => {
    expect(echoed('mixed', 'k', 2 ** 53 - 1, 1e-7, true, [{ 'a:b': '%41 ü' }, null])).toEqual([
      ...['k', 2 ** 53 - 1, 1e-7, true],
      [{ 'a:b': Buffer.from('%41 ü').toString('latin1') }, null],
    ]);
    expect(echoed('mixed', 'k', -5n, -0.5, false, [])).toEqual(['k', -5, -0.5, false, []]);
  });

  test('needs no object for a method without one', () => {
    expect(virtualKey('cacheismo', 'types')).toBe('cacheismo:types');
    expect(virtualKey('cacheismo', 'methods', 'set')).toBe('cacheismo:methods:set');
  });

  test.each<[unknown[], string]>([
    [['Set', 'put', 'k'], '"Set" cannot be the name of a type'],
    [['set:x', 'put', 'k'], '"set:x" cannot be the name of a type'],
    [['set', 'put me', 'k'], '"put me" cannot be the name of a method'],
    [['set', 'put', ''], 'the key of an object must not be empty'],
    [['set', 'put', 'k', Number.NaN], 'argument 1 is NaN'],
    [['set', 'put', 'k', undefined], "argument 1 is undefined; leave it out for the method's default"],
    [['set', 'put', 'k', 'x'.repeat(250)], 'more than 250; send the last argument as the data block of a set'],
    [['set', 'put', '%'.repeat(90)], 'the key has 278 bytes, more than 250'],
    ...REFUSED.map((byte): [unknown[], string] => [
      ['set', 'put', Uint8Array.of(97, byte)],
      'the key of an object must not have a blank, a line end or a zero byte in it',
    ]),
  ])('of %j is refused: %s', (parts, message) => {
    expect(() => virtualKey(...(parts as Parameters<typeof virtualKey>))).toThrow(message);
  });
});
