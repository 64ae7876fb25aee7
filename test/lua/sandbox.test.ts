// What no script may do: run on, eat memory, catch its own end, reach the host, harm the next call. Bounds on time are
// wide, on CPU time of the process.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../src/lua/lua-type.js';
import { CallHarness } from '../objects/call-harness.js';
import { evaluate, typeOf, value } from './evaluate.js';

const SPIN = 'local function spin() while true do end end ';

const ATTACKS: Readonly<Record<string, string>> = {
  'an endless loop': 'while true do end',
  'inside pcall': `${SPIN} while true do pcall(spin) end`,
  'inside nested pcall': `${SPIN} pcall(pcall, pcall, spin) while true do end`,
  "in xpcall's handler": `${SPIN} while true do xpcall(error, spin) end`,
  'in a coroutine': `${SPIN} coroutine.wrap(spin)() while true do end`,
  'in a coroutine inside pcall': `${SPIN} while true do pcall(coroutine.wrap(spin)) coroutine.resume(coroutine.create(spin)) end`,
  'in nests of short coroutines':
    'local function nest(n) if n > 0 then coroutine.wrap(nest)(n - 1) end end while true do pcall(nest, 50) end',
  'in a pcall inside a coroutine': `${SPIN} local c = coroutine.wrap(function() while true do pcall(spin) coroutine.yield() end end) while true do c() end`,
  'in a metamethod': `${SPIN} local t = setmetatable({}, { __index = spin, __add = spin }) pcall(function() return t.x end) return t + 1`,
  'in __tostring': `${SPIN} return tostring(setmetatable({}, { __tostring = spin }))`,
  'in a sort callback': 'local t = {} for i = 1, 100 do t[i] = i end table.sort(t, function() while true do end end)',
  'in a gsub callback': 'return (("x"):rep(100):gsub(".", function() while true do end end))',
  'tail calls': 'local function f() return f() end return f()',
  goto: '::top:: goto top',
  'optional items': 'return ("a"):rep(30):find(("a?"):rep(30) .. ("a"):rep(30))',
  'lazy items': 'return ("x"):rep(400):find(".-.-.-.-b")',
  'nested captures': 'return ("a"):rep(200):match("(a*)(a*)(a*)(a*)(a*)b")',
  'balanced items': 'return ("("):rep(200000):find("%b()%b()x")',
  'gsub with many matches': 'local s = ("a"):rep(100000) while true do s:gsub("a", "b") end',
  gmatch: 'while true do for m in ("a"):rep(10000):gmatch("a") do end end',
  'a long rep': 'return ("x"):rep(2147483647)',
  'a long rep with a separator': 'return ("x"):rep(100000000, "yyyyyyyyyy")',
  'doubled strings': 'local s = "x" while true do s = s .. s end',
  'doubled strings in one expression':
    'local s = ("x"):rep(1000000) s = s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s..s return #s',
  'many long strings': 'local t = {} for i = 1, 10000 do t[i] = ("x"):rep(1000000 + i) end',
  'long joined strings made flat': 'local s = ("x"):rep(8000000) for i = 1, 100000 do local t = s .. i; t:byte(1) end',
  'comparisons of long strings': 'local a, b = ("x"):rep(8000000), ("x"):rep(8000000) while a == b do end',
  'long strings as keys': 'local t = {} for i = 1, 1000000 do t[("x"):rep(100000) .. i] = 1 end',
  'many fields': 'local t = {} for i = 1, 1e9 do t[i] = i end',
  'many tables': 'local t = {} while true do t = { t } end',
  'many closures': 'local f = print while true do local g = f f = function() return g end end',
  'table.move': 'return table.move({}, 1, 1e8, 2)',
  'table.concat':
    'local t = setmetatable({}, { __index = function() return "xxxxxxxxxx" end }) return table.concat(t, "", 1, 1e9)',
  'table.insert': 'local t = {} while true do table.insert(t, 1, 1) end',
  'table.remove':
    'local t = {} for i = 1, 3000 do t[i] = i end while true do table.remove(t, 1) table.insert(t, 1) end',
  'table.unpack': 'while true do table.unpack({}, 1, 7000) end',
  'endless recursion': 'local function f() return 1 + f() end return f()',
  'endless recursion inside pcall': 'local function f() pcall(f) f() end f() while true do end',
  'recursion over metamethods':
    'local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k .. "x"] end return t.x',
  json: 'local t = {} for i = 1, 30 do t = { t, t } end return json.encode(t)',
  'long format':
    'local s = ("x"):rep(1000000) return string.format(("%s"):rep(1000), table.unpack(setmetatable({}, { __index = function() return s end }), 1, 1000))',
  'writing without end': 'for i = 1, 1e9 do self[i] = i end',
};

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

describe('a script that runs on', () => {
  test.each(Object.entries(ATTACKS))('%s ends with one error line, and the next call is clean', (_, body) => {
    const harness = new CallHarness([typeOf({ run: body, after: 'kept = (kept or 0) + 1 return "fine " .. kept' })]);
    const before = cpuMs();
    const reply = harness.get('t:run:k');
    const used = cpuMs() - before;
    expect(reply).toMatch(/^SERVER_ERROR t:run: [ -~]{1,200}$/);
    expect(used).toBeLessThan(1000);
    expect(harness.get('t:after:k')).toBe('fine 1');
    expect(harness.get('t:after:k')).toBe('fine 2');
  });

  test('takes little memory with it', () => {
    const bodies = [
      'doubled strings',
      'many long strings',
      'many fields',
      'endless recursion',
      'table.move',
      'a long rep',
    ];
    const harness = new CallHarness([
      typeOf(Object.fromEntries(bodies.map((name, index) => [`m${index}`, ATTACKS[name] as string]))),
    ]);
    for (const index of bodies.keys()) harness.get(`t:m${index}:k`);
    const before = process.memoryUsage.rss();
    for (const index of bodies.keys()) harness.get(`t:m${index}:k`);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });

  test('keeps within the budget that is set', () => {
    expect(
      evaluate('for i = 1, 100000 do end return "done"', { budget: { steps: 5000, milliseconds: 10_000 } }),
    ).toContain('more than 5000 steps');
    expect(evaluate('return #("x"):rep(5000)', { budget: { bytes: 4000 } })).toContain('more than 4000 bytes');
    expect(evaluate('for i = 1, 1000 do end return "done"', { budget: { steps: 5000, milliseconds: 10_000 } })).toBe(
      'done',
    );
  });
});

describe('a script', () => {
  test.each([
    'debug',
    'io',
    'package',
    'require',
    'load',
    'loadfile',
    'dofile',
    'loadstring',
    'string.dump',
    'os.execute',
    'os.exit',
    'os.getenv',
    'os.remove',
    'process',
    'getmetatable("")',
    'getmetatable("").__index',
    '(pack)',
  ])('does not get %s', (name) => {
    expect(['nil', expect.stringContaining('SERVER_ERROR')]).toContainEqual(value(name));
  });

  test('cannot poison the strings of others', () => {
    const poison = 'string.upper = function() return "bad" end string.rep = nil return ("a"):upper() .. ("b"):rep(2)';
    expect(evaluate(poison)).toBe('Abb');
    expect(value('("a"):upper()')).toBe('A');
  });

  test('sees no globals of another type', () => {
    const one = typeOf({ run: 'shared = "leak" return "set"' });
    const other = typeOf({ run: 'return tostring(shared)' });
    expect(new CallHarness([one]).get('t:run:k')).toBe('set');
    expect(new CallHarness([other]).get('t:run:k')).toBe('nil');
  });

  test('cannot load bytecode', () => {
    expect(() => loadLuaType(Buffer.from('\u001bLuaS\0'), 't.lua')).toThrow('attempt to load a binary chunk');
  });

  test('cannot reach the metatables of self', () => {
    expect(evaluate('return tostring(getmetatable(self))')).toBe('nil');
    expect(evaluate('return setmetatable(self, {})')).toContain('table expected');
  });
});

describe('an error', () => {
  test('tells script and line', () => {
    expect(evaluate('\n\nerror("no such thing")')).toBe('SERVER_ERROR t:run: t.lua:3: no such thing');
    expect(evaluate('\nlocal x = nil\nreturn x.y')).toMatch(
      /^SERVER_ERROR t:run: t\.lua:3: attempt to index a nil value/,
    );
    expect(evaluate('error("plain", 0)')).toBe('SERVER_ERROR t:run: plain');
    expect(evaluate('\nstring.rep()')).toBe(
      "SERVER_ERROR t:run: t.lua:2: bad argument #1 to 'rep' (string expected, got no value)",
    );
  });

  test('is one clean line whatever is thrown', () => {
    expect(evaluate('error("a\\r\\nSTORED\\r\\n\\0b", 0)')).toBe('SERVER_ERROR t:run: a STORED b');
    expect(evaluate('error(("x"):rep(1000), 0)').length).toBe('SERVER_ERROR t:run: '.length + 200);
    expect(evaluate('error({})')).toBe('SERVER_ERROR t:run: error object is not a string');
    expect(evaluate('error(setmetatable({}, { __tostring = function() error("again") end }))')).toContain(
      'not a string',
    );
    expect(evaluate('error()')).toMatch(/^SERVER_ERROR t:run: /);
    expect(evaluate('error(self)')).toMatch(/^SERVER_ERROR t:run: /);
    expect(evaluate('error(42)')).toBe('SERVER_ERROR t:run: 42');
  });

  test("can be caught when it is the script's own", () => {
    expect(evaluate('local ok, e = pcall(error, "x", 0) return tostring(ok) .. e')).toBe('falsex');
    expect(
      evaluate('local ok, e = xpcall(function() error("x", 0) end, function(m) return m .. "!" end) return e'),
    ).toBe('x!');
    expect(evaluate('return select("#", pcall(function(...) return ... end, 1, nil, 3))')).toBe('4');
  });
});
