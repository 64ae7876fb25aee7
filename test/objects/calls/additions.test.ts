// Numbers that methods add to, in both languages: one type and one list of calls and replies.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { method, type Table } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';

const text = { type: 'string' } as const;
const number = { type: 'number' } as const;

/** What cannot be added. */
const WRONG: Readonly<Record<string, (self: Table) => unknown>> = {
  text: (self) => self.add('n', '7' as never),
  nothing: (self) => self.add('n', undefined as never),
  boolean: (self) => self.add('n', true as never),
  table: (self) => self.add('n', {} as never),
  nan: (self) => self.add('n', Number.NaN),
  infinity: (self) => self.add('n', Number.POSITIVE_INFINITY),
  minusinfinity: (self) => self.add('n', Number.NEGATIVE_INFINITY),
};

const TYPESCRIPT = typeOf('t', {
  new: method({
    access: 'create',
    run(self) {
      self.set('n', 1);
      self.set('text', '5');
      self.set('yes', true);
      self.set('table', {});
      self.ordered('index');
      self.set('nan', Number.NaN);
      self.set('endless', Number.POSITIVE_INFINITY);
      self.set('huge', 1.5e308);
      return 'made';
    },
  }),
  bare: method({ access: 'create', run: () => 'made' }),
  large: method({
    access: 'create',
    run(self) {
      for (let index = 0; index < 200; index++) self.set(`k${index}`, index);
      return 'made';
    },
  }),
  dump: method({ access: 'read', run: (self) => self }),
  add: method({
    access: 'write',
    parameters: { key: text, by: number },
    run: (self, { key, by }) => self.add(key, by),
  }),
  number: method({
    access: 'write',
    parameters: { key: number, by: number },
    run: (self, { key, by }) => self.add(key, by),
  }),
  within: method({
    access: 'write',
    parameters: { key: text, by: number },
    run: (self, { key, by }) => self.child('inner').add(key, by),
  }),
  peek: method({ access: 'read', run: (self) => self.add('n', 1) }),
  fails: method({
    access: 'write',
    run(self) {
      self.add('n', 100);
      self.add('new', 100);
      throw new Error('on purpose');
    },
  }),
  ...Object.fromEntries(
    Object.entries(WRONG).map(([name, run]) => [name, method({ access: 'write', run: run as never })]),
  ),
});

const SCRIPT = `
local function write(run, parameters) return { access = "write", run = run, parameters = parameters } end
local function number(name) return { name = name, type = "number" } end
local key = { name = "key", type = "string" }
return { name = "t", methods = {
  new = { access = "create", run = function(self)
    self.n = 1
    self.text = "5"
    self.yes = true
    self.table = {}
    object.ordered(self, "index")
    self.nan = 0 / 0
    self.endless = 1 / 0
    self.huge = 1.5e308
    return "made"
  end },
  bare = { access = "create", run = function() return "made" end },
  large = { access = "create", run = function(self)
    for index = 0, 199 do self["k" .. string.format("%d", index)] = index end
    return "made"
  end },
  dump = { access = "read", run = function(self) return self end },
  add = write(function(self, args) return object.add(self, args.key, args.by) end, { key, number("by") }),
  number = write(function(self, args) return object.add(self, args.key, args.by) end, { number("key"), number("by") }),
  within = write(function(self, args)
    self.inner = self.inner or {}
    return object.add(self.inner, args.key, args.by)
  end, { key, number("by") }),
  peek = { access = "read", run = function(self) return object.add(self, "n", 1) end },
  fails = write(function(self)
    object.add(self, "n", 100)
    object.add(self, "new", 100)
    error("on purpose")
  end),
  text = write(function(self) return object.add(self, "n", "7") end),
  nothing = write(function(self) return object.add(self, "n") end),
  boolean = write(function(self) return object.add(self, "n", true) end),
  table = write(function(self) return object.add(self, "n", {}) end),
  nan = write(function(self) return object.add(self, "n", 0 / 0) end),
  infinity = write(function(self) return object.add(self, "n", 1 / 0) end),
  minusinfinity = write(function(self) return object.add(self, "n", -1 / 0) end),
} }`;

const LANGUAGES: readonly (readonly [language: string, make: () => LoadedType])[] = [
  ['TypeScript', () => TYPESCRIPT],
  ['Lua', () => loadLuaType(Buffer.from(SCRIPT), 'scripts/t.lua')],
];

/** A reply without the place in the script. */
function withoutPlace(reply: string): string {
  return reply.replace(/(: )t\.lua:\d+: /, '$1');
}

describe.each(LANGUAGES)('add in %s', (_language, make) => {
  test('counts from 0 where there is no field, and returns the sum', () => {
    const calls = new CallHarness([make()]);
    const sums = (...by: readonly (number | string)[]) => by.map((n) => calls.get(`t:add:k:n:${n}`));
    calls.get('t:bare:k');
    expect(sums(1, 1, -3, 255, 1, 65_280, 1, 4_294_901_759, 1)).toEqual([
      '1',
      '2',
      '-1',
      '254',
      '255',
      '65535',
      '65536',
      '4294967295',
      '4294967296',
    ]);
    expect(sums(-4_294_967_296, 0.1, 0.2, '-1e300', '1e300')).toEqual([
      '0',
      '0.1',
      '0.30000000000000004',
      '-1e+300',
      '0',
    ]);
    expect(calls.get('t:dump:k')).toBe('{"n":0}');
  });

  test('works in tables of each kind', () => {
    const calls = new CallHarness([make()]);
    calls.get('t:large:k');
    expect(calls.get('t:add:k:k199:300')).toBe('499');
    expect(calls.get('t:add:k:k0:1e12')).toBe('1000000000000');
    expect(calls.get('t:add:k:new:2.5')).toBe('2.5');
    expect(calls.get('t:add:k:new:-2.5')).toBe('0');
    expect(calls.get('t:number:k:7:5')).toBe('5');
    expect(calls.get('t:number:k:7:5')).toBe('10');
    expect(calls.get('t:within:k:deep:4')).toBe('4');
    expect(calls.get('t:within:k:deep:4')).toBe('8');
    calls.get('t:bare:small');
    expect(calls.get('t:within:small:deep:4')).toBe('4');
    expect(calls.get('t:number:small:7:300')).toBe('300');
    expect(calls.get('t:dump:small')).toBe('{"inner":{"deep":4},"7":300}');
  });

  test('makes a packed table a spread one when it grows', () => {
    const calls = new CallHarness([make()]);
    calls.get('t:bare:k');
    for (let round = 1; round <= 3; round++) {
      for (let index = 0; index < 120; index++) {
        expect(calls.get(`t:add:k:counter${index}:1`)).toBe(String(round));
      }
    }
  });

  test.each([
    ['text', 'add takes a number, not a string; convert it first'],
    ['nothing', 'add takes a number, not nothing; convert it first'],
    ['boolean', 'add takes a number, not a boolean; convert it first'],
    ['table', 'add takes a number, not an object; convert it first'],
    ['nan', 'add takes a finite number, not NaN; check how it was computed'],
    ['infinity', 'add takes a finite number, not Infinity; check how it was computed'],
    ['minusinfinity', 'add takes a finite number, not -Infinity; check how it was computed'],
    ['add:text', "field 'text' holds a string, to which nothing can be added"],
    ['add:yes', "field 'yes' holds a boolean, to which nothing can be added"],
    ['add:table', "field 'table' holds a table, to which nothing can be added"],
    ['add:index', "field 'index' holds a table, to which nothing can be added"],
    ['add:nan', "field 'nan' holds NaN, to which nothing can be added; set it first"],
    ['add:endless', "field 'endless' holds Infinity, to which nothing can be added; set it first"],
    ['add:huge', "field 'huge' holds 1.5e+308; with 1e+308 more it would be infinite"],
  ])('refuses %s', (what, reason) => {
    const calls = new CallHarness([make()]);
    calls.get('t:new:k');
    const before = calls.get('t:dump:k');
    const [name, field] = what.split(':');
    const call = field === undefined ? `t:${name}:k` : `t:add:k:${field}:1e308`;
    expect(withoutPlace(calls.get(call))).toBe(`CLIENT_ERROR t:${name}: ${reason}`);
    expect(calls.get('t:dump:k')).toBe(before);
  });

  test('is undone when its call fails, and refused where the object is open for reading', () => {
    const calls = new CallHarness([make()]);
    calls.get('t:bare:k');
    calls.get('t:add:k:n:1');
    expect(withoutPlace(calls.get('t:fails:k'))).toBe('CLIENT_ERROR t:fails: on purpose');
    expect(withoutPlace(calls.get('t:peek:k'))).toBe('CLIENT_ERROR t:peek: the object is open for reading only');
    expect(calls.get('t:dump:k')).toBe('{"n":1}');
  });
});

test('a refused addition that its method survives leaves the call able to commit', () => {
  const type = typeOf('t', {
    go: method({
      access: 'create',
      run(self) {
        self.set('text', 'x');
        try {
          self.add('text', 1);
        } catch {
          return self.add('n', 2);
        }
        return 'not refused';
      },
    }),
    dump: method({ access: 'read', run: (self) => self }),
  });
  const calls = new CallHarness([type]);
  expect(calls.get('t:go:k')).toBe('2');
  expect(calls.get('t:dump:k')).toBe('{"text":"x","n":2}');
});
