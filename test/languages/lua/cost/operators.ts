// Operations of the virtual machine without a function, and operators on objects of the host: pieces whose cost grows with their operands.
// Functions: arguments.ts.

import type { Call } from './arguments.js';

const TEXT = 'local s = ("a"):rep(N)';
const PAIR = `${TEXT} local a, b = s .. "x", s .. "x"`;
const MANY = 'local t = {} for i = 1, math.min(M, 7000) do t[i] = i end';
const LOCALS = locals(100);

function locals(count: number): string {
  return Array.from({ length: count }, (_, index) => `v${index}`).join(', ');
}

function each(work: string): string {
  return `for i = 1, R do ${work} end`;
}

export const OPERATORS: Readonly<Record<string, readonly Call[]>> = {
  'joining strings': [
    [TEXT, each('local x = s .. s')],
    [TEXT, each('local x = s .. i local y = #x:sub(1, 1)')],
    ['', 'local s = "" for i = 1, M do s = s .. i end local x = s:byte()'],
    ['', 'local s = "" for i = 1, M do s = i .. s end local x = s:byte()'],
    ['', each('local x = i .. i .. i .. i .. i .. i .. i .. i')],
    ['', 'local s = "0123456789abcdef" while #s < N // 2 do s = s .. s end local x = s:byte()'],
  ],
  'comparing strings': [
    [PAIR, each('local x = a == b')],
    [PAIR, each('local x = a < b')],
    [PAIR, each('local x = a <= b')],
  ],
  'long strings as keys': [
    [`${TEXT} local t = {}`, each('t[s .. i] = i')],
    [`${PAIR} local t = { [a] = 1 }`, each('local x = t[b]')],
    [
      `local s = ("a"):rep(math.min(N, 20000)) local t = {}`,
      'for i = 1, math.min(M, 1000) do t[s .. (10000 + i)] = i end',
    ],
    [
      `local s = ("a"):rep(math.min(N, 15000)) local t = {}`,
      'for i = 1, math.min(M, 1000) do t[s .. (10000 + i)] = i end',
    ],
  ],
  'numbers in strings': [
    ['local s = ("1"):rep(math.min(N, 998))', each('local x = s + 1')],
    ['local s = ("1"):rep(math.min(N, 998)) .. "x"', each('pcall(function() return s + 1 end)')],
    ['local s = (" "):rep(math.min(N, 998)) .. "1"', each('for j = s, s do end')],
  ],
  arithmetic: [
    ['', each('local x = i // 3 % 7 ^ 0.5')],
    ['', each('local x = (2^53 - i) & 0x1fffffffffffff | i << 40')],
    ['', each('local x = ~i ~ i >> 3')],
  ],
  tables: [
    ['', each('local t = { i, i, i, i, x = i, y = i }')],
    ['local t = {}', 'for i = 1, M do t[i] = i end'],
    ['local t = {}', 'for i = 1, M do t[i + 0.5] = i end'],
    ['local t = {} for i = 1, M do t[i] = i end', 'for i = 1, M do t[i] = nil end'],
    ['local t = {} for i = 1, M do t[i] = i end for i = 0, 30 do t[(M + 31) * 2^i] = 1 end', each('local x = #t')],
    [
      'local t = {} for i = 1, M do t[i] = i end for i = M, 1, -1 do t[i] = nil end for i = 1, 3 do t["x" .. i] = i end',
      each('local x = #t'),
    ],
    ['local t = {} for i = 1, M do t[i] = i end for i = 1, M do t[i] = nil end', each('local x = next(t, 1)')],
    ['', 'local t = {} for i = 1, M do t = { t } end'],
  ],
  'lists of values': [
    [MANY, each('local x = { table.unpack(t) }')],
    [`${MANY} local function f(...) return ... end`, each('local x = f(table.unpack(t))')],
    [`${MANY} local function f(...) return select("#", ...) end`, each('local x = f(table.unpack(t))')],
    [`local function f(...) local ${LOCALS} = ... end`, each('f()')],
    [`local function f(${LOCALS}) end`, each('f()')],
    [
      `${MANY} local function f(n, ...) if n == 0 then return ... end return f(n - 1, ...) end`,
      each('f(10, table.unpack(t))'),
    ],
    [
      `${MANY} local c = setmetatable({}, { __call = function(_, ...) return ... end })`,
      each('local x = c(table.unpack(t))'),
    ],
  ],
  functions: [
    ['local t = {}', each('t[i] = function() return t end')],
    [
      `local ${LOCALS} local t = {}`,
      each('t[i] = function() return v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12 end'),
    ],
    [`local t = {}`, each(`local ${locals(60)} t[i] = function() return v1, v2, v3, v4, v5, v6 end`)],
    ['local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end', each('f(math.min(M, 3000))')],
    ['local function f(n) if n > 0 then return f(n - 1) end return 0 end', each('f(math.min(M, 3000))')],
  ],
  metamethods: [
    ['local t = {} for i = 1, 99 do t = setmetatable({}, { __index = t }) end', each('local x = t.nothing')],
    ['local t = setmetatable({}, { __index = function(_, k) return k end })', each('local x = t[i]')],
    [
      'local t = setmetatable({}, { __concat = function(a) return a end, __eq = function() return true end })',
      each('local x = t .. t'),
    ],
    [
      'local m = { __eq = function() return true end, __lt = function() return true end } local a, b = setmetatable({}, m), setmetatable({}, m)',
      each('local x = a == b, a < b'),
    ],
    ['local t = setmetatable({}, { __newindex = function() end })', each('t[i] = i')],
  ],
  errors: [
    ['local t = setmetatable({}, { __name = ("n"):rep(N) })', each('pcall(function() return t + 1 end)')],
    ['local t = { }', each('pcall(function() return t.x.y.z end)')],
    [`local function f() local ${LOCALS} return v1.x end`, each('pcall(f)')],
    [
      'local function f(n) if n == 0 then error("x") end local r = f(n - 1) return r end',
      each('pcall(f, math.min(M, 150))'),
    ],
  ],
  self: [
    [TEXT, each('pcall(function() self.x = s end)')],
    [TEXT, each('pcall(function() self[s] = 1 end)')],
    [TEXT, each('pcall(function() return self[s] end)')],
    ['', each('self.n = i')],
    ['', each('self["k" .. i % 100] = i')],
    ['self.n = 1', each('local x = self.n')],
    ['self.t = { x = { y = 1 } }', each('local x = self.t.x.y')],
    ['for i = 1, math.min(M, 20000) do self[i] = i end', each('local x = #self')],
    ['local t = {} for i = 1, math.min(M, 20000) do t[i] = { i } end', 'self.t = t'],
    ['self.s = ("a"):rep(math.min(N, 1000000))', each('local x = self.s')],
  ],
  call: [
    [
      '',
      each(
        'local x = call.now, call.key, call.type, call.ttl, call.existed, call.isNew, call.unixMs, call.monotonicMs, call.resultLimitBytes',
      ),
    ],
  ],
};
