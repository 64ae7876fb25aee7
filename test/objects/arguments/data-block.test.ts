// The data block of a storage command as an argument, in both languages: which parameter it belongs to.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';

const LUA = `return { name = "t", methods = {
  put = {
    access = "upsert",
    parameters = {
      { name = "first", type = "string" },
      { name = "n", type = "integer", default = 5 },
      { name = "word", type = "string", default = "none" },
      { name = "body", type = "string" },
    },
    run = function(self, args) self.first, self.n, self.word, self.body = args.first, args.n, args.word, args.body end,
  },
  note = {
    access = "upsert",
    parameters = { { name = "n", type = "integer", default = 5 }, { name = "word", type = "string", default = "none" } },
    run = function(self, args) self.n, self.word = args.n, args.word end,
  },
  dump = { access = "read", run = function(self) return self end },
} }`;

const TYPESCRIPT = typeOf('t', {
  dump: method({ access: 'read', run: (self) => self }),
  put: method({
    access: 'upsert',
    parameters: {
      first: { type: 'string' },
      n: { type: 'integer', default: 5 },
      word: { type: 'string', default: 'none' },
      body: { type: 'string' },
    },
    run(self, args) {
      for (const [name, value] of Object.entries(args)) self.set(name, value);
      return 'OK';
    },
  }),
  note: method({
    access: 'upsert',
    parameters: { n: { type: 'integer', default: 5 }, word: { type: 'string', default: 'none' } },
    run(self, args) {
      for (const [name, value] of Object.entries(args)) self.set(name, value);
      return 'OK';
    },
  }),
});

describe.each([
  { language: 'TypeScript', type: () => TYPESCRIPT },
  { language: 'Lua', type: () => loadLuaType(Buffer.from(LUA), 'scripts/t.lua') },
])('a data block in $language', ({ type }) => {
  test('is the last parameter, whatever optional ones are left out before it', () => {
    const calls = new CallHarness([type()]);
    for (const [key, block, content] of [
      ['t:put:k:a', 'x', { first: 'a', n: 5, word: 'none', body: 'x' }],
      ['t:put:k:a:7', 'y', { first: 'a', n: 7, word: 'none', body: 'y' }],
      ['t:put:k:b:7:w', '', { first: 'b', n: 7, word: 'w', body: '' }],
      ['t:put:k:b', '', { first: 'b', n: 5, word: 'none', body: '' }],
    ] as const) {
      calls.set(key, block);
      expect(JSON.parse(calls.get('t:dump:k'))).toEqual(content);
    }
  });

  test('does not replace a required parameter that is missing', () => {
    const calls = new CallHarness([type()]);
    expect(calls.set('t:put:k', 'x')).toBe('CLIENT_ERROR t:put: body is required');
    expect(calls.get('t:put:k:a')).toBe('CLIENT_ERROR t:put: body is required');
    expect(calls.get('t:put:k:a:7')).toBe('CLIENT_ERROR t:put: body is required');
    expect(calls.get('t:put:k')).toBe('CLIENT_ERROR t:put: first is required');
    expect(calls.set('t:put:k:a:7:w:z', 'x')).toBe('CLIENT_ERROR t:put: takes no more than 4 arguments');
  });

  test('is the next parameter where the last one is optional', () => {
    const calls = new CallHarness([type()]);
    calls.set('t:note:k', '9');
    expect(JSON.parse(calls.get('t:dump:k'))).toEqual({ n: 9, word: 'none' });
    calls.set('t:note:k:9', 'w');
    expect(JSON.parse(calls.get('t:dump:k'))).toEqual({ n: 9, word: 'w' });
  });
});
