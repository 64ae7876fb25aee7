// Methods with the access upsert, and the numbers that calls get from outside, in both languages.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';

const IN_TYPESCRIPT = () =>
  typeOf('t', {
    new: method({ access: 'create', run: () => 'made' }),
    dump: method({ access: 'read', run: (self) => self }),
    add: method({
      access: 'upsert',
      run(self, _args, call) {
        self.set('n', ((self.get('n') as number | undefined) ?? 0) + 1);
        return `${call.isNew} ${self.get('n')}`;
      },
    }),
    look: method({ access: 'upsert', run: (_self, _args, call) => String(call.isNew) }),
    undo: method({
      access: 'upsert',
      run(self) {
        self.set('n', 1);
        self.delete('n');
        return 'undone';
      },
    }),
    fail: method({
      access: 'upsert',
      run(self, _args, call) {
        self.set('n', 100);
        return call.refuse('no');
      },
    }),
    nothing: method({ access: 'upsert', run: (self) => void self.set('n', 5) }),
    live: method({
      access: 'upsert',
      run(self, _args, call) {
        self.set('n', 1);
        call.expire(10);
        return 'ok';
      },
    }),
    times: method({
      access: 'upsert',
      run: (_self, _args, call) => [
        call.unixMs / 1000 - call.now,
        call.unixMs,
        call.monotonicMs,
        call.unixMs - call.unixMs,
      ],
    }),
    limit: method({ access: 'upsert', run: (_self, _args, call) => call.resultLimitBytes }),
    words: method({
      access: 'read',
      parameters: { text: { type: 'string' } },
      run: (_self, { text }, call) => call.words(text, 0, 7, -1, 1.5, 2 ** 53 - 1, 1e9, 999_999_999, text),
    }),
    sequence: method({ access: 'upsert', run: (_self, _args, call) => [call.sequence(), call.sequence()] }),
    random: method({ access: 'upsert', run: (_self, _args, call) => [call.random(), call.random()] }),
    hash: method({
      access: 'upsert',
      parameters: { text: { type: 'string' } },
      run: (_self, { text }, call) => [...call.hash64(text)],
    }),
  });

const SCRIPT = `
local function upsert(run, parameters) return { access = "upsert", run = run, parameters = parameters } end
return { name = "t", methods = {
  new = { access = "create", run = function() return "made" end },
  dump = { access = "read", run = function(self) return self end },
  add = upsert(function(self, args, call)
    self.n = (self.n or 0) + 1
    return tostring(call.isNew) .. " " .. string.format("%d", self.n)
  end),
  look = upsert(function(self, args, call) return tostring(call.isNew) end),
  undo = upsert(function(self) self.n = 1; self.n = nil; return "undone" end),
  fail = upsert(function(self, args, call) self.n = 100; call.refuse("no") end),
  nothing = upsert(function(self) self.n = 5 end),
  live = upsert(function(self, args, call) self.n = 1; call.expire(10); return "ok" end),
  times = upsert(function(self, args, call)
    return { call.unixMs / 1000 - call.now, call.unixMs, call.monotonicMs, call.unixMs - call.unixMs }
  end),
  limit = upsert(function(self, args, call) return call.resultLimitBytes end),
  words = { access = "read", parameters = { { name = "text", type = "string" } }, run = function(self, args, call)
    return call:words(args.text, 0, 7, -1, 1.5, 2 ^ 53 - 1, 1e9, 999999999, args.text)
  end },
  sequence = upsert(function(self, args, call) return { call.sequence(), call:sequence() } end),
  random = upsert(function(self, args, call) return { call.random(), call:random() } end),
  hash = upsert(function(self, args, call)
    local high, low = call:hash64(args.text)
    return { high, low }
  end, { { name = "text", type = "string" } }),
} }`;

const IN_LUA = () => loadLuaType(Buffer.from(SCRIPT), 'scripts/t.lua');

const LANGUAGES: readonly (readonly [language: string, make: () => LoadedType])[] = [
  ['TypeScript', IN_TYPESCRIPT],
  ['Lua', IN_LUA],
];

describe.each(LANGUAGES)('an upsert method in %s', (_language, make) => {
  test('makes its object on first use and changes it afterwards', () => {
    const calls = new CallHarness([make()]);
    expect(calls.get('t:dump:k')).toBe('END');
    expect(calls.get('t:add:k')).toBe('true 1');
    expect(calls.get('t:add:k')).toBe('false 2');
    expect(calls.get('t:dump:k')).toBe('{"n":2}');
    expect(calls.get('t:new:k')).toBe('made');
    expect(calls.get('t:add:k')).toBe('false 1');
  });

  test('keeps no new object that it leaves empty', () => {
    const calls = new CallHarness([make()]);
    expect(calls.get('t:look:k')).toBe('true');
    expect(calls.get('t:look:k')).toBe('true');
    expect(calls.get('t:undo:k')).toBe('undone');
    expect(calls.get('t:dump:k')).toBe('END');
    // An existing object stays, even if it is empty.
    expect(calls.get('t:new:k')).toBe('made');
    expect(calls.get('t:undo:k')).toBe('undone');
    expect(calls.get('t:dump:k')).toBe('{}');
  });

  test('leaves no object when it fails, and an existing one as it was', () => {
    const calls = new CallHarness([make()]);
    expect(calls.get('t:fail:k')).toBe('CLIENT_ERROR t:fail: no');
    expect(calls.get('t:dump:k')).toBe('END');
    calls.get('t:add:k');
    expect(calls.get('t:fail:k')).toBe('CLIENT_ERROR t:fail: no');
    expect(calls.get('t:dump:k')).toBe('{"n":1}');
  });

  test('keeps what it has written, even if it returns nothing', () => {
    const calls = new CallHarness([make()]);
    expect(calls.get('t:nothing:k')).toBe('END');
    expect(calls.get('t:dump:k')).toBe('{"n":5}');
  });

  test('sets the expiry of a new object, by the command or by the call', () => {
    const calls = new CallHarness([make()]);
    expect(calls.get('t:add:k', 5)).toBe('true 1');
    expect(calls.get('t:live:l')).toBe('ok');
    calls.advance(6);
    expect(calls.get('t:add:k')).toBe('true 1');
    expect(calls.get('t:dump:l')).toBe('{"n":1}');
    calls.advance(6);
    expect(calls.get('t:dump:l')).toBe('END');
  });

  test('is refused for a plain value at its key', () => {
    const calls = new CallHarness([make()]);
    calls.putPlain('t$k', 'plain');
    expect(calls.get('t:add:k')).toBe('CLIENT_ERROR t:add: t$k holds a plain value, not an object');
    expect(calls.plain('t$k')).toBe('plain');
  });
});

describe.each(LANGUAGES)('the numbers of a call in %s', (_language, make) => {
  test('the times of a call are one instant, and both go on with the clock', () => {
    const calls = new CallHarness([make()]);
    const start = calls.timeMs;
    expect(JSON.parse(calls.get('t:times:k'))).toEqual([0, start, 0, 0]);
    calls.advance(2.5);
    expect(JSON.parse(calls.get('t:times:k'))).toEqual([0, start + 2500, 2500, 0]);
  });

  test('a call knows how many bytes a method can return', () => {
    expect(new CallHarness([make()], { resultLimitBytes: 4096 }).get('t:limit:k')).toBe('4096');
  });

  test('words are strings and numbers with a blank between each two, short or long', () => {
    const calls = new CallHarness([make()]);
    calls.get('t:add:k');
    for (const text of ['OK', 'b'.repeat(60), 'x'.repeat(100)]) {
      const expected = `${text} 0 7 -1 1.5 9007199254740991 1000000000 999999999 ${text}`;
      expect(calls.get(`t:words:k:${text}`)).toBe(expected);
      expect(calls.get(`t:words:k:${text}`)).toBe(expected);
    }
  });

  test('the sequence rises at one instant, from call to call and when the clock stands still', () => {
    const calls = new CallHarness([make()]);
    const first = JSON.parse(calls.get('t:sequence:k')) as number[];
    expect(first).toEqual([calls.timeMs * 1024, calls.timeMs * 1024 + 1]);
    expect(JSON.parse(calls.get('t:sequence:other'))).toEqual(first.map((number) => number + 2));
    calls.advance(1);
    expect(JSON.parse(calls.get('t:sequence:k'))).toEqual([calls.timeMs * 1024, calls.timeMs * 1024 + 1]);
  });

  test('random numbers are at least 0 and below 1, and differ', () => {
    const calls = new CallHarness([make()]);
    const drawn = Array.from({ length: 50 }, () => JSON.parse(calls.get('t:random:k')) as number[]).flat();
    for (const number of drawn) expect(number >= 0 && number < 1).toBe(true);
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  test('hash64 is the same hash of bytes', () => {
    const calls = new CallHarness([make()]);
    expect(JSON.parse(calls.get('t:hash:k:hello'))).toEqual([0x2b2444a0, 0xdb91def7]);
  });
});

test('hash64 refuses text that is no byte string', () => {
  const calls = new CallHarness([
    typeOf('t', { go: method({ access: 'upsert', run: (_self, _args, call) => [...call.hash64('\u20ac')] }) }),
  ]);
  expect(calls.get('t:go:k')).toBe('CLIENT_ERROR t:go: hash64 takes a byte string; utf8Encode makes one of text');
});
