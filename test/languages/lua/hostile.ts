// More than a hundred scripts that try to hold the server or to fill its memory, each in a different way.

const LONG = 'local s = ("a"):rep(2^23) ';
const SPIN = 'local function spin() while true do end end ';
const FOREVER = (work: string) => `while true do ${work} end`;

/** Bodies of methods, by their effect. Each never ends, or needs more than its budget. */
export const HOSTILE: Readonly<Record<string, string>> = {
  'plain find of a long needle': `${LONG} local n = "ab" .. ("a"):rep(4094) ${FOREVER('s:find(n, 1, true)')}`,
  'plain find of half of the text': `${LONG} local n = ("a"):rep(2^22) .. "b" ${FOREVER('s:find(n, 1, true)')}`,
  'percent signs in a format': 'local s = ("%%"):rep(8000000) while true do string.format(s) end',
  'numerals in another base': 'local s = ("A"):rep(2^24) while true do tonumber(s, 36) end',
  'numerals that are none': 'local s = ("1"):rep(998) .. "x" while true do tonumber(s) end',
  'numerals in arithmetic': 'local s = ("1"):rep(998) .. "x" while true do pcall(function() return s + 1 end) end',
  'blanks around a numeral': 'local s = (" "):rep(2^24) while true do tonumber(s) end',
  'long sets in patterns': 'local p = ("[" .. ("a"):rep(2^20 - 3) .. "]?"):rep(15) while true do (""):find(p) end',
  'a set without an end': 'local p = "[" .. ("a"):rep(2^23) while true do pcall(string.find, "x", p) end',
  'a frontier with a long set': 'local p = "%f[" .. ("a"):rep(2^23) .. "]" while true do ("x"):find(p) end',
  'long lines for the log': `${LONG} ${FOREVER('call.log(s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s)')}`,
  'many lines for the log': FOREVER('call.log("x")'),
  'quotes in %q': 'local s = (\'"\'):rep(8000000) while true do string.format("%q", s) end',
  'control characters in %q': 'local s = ("\\1"):rep(8000000) while true do string.format("%q", s) end',
  'wide numbers in a format': FOREVER(
    'string.format(("%99.99f"):rep(20), 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300)',
  ),
  'names of zones': 'local f = ("%Z"):rep(500) while true do os.date(f) end',
  'nested conversions of dates': 'local f = ("%c"):rep(500) while true do os.date(f) end',
  'weeks of dates': 'local f = ("%V"):rep(500) while true do os.date(f, 1e9) end',
  'dates far away': FOREVER('pcall(os.date, "%c", 8.6e12) pcall(os.time, { year = 2e5, month = 1, day = 1 })'),
  'JSON of control characters': 'local s = ("\\1"):rep(2^24) while true do pcall(json.encode, s) end',
  'JSON of one long text': `${LONG} ${FOREVER('json.encode(s)')}`,
  'JSON of many small lists': 'local t = {} for i = 1, 1e9 do t[i] = {} if i % 1000 == 0 then json.encode(t) end end',
  'parsing long JSON': 'local s = "[" .. ("1,"):rep(2^22) .. "1]" while true do json.decode(s) end',
  'parsing deep JSON': 'local s = ("["):rep(2^22) .. ("]"):rep(2^22) while true do pcall(json.decode, s) end',
  'parsing what is no JSON': 'local s = ("["):rep(2^23) while true do pcall(json.decode, s) end',
  'parsing escapes': 'local s = \'"\' .. ("\\\\u00e9"):rep(2^20) .. \'"\' while true do json.decode(s) end',
  'a long replacement': 'local r = ("a"):rep(2^23) .. "%%" while true do ("x"):gsub("y", r) end',
  'a replacement of percent signs': 'local r = ("%%"):rep(2^22) while true do ("x"):gsub("x", r) end',
  'a replacement by the whole match': `${LONG} ${FOREVER('s:gsub(".*", "%0%0%0")')}`,
  'replacing nothing everywhere': `${LONG} ${FOREVER('s:gsub("", "-")')}`,
  'a replacement table with long keys': `${LONG} local t = { x = 1 } ${FOREVER('s:gsub(".*", t)')}`,
  'a replacement function that searches': FOREVER(
    '(("a"):rep(1000)):gsub("a", function() return (("b"):rep(1000)):gsub("b", "c") end)',
  ),
  'captures of everything': `${LONG} ${FOREVER('s:match("((((((((.*))))))))")')}`,
  'captures and references back': 'local s = ("a"):rep(5000) while true do s:find("(.-)%1b") end',
  'a long reference back': `${LONG} ${FOREVER('(s .. s:sub(1, -2) .. "b"):find("^(a*)%1$")')}`,
  'a pattern of many captures': 'local p = ("(a?)"):rep(32) .. "b" local s = ("a"):rep(64) while true do s:find(p) end',
  'lazy items after each other': 'while true do ("a"):rep(3000):find("a-a-a-a-b") end',
  'balanced pairs everywhere': 'local s = ("("):rep(100000) while true do s:gsub("%b()", "") end',
  'gmatch over nothing': `${LONG} ${FOREVER('for m in s:gmatch("") do end')}`,
  'gmatch that never matches': `${LONG} ${FOREVER('for m in s:gmatch("[b-z]") do end')}`,
  'comparing what was joined': `${LONG} ${FOREVER('local x = s .. "x" == s .. "x"')}`,
  'ordering what was joined': `${LONG} ${FOREVER('local x = s .. "x" < s .. "y"')}`,
  'joining what is too long': `${LONG} ${FOREVER('pcall(table.concat, { s, s, s, s })')}`,
  'joining with a long separator': `${LONG} ${FOREVER('pcall(table.concat, { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, s)')}`,
  'upper case': `${LONG} ${FOREVER('s:upper()')}`,
  backwards: `${LONG} ${FOREVER('s:reverse()')}`,
  'bytes and characters': 'local s = ("a"):rep(7000) while true do string.char(s:byte(1, -1)) end',
  'parts that keep the whole alive': 'for i = 1, 1e9 do kept[i] = (("a"):rep(2^22) .. i):sub(1, 40) end',
  'matches that keep the whole alive':
    'for i = 1, 1e9 do kept[i] = (("a"):rep(2^22) .. i):match("^(" .. ("."):rep(40) .. ")") end',
  'iterators that keep texts alive': 'for i = 1, 1e9 do kept[i] = (("a"):rep(100000) .. i):gmatch("a") end',
  'long keys of one length': 'local s = ("a"):rep(20000) local t = {} for i = 1, 1e9 do t[s .. (1000000 + i)] = i end',
  'looking up a long key': `${LONG} local t = { [s .. "x"] = 1 } ${FOREVER('local x = t[s .. "x"]')}`,
  'looking up one long key again and again': `${LONG} local a, b = s .. "x", s .. "x" local t = { [a] = 1 } ${FOREVER('local x = t[b]')}`,
  'next over deleted keys':
    'local t = {} for i = 1, 100000 do t[i] = i end for i = 1, 100000 do t[i] = nil end while true do next(t, 1) end',
  'a table made against the length':
    'local t = {} for i = 1, 50000 do t[i] = i end for i = 0, 31 do t[50033 * 2^i] = 1 end while true do local x = #t end',
  'lengths of a table of holes':
    'local t = {} for i = 1, 50000 do t[i] = i end for i = 1, 49999 do t[i] = nil end while true do local x = #t end',
  'unpacking beyond 2^53': 'while true do table.unpack({}, 2^53, 2^53 + 7000) end',
  'joining beyond 2^53': 'table.concat(setmetatable({}, { __index = function() return "x" end }), "", 2^53, math.huge)',
  'moving to infinity': FOREVER('pcall(table.move, {}, 1, math.huge, 2)'),
  'inserting far away': 'local t = setmetatable({}, { __len = function() return 2^52 end }) table.insert(t, 1, 1)',
  'removing far away': 'local t = setmetatable({}, { __len = function() return 2^52 end }) table.remove(t, 1)',
  'sorting with a liar':
    'local t = {} for i = 1, 20000 do t[i] = i end while true do table.sort(t, function() return true end) end',
  'sorting long texts':
    'local t = {} for i = 1, 50 do t[i] = ("a"):rep(200000) .. i end while true do table.sort(t) end',
  'sorting by a metamethod':
    'local m = { __lt = function() while true do end end } local t = {} for i = 1, 9 do t[i] = setmetatable({}, m) end table.sort(t)',
  'packing values': 'local t = {} for i = 1, 7000 do t[i] = i end while true do table.pack(table.unpack(t)) end',
  'passing many values on':
    'local t = {} for i = 1, 7000 do t[i] = i end local function f(n, ...) if n > 0 then return f(n - 1, ...) end return ... end while true do f(100, table.unpack(t)) end',
  'selecting from many values':
    'local t = {} for i = 1, 7000 do t[i] = i end while true do select(2, table.unpack(t)) end',
  'calls through metatables':
    'local c = setmetatable({}, { __call = function(_, ...) return ... end }) local t = {} for i = 1, 7000 do t[i] = i end while true do c(table.unpack(t)) end',
  'a long chain of metatables':
    'local t = {} for i = 1, 99 do t = setmetatable({}, { __index = t }) end while true do local x = t.nothing end',
  'a ring of metatables':
    'local a, b = {}, {} setmetatable(a, { __index = b }) setmetatable(b, { __index = a }) while true do pcall(function() return a.x end) end',
  'suspended coroutines': 'for i = 1, 1e9 do kept[i] = coroutine.wrap(coroutine.yield) kept[i]() end',
  'deep suspended coroutines':
    'local function deep(n) if n == 0 then coroutine.yield() return 1 end local r = deep(n - 1) return r end for i = 1, 1e9 do kept[i] = coroutine.create(deep) coroutine.resume(kept[i], 150) end',
  'coroutines that never end':
    'while true do coroutine.resume(coroutine.create(function() for i = 1, 10 do coroutine.yield() end end)) end',
  'a coroutine that resumes itself':
    'local c c = coroutine.create(function() while true do coroutine.resume(c) end end) coroutine.resume(c) while true do end',
  'nests of coroutines and pcall':
    'local function nest(n) if n > 0 then pcall(coroutine.wrap(function() nest(n - 1) end)) end while true do end end nest(20)',
  'errors in handlers': 'while true do xpcall(error, function() error() end) end',
  'errors in handlers of handlers': 'local function h() return xpcall(error, h) end while true do xpcall(error, h) end',
  'errors with long texts': `${LONG} ${FOREVER('pcall(error, s)')}`,
  'errors with long names': `${LONG} local t = setmetatable({}, { __name = s }) ${FOREVER('pcall(function() return t + 1 end)')}`,
  'errors in long functions': `local function f(x) ${'x = x or 1 '.repeat(2000)} local y = nil return y.z end ${FOREVER('pcall(f, 1)')}`,
  'errors deep down':
    'local function f(n) if n == 0 then error("x") end local r = f(n - 1) return r end while true do pcall(f, 150) end',
  'texts of objects': `${LONG} local t = setmetatable({}, { __tostring = function() return s end }) ${FOREVER('tostring(t)')}`,
  'functions with many variables':
    'local a1,a2,a3,a4,a5,a6,a7,a8,a9,a10,a11,a12,a13,a14,a15,a16,a17,a18,a19,a20 for i = 1, 1e9 do kept[i] = function() return a1,a2,a3,a4,a5,a6,a7,a8,a9,a10,a11,a12,a13,a14,a15,a16,a17,a18,a19,a20 end end',
  'functions in a loop with many variables':
    'for i = 1, 1e9 do local a1,a2,a3,a4,a5,a6,a7,a8,a9,a10 = i,i,i,i,i,i,i,i,i,i kept[i] = function() return a1,a2,a3,a4,a5,a6,a7,a8,a9,a10 end end',
  'chains of functions': 'local f = print while true do local g = f f = function(...) return g(...) end end',
  'kept lists': 'for i = 1, 1e9 do kept[i] = { i, i, i, i } end',
  'kept texts': 'for i = 1, 1e9 do kept[i] = ("x"):rep(1000) .. i end',
  'kept numbers': 'for i = 1, 1e9 do kept[i] = i + 0.5 end',
  'lists in lists': 'local t = {} while true do t = { t, t } end',
  'a text joined number by number': 'local s = "" for i = 1, 1e9 do s = s .. i end',
  'a text joined at its front': 'local s = "" for i = 1, 1e9 do s = i .. s end',
  'a joined text looked at': 'local s = "" for i = 1, 1e9 do s = s .. i local x = s:byte(1) end',
  'writing long values': 'local s = ("a"):rep(500000) for i = 1, 1e9 do self["k" .. i] = s end',
  'writing one value for ever': FOREVER('self.x = 1'),
  'writing deep tables': 'local t = {} for i = 1, 30 do t = { t, t } end self.t = t',
  'long names of fields': `${LONG} ${FOREVER('pcall(function() self[s] = 1 end)')}`,
  'reading fields for ever': 'self.t = { x = 1 } while true do local x = self.t.x end',
  'joining an object':
    'for i = 1, 10000 do self["k" .. i] = i end while true do object.join(self, "entries", ",", "=") end',
  'walking an object': 'for i = 1, 10000 do self[i] = i end while true do for k, v in pairs(self) do end end',
  'JSON of an object': 'for i = 1, 10000 do self[i] = i end while true do json.encode(self) end',
  'opening objects': 'for i = 1, 1e9 do call.open("t", "k" .. i) end',
  'opening by long keys': `${LONG} ${FOREVER('pcall(call.open, "t", s)')}`,
  'bits of large numbers': FOREVER('local x = (2^53 - 1) & (2^52 + 1) | (1 << 62)'),
  'random numbers': FOREVER('math.random(1, 2^31)'),
  'comparing without signs': FOREVER('math.ult(1e300, 2)'),
  'a loop of halves': 'for i = 1, math.huge, 0.5 do end',
  'a loop that goes nowhere': 'for i = 2^53, 2^54 do end for i = 1, 2, 1e-300 do end',
  'goto in a pcall': 'local function f() ::top:: goto top end while true do pcall(f) end',
  'a metamethod of equality': `${SPIN} local m = { __eq = spin } local x = setmetatable({}, m) == setmetatable({}, m)`,
  'a metamethod of joining': `${SPIN} return setmetatable({}, { __concat = spin }) .. "x"`,
  'a metamethod of length': `${SPIN} return #setmetatable({}, { __len = spin })`,
  'a metamethod of pairs': `${SPIN} for k in pairs(setmetatable({}, { __pairs = spin })) do end`,
  'an iterator without an end': 'for x in function() return 1 end do end',
};
