// Actions that no script may succeed with: run on, use up memory, catch its own end, reach the host, harm the next call. Bounds on
// the CPU time of the process are wide.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { DEFAULT_BUDGET } from '../../../src/tables/budget.js';
import { CallHarness } from '../../objects/call-harness.js';
import { ATTACKS } from './attacks.js';
import { evaluate, typeOf, value } from './evaluate.js';

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

describe('an attack by a script', () => {
  test.each(Object.entries(ATTACKS))('%s ends with one error line, and the next call is clean', (_, body) => {
    const harness = new CallHarness(
      [typeOf({ run: body, after: 'kept.n = (kept.n or 0) + 1 return "fine " .. kept.n' })],
      { budget: DEFAULT_BUDGET },
    );
    const before = cpuMs();
    const reply = harness.get('t:run:k');
    const used = cpuMs() - before;
    expect(reply).toMatch(/^CLIENT_ERROR t:run: [ -~]{1,200}$/);
    expect(used).toBeLessThan(1000);
    expect(harness.get('t:after:k')).toBe('fine 1');
    expect(harness.get('t:after:k')).toBe('fine 2');
  });

  test("cannot catch the end of its budget, wherever in the host's code it occurs", () => {
    const bodies = [
      'for i = 1, 1e9 do self[i] = i end',
      'while true do pcall(function() for i = 1, 50 do self[i] = i end end) end',
      'local write = coroutine.wrap(function() while true do self.a = 1 coroutine.yield() end end) while true do pcall(write) end',
      'local function nest(n) if n > 0 then pcall(nest, n - 1) end for i = 1, 9 do pcall(next, self) end end while true do nest(30) end',
    ];
    for (const body of bodies) {
      const harness = new CallHarness([typeOf({ run: body })], { arenaBytes: 1024 * 1024 });
      const { budget } = harness.calls.invocation;
      for (let steps = 1000; steps < 1100; steps++) {
        budget.limits = { ...budget.limits, steps, milliseconds: 10_000 };
        expect(harness.get('t:run:k')).toBe(`CLIENT_ERROR t:run: takes more than ${steps} steps`);
        // A method that is killed often is refused for some time.
        harness.advance(3600);
      }
    }
  });

  test('uses little memory', () => {
    const bodies = [
      'doubled strings',
      'many long strings',
      'many fields',
      'endless recursion',
      'table.move',
      'a long rep',
    ];
    const harness = new CallHarness(
      [typeOf(Object.fromEntries(bodies.map((name, index) => [`m${index}`, ATTACKS[name]])))],
      { budget: DEFAULT_BUDGET },
    );
    for (const index of bodies.keys()) harness.get(`t:m${index}:k`);
    const before = process.memoryUsage.rss();
    for (const index of bodies.keys()) harness.get(`t:m${index}:k`);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });

  test('stays within the configured budget', () => {
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
    expect(['nil', expect.stringContaining('CLIENT_ERROR')]).toContainEqual(value(name));
  });

  test('cannot change the string functions of other types', () => {
    const poison = typeOf(
      { run: 'return ("a"):upper() .. ("b"):rep(2)' },
      '',
      'create',
      'string.upper = function() return "bad" end string.rep = nil ',
    );
    expect(new CallHarness([poison]).get('t:run:k')).toBe('Abb');
    expect(value('("a"):upper()')).toBe('A');
  });

  test('sees no globals of another type', () => {
    const one = typeOf({ run: 'return shared' }, '', 'create', 'shared = "leak" ');
    const other = typeOf({ run: 'return tostring(shared)' });
    expect(new CallHarness([one]).get('t:run:k')).toBe('leak');
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
  test('names script and line', () => {
    expect(evaluate('\n\nerror("no such thing")')).toBe('CLIENT_ERROR t:run: t.lua:3: no such thing');
    expect(evaluate('\nlocal x = nil\nreturn x.y')).toMatch(
      /^CLIENT_ERROR t:run: t\.lua:3: attempt to index a nil value/,
    );
    expect(evaluate('error("plain", 0)')).toBe('CLIENT_ERROR t:run: plain');
    expect(evaluate('\nstring.rep()')).toBe(
      "CLIENT_ERROR t:run: t.lua:2: bad argument #1 to 'rep' (string expected, got no value)",
    );
  });

  test('is one clean line for any value that is thrown', () => {
    expect(evaluate('error("a\\r\\nSTORED\\r\\n\\0b", 0)')).toBe('CLIENT_ERROR t:run: a STORED b');
    expect(evaluate('error(("x"):rep(1000), 0)').length).toBe('CLIENT_ERROR t:run: '.length + 200);
    expect(evaluate('error({})')).toBe(
      'CLIENT_ERROR t:run: error() was given a table: give it a text, as in error("not enough left")',
    );
    expect(evaluate('error({ code = 5, text = "a", more = {} })')).toContain(
      ' a table {code = 5, text = "a"}: give it',
    );
    expect(evaluate('error(setmetatable({}, { __tostring = function() error("again") end }))')).toContain(
      'was given a table',
    );
    expect(evaluate('error()')).toMatch(/^CLIENT_ERROR t:run: /);
    expect(evaluate('error(self)')).toMatch(/^CLIENT_ERROR t:run: /);
    expect(evaluate('error(42)')).toBe('CLIENT_ERROR t:run: 42');
  });

  test('of the script itself can be caught', () => {
    expect(evaluate('local ok, e = pcall(error, "x", 0) return tostring(ok) .. e')).toBe('falsex');
    expect(
      evaluate('local ok, e = xpcall(function() error("x", 0) end, function(m) return m .. "!" end) return e'),
    ).toBe('x!');
    expect(evaluate('return select("#", pcall(function(...) return ... end, 1, nil, 3))')).toBe('4');
  });
});
