// ttl and expire, which every type has.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { originalType, typeOf } from '../types-for-tests.js';

const SCRIPT = `return { name = "t", methods = {
  new = { access = "create", run = function() return "made" end } } }`;

describe.each([
  ['TypeScript', () => typeOf('t', { new: method({ access: 'create', run: () => 'made' }) })],
  ['Lua', () => loadLuaType(Buffer.from(SCRIPT), 'scripts/t.lua')],
] as const)('every type in %s', (_language, make) => {
  test('tells and sets the time to live of its objects', () => {
    const calls = new CallHarness([make()]);
    expect(calls.get('t:ttl:k')).toBe('END');
    expect(calls.get('t:expire:k:10')).toBe('END');
    calls.get('t:new:k');
    expect(calls.get('t:ttl:k')).toBe('-1');
    expect(calls.get('t:expire:k:10')).toBe('OK');
    expect(calls.get('t:ttl:k')).toBe('10');
    calls.advance(4);
    expect(calls.get('t:ttl:k')).toBe('6');
    expect(calls.get('t:expire:k:0')).toBe('OK');
    expect(calls.get('t:ttl:k')).toBe('-1');
    expect(calls.get('t:expire:k:1')).toBe('OK');
    calls.advance(2);
    expect(calls.get('t:ttl:k')).toBe('END');
  });

  test('says what is wrong with their arguments', () => {
    const calls = new CallHarness([make()]);
    calls.get('t:new:k');
    expect(calls.get('t:expire:k')).toBe('CLIENT_ERROR t:expire: seconds is required');
    expect(calls.get('t:expire:k:-1')).toBe('CLIENT_ERROR t:expire: seconds must be >= 0');
    expect(calls.get('t:expire:k:soon')).toBe(
      'CLIENT_ERROR t:expire: seconds must be a whole number in decimal digits',
    );
    expect(calls.get('t:ttl:k:1')).toBe('CLIENT_ERROR t:ttl: takes no more than 0 arguments');
    expect(calls.get('t:ttl:')).toBe('CLIENT_ERROR t:ttl: key is required');
  });
});

test("a type's own method of that name is called instead", () => {
  const own = method({ access: 'create', run: () => 'my own' });
  const calls = new CallHarness([typeOf('t', { ttl: own })]);
  expect(calls.get('t:ttl:k')).toBe('my own');
  expect(calls.get('t:expire:k:5')).toBe('OK');
});

test("types in the original's style have only their functions", () => {
  const calls = new CallHarness([originalType('old', { say: () => undefined })]);
  expect(calls.isCall('old:ttl:k') && calls.get('old:ttl:k')).not.toBe('-1');
});
