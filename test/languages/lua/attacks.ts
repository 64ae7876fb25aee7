// Bodies of Lua methods that never end or use up memory, each in a different way.

const SPIN = 'local function spin() while true do end end ';

/** Bodies of methods, by their effect. */
export const ATTACKS: Readonly<Record<string, string>> = {
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
