// `self` behaves as a table, `args` and `call` as documented, and handles that outlive their call are invalid.

import { describe, expect, test } from 'vitest';
import { DEFAULT_BUDGET } from '../../../src/tables/budget.js';
import { CallHarness } from '../../objects/call-harness.js';
import { evaluate, typeOf } from './evaluate.js';

const AS_A_TABLE: Readonly<Record<string, readonly [body: string, answer: string]>> = {
  'is of type table': ['return type(self) .. tostring(self):sub(1, 6)', 'tabletable:'],
  'fields are set, read and deleted': [
    'self.a = 1 self["b c"] = "x" self.a = nil return tostring(self.a) .. self["b c"]',
    'nilx',
  ],
  'fields keep their types': [
    'self.n = 1.5 self.b = false self.s = "1" self[1] = "one" return type(self.n) .. type(self.b) .. type(self.s) .. self[1] .. tostring(self["1"])',
    'numberbooleanstringonenil',
  ],
  'the length of a list': ['for i = 1, 5 do self[i] = i end self[5] = nil self.x = 1 return #self', '4'],
  'the length without a list': ['self.a = 1 return #self', '0'],
  'pairs in order of insertion': [
    'self.b = 1 self.a = 2 self[1] = 3 local s = "" for k, v in pairs(self) do s = s .. k .. v end return s',
    'b1a213',
  ],
  'pairs while the current key is deleted': [
    'for i = 1, 10 do self["k" .. i] = i end for k in pairs(self) do self[k] = nil end return object.count(self)',
    '0',
  ],
  ipairs: [
    'self[1] = "a" self[2] = "b" self[4] = "d" local s = "" for i, v in ipairs(self) do s = s .. i .. v end return s',
    '1a2b',
  ],
  next: [
    'self.a = 1 self.b = 2 local k, v = next(self) local k2 = next(self, k) return k .. v .. k2 .. tostring(next(self, k2))',
    'a1bnil',
  ],
  'rawget, rawset, rawlen': [
    'rawset(self, 1, "x") return rawget(self, 1) .. rawlen(self) .. tostring(rawequal(self, self))',
    'x1true',
  ],
  'the table library': [
    'table.insert(self, "b") table.insert(self, 1, "a") table.insert(self, "c") local r = table.remove(self, 2) table.sort(self, function(x, y) return x > y end) return r .. table.concat(self, ",") .. select("#", table.unpack(self))',
    'bc,a2',
  ],
  'nested tables from a table': [
    'self.t = { x = 1, list = { 10, 20 } } self.t.y = 2 return self.t.x + self.t.y + self.t.list[2] + #self.t.list',
    '25',
  ],
  'a nested table of another field is copied': [
    'self.a = { 1 } self.b = self.a self.b[1] = 2 return self.a[1] .. self.b[1]',
    '12',
  ],
  'one nested table is equal to itself': [
    'self.a = {} self.b = {} return tostring(self.a == self.a) .. tostring(self.a == self.b)',
    'truefalse',
  ],
  'a table that contains itself is refused': [
    'local t = {} t.t = t self.t = t',
    'CLIENT_ERROR t:run: t.lua:1: table is nested too deep',
  ],
  'functions are refused by the name of their field': [
    'self.f = print',
    "CLIENT_ERROR t:run: t.lua:1: field 'f' cannot hold a function",
  ],
  'functions in tables are refused by the path of their field': [
    'self.d = { a = 1, e = { 1, print } }',
    "CLIENT_ERROR t:run: t.lua:1: field 'd.e.2' cannot hold a function",
  ],
  'functions in lists are refused as elements': [
    'self.l = { 1 } table.insert(self.l, print)',
    "CLIENT_ERROR t:run: t.lua:1: field 'element' cannot hold a function",
  ],
  'boolean keys are refused': [
    'self[true] = 1',
    'CLIENT_ERROR t:run: t.lua:1: field names are strings or numbers, not boolean',
  ],
  'a nil key is refused, but may be read': [
    'local x = self[nil] self[nil] = 1',
    'CLIENT_ERROR t:run: t.lua:1: field names are strings or numbers, not nil',
  ],
  'NaN is refused': ['self[0/0] = 1', 'CLIENT_ERROR t:run: t.lua:1: table index is NaN'],
  'count, has, delete, clear': [
    'self.a = 1 self.b = 2 local s = object.count(self) .. tostring(object.has(self, "a")) .. tostring(object.delete(self, "a")) .. tostring(object.delete(self, "a")) object.clear(self) return s .. object.count(self)',
    '2truetruefalse0',
  ],
  join: [
    'self.a = 1 self.b = "x" return object.join(self, "keys", ",") .. object.join(self, "values", ";") .. object.join(self, "entries", "&", "=")',
    'a,b,1;x;a=1&b=x&',
  ],
  'self as a result is its JSON': ['self.a = 1 self.l = { true } return self', '{"a":1,"l":[true]}'],
  'self inside JSON': ['self.a = 1 return json.encode({ self })', '[{"a":1}]'],
  'no arithmetic': [
    'return self + 1',
    "CLIENT_ERROR t:run: t.lua:1: attempt to perform arithmetic on a table value (local 'self')",
  ],
};

describe('self', () => {
  for (const [name, [body, answer]] of Object.entries(AS_A_TABLE)) {
    test(name, () => expect(evaluate(body)).toBe(answer));
  }

  test('cannot be used after its call', () => {
    const harness = new CallHarness([
      typeOf({
        keep: 'self.t = {} kept.self, kept.nested = self, self.t return "kept"',
        use: 'return kept.self.x',
        child: 'kept.nested.x = 1',
        walk: 'for k in pairs(kept.self) do end',
      }),
    ]);
    expect(harness.get('t:keep:k')).toBe('kept');
    for (const name of ['use', 'child', 'walk']) {
      expect(harness.get(`t:${name}:k`)).toContain('a table of an earlier call was kept and used');
    }
  });

  test('is as it was when the call fails', () => {
    const type = typeOf({
      new: 'self.n = 1 self.t = { 1 } return "made"',
      fail: 'local o = call.open("t", "k", "write") o.n = 2 o.t[2] = 2 o.x = 1 error("no")',
      kill: 'local o = call.open("t", "k", "write") o.n = 3 while true do end',
      look: 'return call.open("t", "k")',
    });
    const harness = new CallHarness([type], { budget: DEFAULT_BUDGET });
    expect(harness.get('t:new:k')).toBe('made');
    expect(harness.get('t:fail:other')).toContain('CLIENT_ERROR t:fail: t.lua:3: no');
    expect(harness.get('t:kill:other')).toMatch(
      /^CLIENT_ERROR t:kill: takes (longer than 50 ms of CPU time|more than 2000000 steps)/,
    );
    expect(harness.get('t:look:other')).toBe('{"n":1,"t":[1]}');
  });
});

describe('args', () => {
  const PARAMETERS =
    '{ name = "s", type = "string" }, { name = "n", type = "integer" }, { name = "b", type = "boolean", default = true }, { name = "l", type = "array", default = "" }';

  test('are fields by name, with their types', () => {
    const parameters = PARAMETERS.replace(', { name = "l", type = "array", default = "" }', '');
    const type = typeOf({ run: 'return args.s .. args.n + 1 .. tostring(args.b) .. type(args)' }, parameters);
    const harness = new CallHarness([type]);
    expect(harness.get('t:run:k:x:41')).toBe('x42truetable');
    expect(harness.get('t:run:k:x:41:false')).toBe('x42falsetable');
    expect(harness.get('t:run:k:x')).toBe('CLIENT_ERROR t:run: n is required');
  });

  test('are new for each call, even if the script changes them', () => {
    const body =
      'local s = args.s args.s = nil args.extra = 1 setmetatable(args, { __index = function() return "x" end }) return s .. tostring(rawget(args, "n"))';
    const type = typeOf(
      { run: body },
      '{ name = "s", type = "string" }, { name = "n", type = "integer", default = 7 }',
    );
    const harness = new CallHarness([type]);
    expect([harness.get('t:run:k:a'), harness.get('t:run:k:b'), harness.get('t:run:k:c:8')]).toEqual([
      'a7',
      'b7',
      'c8',
    ]);
  });

  test('contain arrays and objects as tables', () => {
    const type = typeOf({ run: 'return #args.l .. args.l[2].x' }, '{ name = "l", type = "array" }');
    expect(new CallHarness([type]).set('t:run:k', '[1,{"x":"y"}]')).toBe('STORED');
  });
});

describe('call', () => {
  test('has time, key and type, with functions called by dot or colon', () => {
    const harness = new CallHarness([
      typeOf({
        run: 'call.log("one", 2) call:log("three") return call.key .. call.type .. math.floor(call.now) .. tostring(call.ttl) .. tostring(call.ttlSeconds)',
      }),
    ]);
    expect(harness.get('t:run:k')).toBe(`kt${Date.UTC(2026, 5, 15, 10, 30) / 1000}nilnil`);
    expect(harness.logged).toEqual(['info: t:run: one 2', 'info: t:run: three']);
  });

  test('opens other objects', () => {
    const harness = new CallHarness([
      typeOf({
        new: 'self.x = call.key return "made"',
        look: 'local o = call.open("t", "a") return o and o.x or "none"',
        write: 'local o = call:open("t", "a", "write") o.x = "changed" return o.x',
      }),
    ]);
    expect(harness.get('t:look:b')).toBe('none');
    expect(harness.get('t:new:a')).toBe('made');
    expect(harness.get('t:look:b')).toBe('a');
    expect(harness.get('t:write:b')).toBe('changed');
    expect(harness.get('t:look:b')).toBe('changed');
  });

  test('refuses unknown members', () => {
    expect(evaluate('return call.nothing')).toContain("call has no field 'nothing'");
    expect(evaluate('call.now = 1')).toContain('call cannot be changed');
    expect(evaluate('call.expire("x")')).toContain('number expected');
  });
});
