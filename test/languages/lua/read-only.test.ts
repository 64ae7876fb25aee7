// Only the script's own definitions outlive a call: methods cannot set globals or change libraries. Wrong arguments of functions are
// errors of Lua and do not reset the state.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { CallHarness } from '../../objects/call-harness.js';
import { evaluate, typeOf } from './evaluate.js';

describe('a method', () => {
  test.each([
    'countr = 1',
    '_G.countr = 1',
    '_G["countr"] = 1',
    'rawset(_G, "countr", 1)',
    'local _ENV = _G countr = 1',
  ])('cannot set a global by %s', (body) => {
    expect(evaluate(body)).toMatch(/t\.lua:1: global 'countr' cannot be set in a method/);
  });

  test.each(['_ENV = {}', 'local f = function() _ENV = nil end f()', 'if false then _ENV = _G end'])(
    'cannot exchange its globals by %s',
    (body) => {
      expect(() => evaluate(body)).toThrow('t.lua:1: _ENV cannot be set: write local _ENV = ...');
    },
  );

  test('may have its own local _ENV', () => {
    expect(evaluate('local _ENV = { word = "own" } return word')).toBe('own');
  });

  test.each([
    ['string.upper = nil', 'string.upper'],
    ['table.insert = print', 'table.insert'],
    ['rawset(json, "encode", nil)', 'json.encode'],
    ['math.tau = 6.28', 'math.tau'],
  ])('cannot change a library by %s', (body, name) => {
    expect(evaluate(body)).toContain(`${name} cannot be set: libraries are read-only`);
  });

  test('cannot give a library or the globals a metatable', () => {
    expect(evaluate('setmetatable(string, {})')).toContain('this table is read-only');
    expect(evaluate('setmetatable(_G, nil)')).toContain('this table is read-only');
    expect(evaluate('return tostring(getmetatable(_G)) .. tostring(getmetatable(string))')).toBe('nilnil');
  });

  test('reads values that its script set while it was loaded, including functions added to libraries', () => {
    const type = typeOf(
      { run: 'return limit .. string.twice("a")' },
      '',
      'create',
      'limit = 3 function string.twice(s) return s .. s end ',
    );
    expect(new CallHarness([type]).get('t:run:k')).toBe('3aa');
  });

  test('reads globals through a metatable that its script has set', () => {
    const type = typeOf(
      { run: 'return missing' },
      '',
      'create',
      'setmetatable(_G, { __index = function(_, name) return name .. "!" end }) ',
    );
    expect(new CallHarness([type]).get('t:run:k')).toBe('missing!');
  });
});

/** Expressions with arguments that no function expects. */
const ODD = [
  'math.huge',
  '-math.huge',
  '0/0',
  '2^31',
  '-2^31',
  '2^53',
  '-2^53 - 2',
  '2^63',
  '1e300',
  '-1',
  '0.5',
  '""',
  '"x"',
  '("x"):rep(300)',
  '"%"',
  'nil',
  'true',
  '{}',
  'setmetatable({}, { __index = function(_, k) return k end, __len = function() return 2^53 end })',
  'setmetatable({}, { __len = function() return "x" end, __tostring = function() return 1 end, __name = ("n"):rep(99) })',
  'print',
  'function() return 1 end',
  'function() error() end',
  'coroutine.create(print)',
  'self',
  'call',
];

describe('odd arguments', () => {
  test.each([
    ['pcall(math.ult, math.huge, 1)', 'false'],
    ['pcall(string.rep, "", math.huge)', 'false'],
    ['xpcall(error, function() error() end)', 'false'],
    ['xpcall(function() local x = nil .. 1 end, function(m) return m.x.y end)', 'false'],
    ['pcall(table.unpack, {}, -2^53, 2^53)', 'false'],
    ['pcall(table.unpack, {}, 1, math.huge)', 'false'],
    ['select("#", table.unpack({}, 2^53, 2^53 + 10))', '11'],
    ['pcall(table.concat, {}, "", 2^53, 2^53 + 10)', 'false'],
    ['pcall(math.random, math.huge)', 'false'],
  ])('%s is an ordinary result', (expression, first) => {
    expect(evaluate(`return tostring((${expression}))`)).toBe(first);
  });

  test('to any function cause at most an error of Lua, and the state is not reset', () => {
    const body = `kept.count = (kept.count or 0) + 1
      local odd = { ${ODD.map((expression) => `function() return ${expression} end`).join(', ')} }
      local functions, seen = {}, {}
      local function collect(t) for _, v in pairs(t) do
        if type(v) == "function" and v ~= print and v ~= error then functions[#functions + 1] = v
        elseif type(v) == "table" and not seen[v] then seen[v] = true collect(v) end
      end end
      collect(_G)
      local which = args.which
      local f = functions[which]
      if f == nil then return "done " .. kept.count end
      for i = 1, #odd do
        pcall(f, odd[i]())
        for j = 1, #odd do pcall(f, odd[i](), odd[j]()) pcall(f, odd[i](), odd[j](), odd[(i + j) % #odd + 1]()) end
      end
      return "tried"`;
    const type = typeOf({ run: body }, '{ name = "which", type = "integer" }');
    const harness = new CallHarness([type], {
      budget: { steps: 1e9, bytes: 4e9, milliseconds: 60_000 },
      arenaBytes: 1024 * 1024,
    });
    let which = 1;
    for (; which < 1000; which++) {
      const reply = harness.get(`t:run:k:${which}`);
      if (reply !== 'tried') {
        expect(reply).toBe(`done ${which}`);
        break;
      }
    }
    expect(which).toBeGreaterThan(80);
  });
});

describe('a file', () => {
  const body = 'return { name = "t", methods = { run = { access = "create", run = function()\nerror("here") end } } }';

  test.each([
    ['with a byte order mark', '\u00ef\u00bb\u00bf', 2],
    ['with a first line for the shell', '#!/usr/bin/env lua\n', 3],
    ['with both', '\u00ef\u00bb\u00bf#!/usr/bin/env lua\r\n', 3],
  ])('%s loads, and its lines keep their numbers', (_, head, line) => {
    const type = loadLuaType(Buffer.from(head + body, 'latin1'), 'scripts/t.lua');
    expect(new CallHarness([type]).get('t:run:k')).toContain(`t.lua:${line}: here`);
  });

  test('with a shebang line still reports the right line of a mistake', () => {
    expect(() => loadLuaType(Buffer.from('#!lua\nreturn {\n', 'latin1'), 't.lua')).toThrow(
      /unexpected symbol|expected/,
    );
  });
});

describe('an argument nested too deep', () => {
  const PARAMETERS = '{ name = "a", type = "array" }';

  test('is refused, and the state is not reset', () => {
    const type = typeOf({ run: 'kept.n = (kept.n or 0) + 1 return kept.n' }, PARAMETERS);
    const harness = new CallHarness([type]);
    expect(harness.get('t:run:k:[1]')).toBe('1');
    for (let call = 0; call < 10; call++) {
      expect(harness.set('t:run:k', `${'['.repeat(40)}${']'.repeat(40)}`)).toBe(
        'CLIENT_ERROR t:run: a is nested too deep: at most 32 levels',
      );
    }
    expect(harness.get('t:run:k:[1]')).toBe('2');
  });

  test('in json.decode is an error that a script can catch', () => {
    expect(evaluate('return tostring(pcall(json.decode, ("["):rep(40) .. ("]"):rep(40)))')).toBe('false');
  });
});
