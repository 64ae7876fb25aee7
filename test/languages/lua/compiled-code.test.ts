// Compiled code against the loop of the virtual machine: same results, same messages with their lines, same steps.

import { afterEach, expect, test } from 'vitest';
import { hot } from '../../../src/languages/lua/compiler/compile.js';
import { CallHarness } from '../../objects/call-harness.js';
import { PATIENT, typeOf } from './evaluate.js';

const USUAL_FRAMES = hot.frames;

afterEach(() => {
  hot.frames = USUAL_FRAMES;
});

interface Outcome {
  readonly replies: readonly string[];
  /** Of the last call. */
  readonly steps: number;
}

/** The replies to four calls, of which the last ones run what the first has compiled. */
function outcome(frames: number, functions: string, body: string): Outcome {
  hot.frames = frames;
  const harness = new CallHarness([typeOf({ run: body }, '', 'upsert', `${functions}\n`)], { budget: PATIENT });
  const replies = Array.from({ length: 3 }, () => harness.get('t:run:k'));
  hot.frames = Number.POSITIVE_INFINITY;
  replies.push(harness.get('t:run:k'));
  return { replies, steps: harness.calls.invocation.budget.stepsUsed };
}

const PAIRS: Readonly<Record<string, readonly [functions: string, body: string]>> = {
  arithmetic: [
    'local function f(a, b) return a + b, a - b, a * b, a / b, a % b, a ^ b, a // b, -a, a + 1, 2 - a, 3 * a, a / 4 end',
    'return table.concat({ f(7, -3) }, " ") .. table.concat({ f("7", "2.5") }, " ") .. table.concat({ f(0, 0) }, " ")',
  ],
  'functions of numbers': [
    `local floor, max, min = math.floor, math.max, math.min
     local function f(a, b) return floor(a) + max(a, b) * min(b, a), math.sqrt(a), tostring(b), floor(b) end
     local function g(a) return select(2, pcall(function(x) local y = floor(x) return y end, a)) end`,
    'return table.concat({ f(2.5, -1) }, " ") .. table.concat({ f("4", "9.5") }, " ") .. tostring(g({})) .. tostring(g())',
  ],
  'functions of the call': [
    `local function f(call, n)
      local first = call.expire(n)
      return tostring(first) .. select("#", call.expire(n)) .. type(call.sequence()) .. type(call:sequence()) .. call.ttlSeconds
    end
    local function g(call, n) return select(2, pcall(function(x) local y = call.expire(x) return y end, n)) end`,
    'return f(call, 9) .. f(call, "10") .. tostring(g(call, {})) .. tostring(g(call))',
  ],
  'a function of the call that fails': [
    `local function f(call, n)
      local m = n
      call.expire(m)
      return m
    end`,
    'return f(call, 5) .. tostring(pcall(f, call, -1))',
  ],
  bits: [
    'local function f(a, b) return a & b, a | b, a ~ b, a << b, a >> b, ~a, a & 255 end',
    'return table.concat({ f(2 ^ 40 + 5, 3) }, " ") .. table.concat({ f("12", 10) }, " ")',
  ],
  comparisons: [
    `local function f(a, b)
      local r = {}
      if a < b then r[#r + 1] = "<" end
      if a <= b then r[#r + 1] = "<=" end
      if a > b then r[#r + 1] = ">" end
      if a >= b then r[#r + 1] = ">=" end
      if a == b then r[#r + 1] = "==" end
      if a ~= b then r[#r + 1] = "~=" end
      if not (a < b) then r[#r + 1] = "not <" end
      return table.concat(r, ",")
    end`,
    'return f(1, 2) .. f(2, 1) .. f(2, 2) .. f("a", "b") .. f("b", "a") .. f(0 / 0, 0 / 0) .. f(0, -0)',
  ],
  'constants on either side': [
    `local function f(x)
      if x == 3 then return "three" end
      if x == "s" then return "text" end
      if 5 < x then return "more" end
      if x <= -1.5 then return "less" end
      return x == nil and "nil" or x == true and "true" or "other"
    end`,
    'return f(3) .. f(9) .. f(-2) .. f(0)',
  ],
  'and, or, not': [
    `local function f(a, b)
      local x = a and b or 1
      local y = a or b
      local z = not a == not b
      return tostring(x) .. tostring(y) .. tostring(z) .. tostring(a and b)
    end`,
    'return f(nil, 2) .. f(false, nil) .. f(1, false) .. f(1, 2) .. f(true, "x")',
  ],
  loops: [
    `local function f(n)
      local sum = 0
      for i = 1, n do sum = sum + i end
      for i = n, 1, -2 do sum = sum - i end
      for i = 1, 0 do sum = "never" end
      for i = 0.5, 2, 0.25 do sum = sum + i end
      local i = 0
      while i < n do i = i + 1; if i % 3 == 0 then goto continue end; sum = sum + 1; ::continue:: end
      repeat i = i - 1 until i < 0
      return sum
    end`,
    'return f(0) .. " " .. f(1) .. " " .. f(100)',
  ],
  'tables and iterators': [
    `local function f(t)
      local keys, n = {}, 0
      for i, v in ipairs(t) do n = n + i * v end
      for k, v in pairs(t) do keys[#keys + 1] = tostring(k) .. "=" .. tostring(v) end
      table.sort(keys)
      return n .. " " .. table.concat(keys, ",")
    end`,
    'return f({ 1, 2, 3, x = 4, [2.5] = 5 }) .. f({})',
  ],
  'constructors of many values': [
    `local function three() return 1, 2, 3 end
     local function f() local t = { 0, three() } local u = { three(), three() } return #t .. " " .. #u .. " " .. select("#", three()) end`,
    'return f()',
  ],
  'methods and metatables': [
    `local Point = {}
     Point.__index = Point
     function Point.add(a, b) return setmetatable({ x = a.x + b.x }, Point) end
     Point.__add = Point.add
     Point.__eq = function(a, b) return a.x == b.x end
     Point.__lt = function(a, b) return a.x < b.x end
     Point.__le = function(a, b) return a.x <= b.x end
     Point.__concat = function(a, b) return "joined" end
     Point.__len = function() return 42 end
     Point.__call = function(self, n) return self.x * n end
     Point.__unm = function(a) return setmetatable({ x = -a.x }, Point) end
     Point.__newindex = function(t, k, v) rawset(t, k, v * 2) end
     function Point:double() return self:add(self) end
     local function f(a, b)
       local c = a + b
       c.y = 4
       return c.x .. (a == b and "eq" or "ne") .. (a < b and "lt" or "ge") .. (a <= b and "le" or "gt") .. #a .. a .. a(3) .. (-a).x ..
         a:double().x .. c.y
     end`,
    'local function p(x) return setmetatable({ x = x }, Point) end return f(p(1), p(2)) .. f(p(3), p(3))',
  ],
  'calls with any number of values': [
    `local function count(...) return select("#", ...) end
     local function all() return 1, nil, 3, nil end
     local function f() local a, b = all() return count(all()), count((all())), count(all(), 1), a, tostring(b) end`,
    'return table.concat({ f() }, " ")',
  ],
  'several results of a call whose last arguments are the results of another call': [
    `local function same(...) return ... end
     local function one(x) return x end
     local function none() end
     local function f(x)
       local a, b, c = same(x, one("last"))
       local d, e = pcall(one, one(x))
       local g, h = same(none(), none())
       local i, j, k = same(math.floor(7.5))
       return tostring(a) .. tostring(b) .. tostring(c) .. tostring(d) .. tostring(e) .. tostring(g) .. tostring(h) .. i .. tostring(j)
     end`,
    'return f("x") .. f(1)',
  ],
  'texts that were joined and are joined again': [
    'local function f(n) local s = table.concat({ ("a"):rep(n), ("b"):rep(n) }) return s .. 1 .. "c", "" .. s, s .. s, s end',
    'return table.concat({ f(1) }, " ") .. table.concat({ f(8) }, " ") .. table.concat({ f(31) }, " ") .. table.concat({ f(32) }, " ")',
  ],
  'missing and superfluous arguments': [
    'local function g(a, b, c) return tostring(a) .. tostring(b) .. tostring(c) end local function f() return g(), g(1), g(1, 2, 3, 4) end',
    'return table.concat({ f() }, " ")',
  ],
  'tail calls without end': [
    'local function f(n) if n == 0 then return "done" end return f(n - 1) end local function g(n) return f(n) end',
    'return g(50000)',
  ],
  'tail calls of natives': [
    'local function f(x) return tostring(x) end local function g(x) return f(x) end',
    'return g(1) .. g(nil)',
  ],
  'deep recursion': [
    'local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end',
    'return f(20) + f(100) + f(5000)',
  ],
  'recursion of two functions': [
    'local odd local function even(n) if n == 0 then return true end return odd(n - 1) end function odd(n) if n == 0 then return false end return even(n - 1) end',
    'return tostring(even(1001)) .. tostring(odd(7))',
  ],
  'captured variables': [
    `local total = 0
     local function add(n) total = total + n return total end
     local function counter() local n = 0 return function() n = n + 1 return n end end
     local function f(a) local c, d = counter(), counter() return c() + c() * 10 + d() * 100 + add(a) end`,
    'return f(1) .. " " .. f(2)',
  ],
  'slots that a called function captures': [
    `local kept
     local function keep(x) kept = function() x = x + 1 return x end return x end
     local function f(a) local b = keep(a) local c = kept() local d = kept() return a, b, c, d, keep(d) + kept() end`,
    'return table.concat({ f(1) }, " ")',
  ],
  coroutines: [
    `local function produce(n) for i = 1, n do coroutine.yield(i) end return "end" end
     local function f() local c = coroutine.wrap(produce) return c(2) .. c() .. c() end`,
    'return f() .. f()',
  ],
  'compiled code around a yield': [
    `local function step(x) return coroutine.yield(x) end
     local function body(a) local b = step(a) return step(a + b) end
     local function f() local c = coroutine.create(body) local _, x = coroutine.resume(c, 1) local _, y = coroutine.resume(c, 10)
       return x .. " " .. y .. " " .. select(2, coroutine.resume(c, "last")) .. coroutine.status(c) end`,
    'return f() .. f()',
  ],
  'errors with their lines': [
    `local function index(x)
       local y = 1
       return x.field.other
     end
     local function add(x)
       return x + {}
     end
     local function call(x)
       x.nothing()
     end
     local function compare(x) return 1 <
       x end
     local function join(x) return "a" .. x end
     local function loop(x) for i = 1, x do end end
     local function length(x) return #x end
     local function set(x) x.y.z = 1 end
     local function own() error("own") end
     local function level() error("level 2", 2) end
     local function outer() level() end
     local all = { index, add, call, compare, join, loop, length, set, own, outer }
     local function f()
       local r = {}
       for i, g in ipairs(all) do r[i] = tostring(select(2, pcall(g, {}))) end
       return table.concat(r, "|")
     end`,
    'return f()',
  ],
  'error values and handlers': [
    `local function fail(v) error(v) end
     local function f(v) return select(2, xpcall(fail, function(m) return "handled " .. tostring(m.code) end, v)) end`,
    'return f({ code = 7 }) .. f({ code = 8 })',
  ],
  'several results and tail calls of frames with many registers': [
    `local function many(a) local b, c, d, e = a + 1, a + 2, a + 3, a + 4 return a, b, c, d, e, b + c, d + e end
     local function count(...) return select("#", ...) .. table.concat({ ... }, ",") end
     local function last(a) local b, c, d, e = a + 1, a + 2, a + 3, a + 4 return count(a, b, c, d, e, many(e)) end
     local function deep(n, f) if n == 0 then return f(1) end return (deep(n - 1, f)) .. n end`,
    'return deep(40, last) .. deep(3, last) .. count(many(1)) .. select("#", pcall(many, 2))',
  ],
  'sorting with a comparator': [
    'local function more(a, b) return a > b end local function f(t) table.sort(t, more) return table.concat(t, ",") end',
    'return f({ 3, 1, 2, 9, 7, 8 })',
  ],
};

for (const [name, [functions, body]] of Object.entries(PAIRS)) {
  test(`compiled code does as the loop: ${name}`, () => {
    const interpreted = outcome(Number.POSITIVE_INFINITY, functions, body);
    expect(outcome(1, functions, body)).toEqual(interpreted);
    // Between two frames of one call.
    expect(outcome(4, functions, body)).toEqual(interpreted);
  });
}
