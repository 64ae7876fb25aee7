// A hundred more scripts that try to hold the server or to fill its memory, grouped by their means.

import { ORIGINAL_GROUPS } from './hostile-originals.js';

const LONG = 'local s = ("a"):rep(2^22)';
const FOREVER = (work: string) => `while true do ${work} end`;
const LIST = 'local t = {} for i = 1, 20000 do t[i] = (i * 7919) % 20011 end';

/** Bodies of methods, by their effect. */
type Scripts = Readonly<Record<string, string>>;

export const METHOD_GROUPS: Readonly<Record<string, Scripts>> = {
  'loops and jumps': {
    'goto out of nested loops':
      'while true do for i = 1, 10 do for j = 1, 10 do if j == 5 then goto on end end ::on:: end end',
    'two labels that take turns': '::a:: goto b ::b:: goto a',
    'a repeat whose condition is a closure': 'repeat local x = 0 until (function() return x == 1 end)()',
    'closures made by every turn of a goto':
      'local last ::top:: do local x = last last = function() return x end end goto top',
    'a step of almost nothing': 'for x = 0, 1, 2^-1074 do end',
    'a step of not a number': 'for x = 1, 2, 0/0 do end while true do end',
    'counting down from infinity': 'for x = math.huge, 1, -1 do end',
    'an iterator that gives back its own control variable':
      'for k in (function(_, k) return k or 1 end), nil, nil do end',
    'next over a table that grows a step ahead': FOREVER(
      'local t = { 1 } local k for i = 1, 1e4 do t[i + 1] = i k = next(t, k) end',
    ),
    'a loop over a loop over pairs':
      'local t = {} for i = 1, 300 do t[i] = i end while true do for a in pairs(t) do for b in pairs(t) do end end end',
  },
  recursion: {
    'two functions that call each other':
      'local a, b function a(n) return 1 + b(n) end function b(n) return 1 + a(n) end return a(1)',
    'tail calls through a vararg that grows': 'local function f(...) return f(1, ...) end f()',
    'recursion through pcall and tail calls': 'local function f() return pcall(f) end while true do f() end',
    'recursion through table.sort':
      'local function f() table.sort({ 2, 1 }, function() f() return true end) end while true do pcall(f) end',
    'recursion through gsub': 'local function f() return ("a"):gsub("a", f) end while true do pcall(f) end',
    'recursion through __tostring':
      'local t t = setmetatable({}, { __tostring = function() return tostring(t) end }) while true do pcall(tostring, t) end',
    'recursion through __eq':
      'local m = {} m.__eq = function(a, b) return setmetatable({}, m) == setmetatable({}, m) end while true do pcall(m.__eq) end',
    'a combinator that never ends':
      'local y = function(f) return (function(x) return x(x) end)(function(x) return f(function(v) return x(x)(v) end) end) end y(function(f) return function(n) return f(n + 1) end end)(1)',
    'the function of Ackermann':
      'local function a(m, n) if m == 0 then return n + 1 elseif n == 0 then return a(m - 1, 1) end return a(m - 1, a(m, n - 1)) end while true do pcall(a, 3, 12) end',
    'numbers of Fibonacci':
      'local function f(n) if n < 2 then return n end return f(n - 1) + f(n - 2) end return f(60)',
  },
  'building strings': {
    'a string that grows on both sides': 'local s = "x" for i = 1, 1e9 do s = i .. s .. i end',
    'a rope that is flattened at every length':
      'local s = "" for i = 1, 1e9 do s = s .. ("x"):rep(100) local x = s < "x" end',
    'many operands in one concatenation': `${LONG} ${FOREVER(`pcall(function() local x = ${Array(100).fill('s').join(' .. ')} end)`)}`,
    'upper of lower of reverse': `${LONG} while true do s = s:upper():lower():reverse() end`,
    'repeats of repeats': 'while true do local s = "ab" for i = 1, 12 do s = s:rep(3) .. i end end',
    'a repeat with a longer separator': FOREVER('pcall(string.rep, "", 2^20, ("y"):rep(15))'),
    'parts of all lengths that are kept':
      'local s = ("abc"):rep(10000) for i = 1, 1e9 do kept[i] = s:sub(i % 20000, -1) end',
    'characters of many bytes':
      'local t = {} for i = 1, 7000 do t[i] = i % 256 end while true do local s = string.char(table.unpack(t)) kept[#kept + 1] = s end',
    'numbers as texts': 'local x = 0 while true do x = (x .. "") + 0.1 end',
    'texts compared after joining':
      'local a, b = "", "" while true do a = a .. "x" b = "x" .. b if a ~= b then break end end',
  },
  patterns: {
    'optional items behind a star': FOREVER('(("a"):rep(60)):match("^" .. ("a?"):rep(60) .. ("a"):rep(60) .. "b$")'),
    'classes that overlap': FOREVER('(("a"):rep(400)):find("%w*%a*%l*[a-z]*%x*!")'),
    'lazy pairs around a back reference': FOREVER('(("ab"):rep(500)):find("(.-)(.-)%2%1%1!")'),
    'balanced within lazy': FOREVER('(("(a"):rep(3000)):find(".-%b().-%b()!")'),
    'a frontier at every place': FOREVER('(("a "):rep(50000)):gsub("%f[%w]%f[%a]", "x")'),
    'a set of ranges': 'local p = "[^" .. ("a-b"):rep(5000) .. "]" while true do (("a"):rep(5000)):find(p) end',
    'a set of escapes': 'local p = "[" .. ("%z%]"):rep(5000) .. "]" while true do (("a"):rep(5000)):find(p) end',
    'a pattern longer than the text': `${LONG} ${FOREVER('pcall(string.find, "x", s .. "*")')}`,
    'thirty-two lazy captures': FOREVER('pcall(string.match, ("a"):rep(100), ("(.-)"):rep(32) .. "!")'),
    'captures of places': FOREVER('for a, b, c in (("a"):rep(5000)):gmatch("()a()a()") do end'),
    'gmatch within gmatch':
      'local s = ("a "):rep(2000) while true do for a in s:gmatch("%a") do for b in s:gmatch("%s") do end end end',
    'find from every place to the end': 'local s = ("a"):rep(20000) for i = 1, 1e9 do s:find("b", i % 20000) end',
  },
  'replacing by gsub': {
    'a callback that throws each time': FOREVER('pcall(string.gsub, ("a"):rep(1000), "a", error)'),
    'a callback that yields': FOREVER(
      'pcall(coroutine.wrap(function() (("a"):rep(100)):gsub("a", coroutine.yield) end))',
    ),
    'a table that answers by __index':
      'local t = setmetatable({}, { __index = function(_, k) return k .. k end }) local s = "a" while true do s = s:gsub(".", t):sub(1, 5000) end',
    'what doubles with each pass':
      'local s = "ab" while true do local x = s:gsub(".", "%0%0") s = #x < 2^22 and x or "ab" end',
    'a replacement of captures': FOREVER('(("ab"):rep(5000)):gsub("(a)(b)", "%2%1%0%2%1%0%2%1%0")'),
    'empty matches with a callback': FOREVER('(("a"):rep(5000)):gsub("", function() return "" end)'),
    'one match for a limit': `${LONG} ${FOREVER('s:gsub("b", "c", 1)')}`,
    'a callback that grows a table':
      'local t = {} while true do (("a"):rep(1000)):gsub("a", function(c) t[#t + 1] = { c } end) end',
  },
  metatables: {
    'an __index that sets itself again':
      'local t = setmetatable({}, {}) getmetatable(t).__index = function(s, k) setmetatable(s, { __index = getmetatable(s).__index }) return s[k .. "x"] end while true do pcall(function() return t.x end) end',
    'a __newindex that writes through':
      'local t = setmetatable({}, { __newindex = function(s, k, v) rawset(s, k, v) rawset(s, k, nil) end }) for i = 1, 1e9 do t[i] = i end',
    'a chain of __newindex tables':
      'local t = {} for i = 1, 99 do t = setmetatable({}, { __newindex = t }) end for i = 1, 1e9 do t[i] = i end',
    'a chain of __call tables':
      'local f = print for i = 1, 60 do f = setmetatable({}, { __call = f }) end while true do pcall(f) end',
    'a __concat that grows':
      'local m = {} m.__concat = function(a, b) return setmetatable({ a, b }, m) end local t = setmetatable({}, m) while true do t = t .. t end',
    'a __len that lies to table.insert':
      'local t = setmetatable({}, { __len = function() return 1e5 end }) while true do pcall(table.insert, t, 1, 1) end',
    'a __lt that calls sort':
      'local m m = { __lt = function(a, b) table.sort({ 3, 2, 1 }) return false end } local t = {} for i = 1, 100 do t[i] = setmetatable({}, m) end while true do table.sort(t) end',
    'a __unm that calls itself':
      'local t = setmetatable({}, { __unm = function(x) return -x end }) while true do pcall(function() return -t end) end',
    'a __gc that never runs':
      'while true do setmetatable({}, { __gc = function() while true do end end, __mode = "k" }) end',
    'weak keys that stay': 'kept.w = setmetatable({}, { __mode = "k" }) while true do kept.w[{}] = {} end',
    'a __metatable that is asked for':
      'local t = setmetatable({}, { __metatable = ("x"):rep(1000) }) while true do pcall(setmetatable, t, {}) getmetatable(t) end',
    'a __pairs that gives itself':
      'local t t = setmetatable({}, { __pairs = function(x) return function(_, k) return (k or 0) + 1 end, x, nil end }) for k in pairs(t) do end',
  },
  coroutines: {
    'a generator without an end':
      'local g = coroutine.wrap(function() local i = 0 while true do i = i + 1 coroutine.yield(i) end end) while true do g() end',
    'a pipe of generators':
      'local function stage(f) return coroutine.wrap(function() while true do coroutine.yield(f()) end end) end local f = function() return 1 end for i = 1, 50 do f = stage(f) end while true do f() end',
    'errors thrown through a nest':
      'local function nest(n) if n == 0 then error("x") end coroutine.wrap(nest)(n - 1) end while true do pcall(nest, 30) end',
    'coroutines that are kept half-way with long texts':
      'for i = 1, 1e9 do kept[i] = coroutine.create(function(s) coroutine.yield() return s end) coroutine.resume(kept[i], ("x"):rep(10000) .. i) end',
    'yield across a metamethod':
      'while true do pcall(coroutine.wrap(function() local t = setmetatable({}, { __index = function(_, k) return coroutine.yield(k) end }) return t.x, t.y end)) end',
    'resuming what is dead': 'local c = coroutine.create(type) while true do coroutine.resume(c) end',
    'a thousand values through yield':
      'local t = {} for i = 1, 1000 do t[i] = i end local c = coroutine.wrap(function(...) while true do coroutine.yield(...) end end) while true do c(table.unpack(t)) end',
    'wrap of wrap of wrap': 'while true do pcall(coroutine.wrap(coroutine.wrap(coroutine.wrap(coroutine.wrap)))) end',
    'pcall in a coroutine in pcall':
      'local function f(n) if n > 0 then return pcall(coroutine.wrap(function() return pcall(f, n - 1) end)) end end while true do f(40) end',
  },
  'sorting and moving': {
    'an order that is random': `${LIST} while true do pcall(table.sort, t, function() return math.random() < 0.5 end) end`,
    'an order that throws': `${LIST} local n = 0 while true do pcall(table.sort, t, function(a, b) n = n + 1 if n % 999 == 0 then error("x") end return a < b end) end`,
    'an order that empties the table': `${LIST} while true do pcall(table.sort, t, function(a, b) t[#t] = nil return a and b and a < b end) for i = 1, 1000 do t[i] = i end end`,
    'an order that grows the table':
      'local t = { 3, 2, 1 } while true do pcall(table.sort, t, function(a, b) t[#t + 1] = 1 return a > b end) end',
    'equal elements':
      'local t = {} for i = 1, 20000 do t[i] = 1 end while true do table.sort(t, function(a, b) return a < b end) end',
    'texts of one beginning':
      'local t = {} for i = 1, 2000 do t[i] = ("a"):rep(1000) .. i end while true do table.sort(t) table.sort(t, function(a, b) return a > b end) end',
    'moves over each other': `${LIST} while true do table.move(t, 1, 20000, 2) table.move(t, 2, 20001, 1) end`,
    'moves between metatables':
      'local p = setmetatable({}, { __index = function(_, k) return k end, __newindex = function() end }) while true do pcall(table.move, p, 1, 1e9, 1, p) end',
    'moves at the end of numbers': FOREVER('pcall(table.move, { 1 }, 2^53 - 10, 2^53, 2^53 - 5)'),
    'a queue by remove and insert': `${LIST} while true do table.insert(t, table.remove(t, 1)) end`,
  },
  'joining and unpacking': {
    'concat of numbers': `${LIST} while true do table.concat(t, ", ") end`,
    'concat of a proxy without an end':
      'pcall(table.concat, setmetatable({}, { __index = function(_, i) return i end, __len = function() return 1e15 end }), ",") while true do end',
    'concat of what is no text': `${LIST} t[20000] = {} while true do pcall(table.concat, t) end`,
    'unpack of holes': FOREVER('local t = { table.unpack({}, 1, 200) } t = { table.unpack({}, -3500, 3500) }'),
    'pack of pack': 'local t = table.pack(1) while true do t = table.pack(t, table.unpack(t)) end',
    'select from the end':
      'local t = {} for i = 1, 250 do t[i] = i end while true do for i = 1, 250 do select(-i, table.unpack(t)) end end',
  },
  'string.format': {
    'a width on long texts': `${LONG} ${FOREVER('pcall(string.format, "%99s%.99s", s, s)')}`,
    'many widths':
      'local f = ("%99d"):rep(100) local t = {} for i = 1, 100 do t[i] = i end while true do f:format(table.unpack(t)) end',
    'precisions of tiny numbers': FOREVER('("%.99f %.99e %.99g"):format(2^-1074, 2^-1074, 2^-1074)'),
    'hexadecimal floats': FOREVER('("%a %A"):format(math.random(), 1 / 3)'),
    'texts that call __tostring':
      'local t = setmetatable({}, { __tostring = function() return ("x"):rep(10000) end }) while true do ("%s%s%s%s"):format(t, t, t, t) end',
    'a format of bad conversions': FOREVER(
      'pcall(string.format, "%199d", 1) pcall(string.format, ("%"):rep(99999), 1)',
    ),
    'quotes within quotes': 'local s = "\\"" while true do s = ("%q"):format(s) if #s > 2^20 then s = "\\"" end end',
  },
  'errors and protected calls': {
    'error objects that hold each other': 'local last while true do local _, e = pcall(error, { last }) last = e end',
    'an error object that shows itself for ever':
      'error(setmetatable({}, { __tostring = function() while true do end end }))',
    'a handler that throws itself': 'local function h(e) error(e) end while true do xpcall(error, h, "x") end',
    'a handler that is not callable': FOREVER('pcall(xpcall, error, {})'),
    'levels that are not there': FOREVER('pcall(error, "x", 1e6) pcall(error, "x", -5)'),
    'assert with many values': 'local t = {} for i = 1, 7000 do t[i] = i end while true do assert(table.unpack(t)) end',
    'pcall of pcall of pcall': `while true do ${'pcall('.repeat(60)}error${')'.repeat(60)} end`,
    'an error in every line': FOREVER(
      'pcall(function() local x = nil + 1 end) pcall(function() return #nil end) pcall(function() return nil < 1 end)',
    ),
    'errors with long messages kept':
      'for i = 1, 1e9 do local _, m = pcall(error, ("x"):rep(10000) .. i) kept[i] = m end',
    'an error text of line ends': 'while true do pcall(error, ("\\r\\nSTORED\\r\\n\\0"):rep(10000)) end',
  },
  'JSON and dates': {
    'a table that contains itself': FOREVER('local t = {} t.t = t pcall(json.encode, t)'),
    'what was encoded, encoded again':
      'local s = "\\"" while true do s = json.encode(s) if #s > 2^20 then s = "\\"" end end',
    'decode and encode':
      'local s = json.encode({ a = { 1, 2, { b = "c" } }, d = ("x"):rep(1000) }) while true do s = json.encode(json.decode(s)) end',
    'numbers of many digits':
      'local s = "[" .. ("1234567890.123456789e-10,"):rep(20000) .. "1]" while true do json.decode(s) end',
    'keys of one object':
      'local t = {} for i = 1, 20000 do t[i] = ("\\"k%d\\":%d"):format(i, i) end local s = "{" .. table.concat(t, ",") .. "}" while true do json.decode(s) end',
    'one key again and again':
      'local s = "{" .. ("\\"k\\":[],"):rep(50000) .. "\\"k\\":1}" while true do json.decode(s) end',
    'half pairs of characters':
      'local s = "\\"" .. ("\\\\ud800"):rep(50000) .. "\\"" while true do pcall(json.decode, s) end',
    'decoded lists that are kept':
      'local s = "[" .. ("[1],"):rep(1000) .. "1]" while true do kept[#kept + 1] = json.decode(s) end',
    'dates of all conversions': FOREVER(
      'os.date(("%a%A%b%B%c%d%H%I%j%m%M%p%S%U%w%W%x%X%y%Y%%"):rep(20), math.random(0, 2^31))',
    ),
    'times of odd fields': FOREVER(
      'pcall(os.time, { year = 1e300, month = 1, day = 1 }) pcall(os.time, { year = 2020, month = -2^40, day = 2^40 })',
    ),
  },
  objects: {
    'fields that come and go': 'for i = 1, 1e9 do self["k" .. i % 1000] = i self["k" .. (i * 7) % 1000] = nil end',
    'tables within tables':
      'local function fill(t, n) for i = 1, 10 do t[i] = {} if n > 0 then fill(t[i], n - 1) end end end fill(self, 9)',
    'a value that grows': 'self.s = "x" while true do self.s = self.s .. self.s end',
    'a list filled from its end': 'for i = 1e6, 1, -1 do self[i] = i end while true do end',
    'keys of all kinds': 'for i = 1, 1e9 do self[i] = i self[-i] = i self[i + 0.5] = i self["i" .. i] = i end',
    'a walk that deletes':
      'while true do for i = 1, 5000 do self[i] = i end for k in pairs(self) do self[k] = nil end end',
    'object.delete and object.has':
      'for i = 1, 1e9 do self["k" .. i % 5000] = 1 object.delete(self, "k" .. (i + 1) % 5000) object.has(self, "k" .. i) end',
    'the same child from many names':
      'self.t = { n = 1 } for i = 1, 1e9 do local c = self.t c.n = c.n + 1 self["c" .. i % 100] = { c.n } end',
    'clear and fill': 'while true do object.clear(self) for i = 1, 100 do self[i] = ("x"):rep(1000) end end',
    'sorting an object':
      'for i = 1, 5000 do self[i] = (i * 7919) % 5003 end while true do table.sort(self) table.sort(self, function(a, b) return a > b end) end',
  },
};

/** By group and name: the place of the script, and its text. */
export const GROUPS: readonly (readonly [group: string, isOriginal: boolean, scripts: Scripts])[] = [
  ...Object.entries(METHOD_GROUPS).map(([group, scripts]) => [group, false, scripts] as const),
  ...Object.entries(ORIGINAL_GROUPS).map(([group, scripts]) => [group, true, scripts] as const),
];
