// The other libraries of scripts: tables, coroutines, dates, JSON, and the language itself where our virtual machine runs it.

import { describe, expect, test } from 'vitest';
import { evaluate, value } from './evaluate.js';

const VALUES: Readonly<Record<string, string>> = {
  '#{1, 2, 3}': '3',
  'table.unpack({1, 2, 3}, 2)': '2',
  'select("#", table.unpack({}, 1, 3))': '3',
  'table.pack(1, nil, 3).n': '3',
  'next({})': 'nil',
  'rawlen({1, 2})': '2',
  'rawequal("a", "a")': 'true',
  'type(type)': 'function',
  'select(-1, 1, 2, 3)': '3',
  'os.date("!%Y-%m-%d %H:%M:%S", 0)': '1970-01-01 00:00:00',
  'os.date("!%a %A %b %B %p %I %j %y %%", 86400 * 40)': 'Tue Tuesday Feb February AM 12 041 70 %',
  'os.date("!%c", 1e9)': 'Sun Sep  9 01:46:40 2001',
  'os.date("!%x %X %D %T %F %R %U %W %V %G %u %w", 1e9)':
    '09/09/01 01:46:40 09/09/01 01:46:40 2001-09-09 01:46 36 36 36 2001 7 0',
  'os.date("!*t", 1e9).yday': '252',
  'os.time({ year = 2001, month = 9, day = 9, hour = 12 }) - os.time({ year = 2001, month = 9, day = 8, hour = 12 })':
    '86400',
  'os.date("*t", os.time({ year = 2020, month = 13, day = 1 })).year': '2021',
  'os.time() == math.floor(os.time())': 'true',
  'json.encode({1, "a", true, {x = 1.5}})': '[1,"a",true,{"x":1.5}]',
  'json.encode({})': '{}',
  'json.encode(json.array())': '[]',
  'json.encode(json.decode("[]"))': '[]',
  'json.encode(json.decode("[1,null,3]"))': '[1,null,3]',
  'json.encode({[2] = "b", [1] = "a"})': '["a","b"]',
  'json.encode({a = json.null})': '{"a":null}',
  'json.decode("null") == json.null': 'true',
  'json.encode({[1] = "a", ["1"] = "b"}):len()': '19',
  'json.encode("\\255\\195\\169")': '"\\u00ff\u00c3\u00a9"',
  'json.encode({1/0, -1/0})': '[1e999,-1e999]',
  'json.encode({1e-7, 1e21, 0.1, -0.0, 2^53})': '[1e-7,1e+21,0.1,0,9007199254740992]',
  'json.encode("\\n\\"\\1")': '"\\n\\"\\u0001"',
  'json.decode("[1, [2], {\\"a\\": null}]")[2][1]': '2',
  'json.decode("\\"\\\\u00e9\\"") == "\\xc3\\xa9"': 'true',
  'coroutine.status(coroutine.create(print))': 'suspended',
  'coroutine.isyieldable()': 'false',
  'coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b end)(1)': '2',
};

const PROGRAMS: Readonly<Record<string, readonly [body: string, answer: string]>> = {
  'sort with and without a comparison': [
    'local t = {3, 1, 2} table.sort(t) local s = table.concat(t) table.sort(t, function(a, b) return a > b end) return s .. table.concat(t)',
    '123321',
  ],
  'insert, remove and move': [
    'local t = {1, 2} table.insert(t, 3) table.insert(t, 1, 0) local r = table.remove(t, 2) table.remove(t) table.move(t, 1, 2, 2) return r .. table.concat(t)',
    '1002',
  ],
  'closures keep their own variables': [
    'local f = {} for i = 1, 3 do local j = i * 10 f[i] = function() j = j + 1 return j end end f[1]() return f[1]() .. f[2]() .. f[3]()',
    '122131',
  ],
  'varargs and multiple results': [
    'local function f(...) local a, b = ... return select("#", ...), a, b, ... end return table.concat({f(1, 2, 3)}, ",")',
    '3,1,2,1,2,3',
  ],
  'tail calls do not deepen the stack': [
    'local function f(n) if n == 0 then return "end" end return f(n - 1) end return f(50000)',
    'end',
  ],
  'metatables: index, newindex, call, arithmetic, comparison, concatenation, length': [
    `local mt = { __add = function(a, b) return "add" end, __call = function(_, x) return "call" .. x end,
       __index = function(_, k) return "index" .. k end, __lt = function() return true end, __le = function() return false end,
       __concat = function() return "concat" end, __len = function() return 7 end, __eq = function() return true end,
       __unm = function() return "unm" end }
     local a, b = setmetatable({}, mt), setmetatable({}, mt)
     return table.concat({ a + 1, 1 + a, a(5), a.k, tostring(a < b), tostring(a <= b), a .. "x", "x" .. a, #a, tostring(a == b), -a }, " ")`,
    'add add call5 indexk true false concat concat 7 true unm',
  ],
  'inheritance by __index tables': [
    'local base = { hello = function(self) return "hi " .. self.name end } local o = setmetatable({ name = "o" }, { __index = base }) return o:hello()',
    'hi o',
  ],
  'goto continues a loop': [
    'local s = "" for i = 1, 4 do if i % 2 == 0 then goto next end s = s .. i ::next:: end return s',
    '13',
  ],
  'generators by coroutines': [
    'local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end local s = 0 for i in gen(10) do s = s + i end return s',
    '55',
  ],
  'yields across pcall and metamethods': [
    `local c = coroutine.create(function()
       local ok, v = pcall(function() local x = coroutine.yield(1) error(x, 0) end)
       local t = setmetatable({}, { __index = function(_, k) return coroutine.yield(k) end })
       return v .. t.key
     end)
     local _, a = coroutine.resume(c) local _, b = coroutine.resume(c, "err") local _, d = coroutine.resume(c, "val")
     return a .. b .. d .. coroutine.status(c)`,
    '1keyerrvaldead',
  ],
  'errors inside coroutines': [
    'local ok, e = coroutine.resume(coroutine.create(function() error("in", 0) end)) return tostring(ok) .. e',
    'falsein',
  ],
  'deleting while iterating': [
    'local t = {} for i = 1, 100 do t["k" .. i] = i end local n = 0 for k in pairs(t) do t[k] = nil n = n + 1 end return n .. tostring(next(t))',
    '100nil',
  ],
  'long constructors and many locals': [
    `local t = { ${Array.from({ length: 120 }, (_, index) => index).join(',')} } return #t .. ":" .. t[120]`,
    '120:119',
  ],
  'repeat, while, break, nested functions': [
    'local n = 0 repeat local done = n >= 3 n = n + 1 until done while true do n = n + 1 if n > 6 then break end end return n',
    '7',
  ],
  'integer and string keys differ': ['local t = { [1] = "a", ["1"] = "b" } return t[1] .. t["1"]', 'ab'],
  'results as JSON': ['return { 1, { a = "x" } }', '[1,{"a":"x"}]'],
  'nil is a miss': ['return nil', 'END'],
  'a boolean': ['return false', 'false'],
  'a function is no result': ['return print', 'CLIENT_ERROR t:run: returned a function'],
};

describe('libraries of scripts', () => {
  test.each(Object.entries(VALUES))('%s is %s', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  for (const [name, [body, answer]] of Object.entries(PROGRAMS)) {
    test(name, () => expect(evaluate(body)).toBe(answer));
  }
});
