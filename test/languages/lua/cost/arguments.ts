// For each function that a script can reach, calls with arguments of the greatest allowed length. In the texts N is a length in bytes, M a
// number of elements, and R the number of repetitions, so that short pieces can be measured.

/** The code before the piece, and the piece. */
export type Call = readonly [setup: string, work: string];

const TEXT = 'local s = ("a"):rep(N)';
/** A concatenation that V8 has not flattened yet. */
const JOINED = 'local s = ("a"):rep(N - 1) .. "b"';
const LIST = 'local t = {} for i = 1, M do t[i] = i end';
const SORTED_BACK = 'local t = {} for i = 1, M do t[i] = M - i end';
const MANY = 'local t = {} for i = 1, math.min(M, 7000) do t[i] = i end';
const STORED_LIST = 'for i = 1, math.min(M, 20000) do self[i] = i end';
const STORED_TABLES = 'for i = 1, math.min(M, 2000) do self[i] = { i, "b" } end';
const FIELDS = 'for i = 1, math.min(M, 20000) do self["k" .. i] = "v" .. i end';

function each(work: string): string {
  return `for i = 1, R do ${work} end`;
}

function numeric(name: string, second = ''): Call[] {
  return [
    ['', each(`local x = math.${name}(i + 0.5${second})`)],
    [TEXT.replace('"a"', '"1"'), each(`pcall(math.${name}, s${second})`)],
    ['', each(`pcall(math.${name}, 1e300${second})`)],
  ];
}

const SEARCH: Call[] = [
  [JOINED, each('local x = s:NAME("b")')],
  [TEXT, each('local x = s:NAME("[^a]")')],
  [TEXT, each('local x = s:NAME(("a?"):rep(20) .. ("a"):rep(20))')],
  [TEXT, each('pcall(s.NAME, s, ".-.-b")')],
  [`${TEXT} local p = "[" .. ("x"):rep(N - 3) .. "]?"`, each('pcall(string.NAME, "", p)')],
  [`${TEXT} local p = ("[" .. ("x"):rep(N // 8) .. "]?"):rep(8)`, each('pcall(string.NAME, "y", p)')],
  [TEXT, each('pcall(s.NAME, s, ("(a)"):rep(32))')],
  [TEXT, each('local x = s:NAME("(.*)")')],
  [TEXT, each('local x = s:NAME("^(.-)%1$")')],
  ['local s = ("("):rep(N)', each('local x = s:NAME("%b()")')],
  [TEXT, each('local x = s:NAME("%f[b]a*")')],
];

function searching(name: string): Call[] {
  return SEARCH.map(([setup, work]) => [setup, work.replaceAll('NAME', name)]);
}

const CASE = (name: string): Call[] => [
  [JOINED, each(`local x = s:${name}()`)],
  [TEXT, each(`local x = #s:${name}():sub(1, 1)`)],
];

const SPLIT: Call[] = ['gmatch', 'gfind'].flatMap((name) => [
  [TEXT, `for m in string.${name}(s, "a") do end`],
  [TEXT, `for a, b, c in string.${name}(s, "(a)()(a)") do end`],
  [`${TEXT} local p = "[" .. ("x"):rep(N - 3) .. "]"`, `for m in string.${name}("yyy", p) do end`],
]);

const BOARD =
  'local b = object.ordered(self, "board") for i = 1, math.min(M, 5000) do b:set("m" .. i, (i * 7919) % 1000) end';
const BY_BYTES =
  'local b = object.ordered(self, "board", "bytes") for i = 1, math.min(M, 1000) do b:set(("m"):rep(900) .. i, 1) end';

function indexed(work: string): Call[] {
  return [BOARD, BY_BYTES].map((setup) => [setup, each(work)]);
}

/** Methods of ordered indexes. */
const ORDERED: Readonly<Record<string, readonly Call[]>> = {
  'ordered:count': indexed('local x = b:count()'),
  'ordered:set': [
    ...indexed('b:set("new" .. i, i % 100)'),
    ...indexed('b:set("m" .. 1 + i % 500, i % 77)'),
    ...indexed('b:set(("m"):rep(900) .. i % 1000, i % 3)'),
    [`${TEXT} ${BOARD}`, each('pcall(b.set, b, s, 1)')],
  ],
  'ordered:get': [...indexed('local x = b:get("m" .. i)'), [`${TEXT} ${BOARD}`, each('pcall(b.get, b, s)')]],
  'ordered:highest': [
    ...indexed('local x = b:highest("m1,m2,m" .. i, ",")'),
    ...indexed('local x = b:highest(("m"):rep(900) .. i % 1000 .. ",m1", ",")'),
    [`${TEXT} ${BOARD}`, each('pcall(b.highest, b, s, ",")')],
    [`${BOARD} local s = ("m1,"):rep(N // 100)`, 'local x = b:highest(s, ",")'],
  ],
  'ordered:delete': [...indexed('b:delete("m" .. i)'), ...indexed('b:delete(("m"):rep(900) .. i)')],
  'ordered:rank': [
    ...indexed('local x = b:rank("m7", "descending")'),
    ...indexed('local x = b:rank(("m"):rep(900) .. i)'),
  ],
  'ordered:at': indexed('local x, y = b:at(i)'),
  'ordered:range': [...indexed('local x = b:range(1, 10, "descending")'), ...indexed('local x = b:range(1, -1)')],
  'ordered:members': [...indexed('local x = b:members(1, 10)'), ...indexed('local x = b:members(1, -1, "descending")')],
  'ordered:join': [
    ...indexed('local x = b:join(1, 10, "descending", "\\r\\n")'),
    ...indexed('local x = b:join(1, -1, "ascending", ",", "=")'),
  ],
  'ordered:between': [
    ...indexed('local x = b:between(1, 3)'),
    ...indexed('local x = b:between(0, 1000, "descending", 100)'),
  ],
  'ordered:countBetween': indexed('local x = b:countBetween(1, i)'),
  'ordered:first': indexed('local x, y = b:first()'),
  'ordered:last': indexed('local x, y = b:last()'),
  'ordered:popFirst': indexed('local x, y = b:popFirst()'),
  'ordered:popLast': indexed('local x, y = b:popLast()'),
};

const ARRAY = 'local n = math.min(N, 400000) local b = object.bytes(self, "bytes", n) b:fill(90, 0, n - n // 8)';
const UNWRITTEN = 'local n = math.min(N, 400000) local b = object.bytes(self, "bytes", n)';
const OTHER_ARRAY = `${ARRAY} local o = object.bytes(self, "other", n) o:fill(165, n // 8)`;

function inArray(work: string): Call[] {
  return [ARRAY, UNWRITTEN].map((setup) => [setup, each(work)]);
}

/** Methods of byte arrays. */
const BYTES: Readonly<Record<string, readonly Call[]>> = {
  'bytes:length': inArray('local x = b:length()'),
  'bytes:getU8': [...inArray('local x = b:getU8(i % n)'), [ARRAY, each('pcall(b.getU8, b, n)')]],
  'bytes:setU8': [...inArray('b:setU8(i % n, 1)'), ...inArray('b:setU8(i * 1024 % n, 1)')],
  'bytes:getU16': inArray('local x = b:getU16(i % (n - 1))'),
  'bytes:setU16': [...inArray('b:setU16(i % (n - 1), 1)'), ...inArray('b:setU16((i * 1024 - 1) % (n - 1), 1)')],
  'bytes:getU32': inArray('local x = b:getU32(i % (n - 3))'),
  'bytes:setU32': [...inArray('b:setU32(i % (n - 3), 1)'), ...inArray('b:setU32((i * 1024 - 1) % (n - 3), 1)')],
  'bytes:getF64': inArray('local x = b:getF64(i % (n - 7))'),
  'bytes:setF64': [...inArray('b:setF64(i % (n - 7), 0.1)'), ...inArray('b:setF64((i * 1024 - 1) % (n - 7), 1)')],
  'bytes:getBit': inArray('local x = b:getBit(i % n)'),
  'bytes:setBit': [...inArray('local x = b:setBit(i % n)'), ...inArray('b:setBit(i * 8192 % n)')],
  'bytes:setHashed': [...inArray('b:setHashed(i * 77777 % 4294967296, i, 7)'), ...inArray('b:setHashed(i, i, 255)')],
  'bytes:hasHashed': [...inArray('b:hasHashed(i * 77777 % 4294967296, i, 7)'), ...inArray('b:hasHashed(i, i, 255)')],
  'bytes:countBits': [...inArray('local x = b:countBits()'), ...inArray('local x = b:countBits(i % 10, 10)')],
  'bytes:read': [
    ...inArray('local x = b:read(i % 10, n // 2)'),
    [ARRAY, each('pcall(b.read, b, n, i)')],
    [ARRAY, 'local x = b:read()'],
    [UNWRITTEN, 'local x = b:read()'],
  ],
  'bytes:write': [
    ...inArray('b:write(i % 10, "hello")'),
    [`${ARRAY} local s = ("a"):rep(n)`, 'b:write(0, s)'],
    [`${UNWRITTEN} local s = ("a"):rep(n - 1) .. "b"`, 'b:write(0, s)'],
    [`${TEXT} ${ARRAY}`, each('pcall(b.write, b, i, s)')],
  ],
  'bytes:fill': [
    ...inArray('b:fill(7, i % 10, n // 2)'),
    [ARRAY, each('pcall(b.fill, b, n, i)')],
    [ARRAY, 'b:fill(1)'],
    [UNWRITTEN, 'b:fill(1)'],
  ],
  'bytes:compare': [
    [OTHER_ARRAY, each('local x = b:compare(o)')],
    [ARRAY, each('local x = b:compare(b)')],
  ],
  'bytes:orWith': [
    [OTHER_ARRAY, 'b:orWith(o)'],
    [OTHER_ARRAY, 'object.bytes(self, "new", n):orWith(o)'],
  ],
  'bytes:maxWith': [
    [OTHER_ARRAY, 'b:maxWith(o)'],
    [OTHER_ARRAY, 'object.bytes(self, "new", n):maxWith(o)'],
  ],
};

/** By the name under which a script finds the function. */
export const CALLS: Readonly<Record<string, readonly Call[]>> = {
  type: [[TEXT, each('local x = type(s)')]],
  tostring: [
    ['', each('local x = tostring(i + 0.1)')],
    [JOINED, each('local x = tostring(s)')],
    ['local t = setmetatable({}, { __tostring = function() return ("x"):rep(N) end })', each('local x = tostring(t)')],
  ],
  tonumber: [
    ['local s = ("1"):rep(math.min(N, 998)) .. "x"', each('local x = tonumber(s)')],
    ['local s = (" "):rep(N)', each('local x = tonumber(s)')],
    ['local s = ("A"):rep(N)', each('local x = tonumber(s, 36)')],
    ['local s = "0x" .. ("f"):rep(math.min(N, 990))', each('local x = tonumber(s)')],
    ['local s = ("9"):rep(math.min(N, 900)) .. "e" .. ("9"):rep(90)', each('local x = tonumber(s)')],
  ],
  select: [
    [MANY, each('local x = select("#", table.unpack(t))')],
    [MANY, each('local x = select(-1, table.unpack(t))')],
  ],
  error: [
    [TEXT, each('pcall(error, s)')],
    ['local f = function() error(("a"):rep(N), 1) end', each('pcall(f)')],
    [
      'local function f(n) if n > 0 then return 1 + f(n - 1) end error("x", 150) end',
      each('pcall(f, math.min(M, 150))'),
    ],
  ],
  assert: [
    [TEXT, each('pcall(assert, false, s)')],
    [MANY, each('local x = assert(table.unpack(t))')],
  ],
  next: [
    [LIST, each('local x = next(t)')],
    [`${LIST} for i = 1, M do t[i] = nil end`, each('local x = next(t, 1)')],
    [TEXT, each('local t = { [s .. i] = 1 } local x = next(t)')],
  ],
  pairs: [
    [LIST, 'for k, v in pairs(t) do end'],
    [FIELDS, 'for k, v in pairs(self) do end'],
    ['local t = setmetatable({}, { __pairs = function() return next, {}, nil end })', each('for k in pairs(t) do end')],
  ],
  ipairs: [
    [LIST, 'for i, v in ipairs(t) do end'],
    ['for i = 1, math.min(M, 20000) do self[i] = i end', 'for i, v in ipairs(self) do end'],
  ],
  rawget: [
    [LIST, each('local x = rawget(t, i)')],
    [`${TEXT} local t = { [s] = 1 }`, each('local x = rawget(t, s)')],
    [`${JOINED} local t = { [("a"):rep(N - 1) .. "b"] = 1 }`, each('local x = rawget(t, s)')],
  ],
  rawset: [
    ['local t = {}', each('rawset(t, i, i)')],
    [`${TEXT} local t = {}`, each('rawset(t, s .. i, i)')],
  ],
  rawlen: [
    [JOINED, each('local x = rawlen(s)')],
    [LIST, each('local x = rawlen(t)')],
    [FIELDS, each('local x = rawlen(self)')],
  ],
  rawequal: [[`${JOINED} local u = ("a"):rep(N - 1) .. "b"`, each('local x = rawequal(s, u)')]],
  getmetatable: [['local t = setmetatable({}, {})', each('local x = getmetatable(t)')]],
  setmetatable: [['local m = {}', each('local x = setmetatable({}, m)')]],
  collectgarbage: [['', each('collectgarbage()')]],
  pcall: [
    ['', each('pcall(type)')],
    ['local f = function() local x = nil; return x.y end', each('pcall(f)')],
    [MANY, each('pcall(type, table.unpack(t))')],
    ['local f = function() return 1 + pcall() end', each('pcall(pcall, pcall, pcall, f)')],
  ],
  xpcall: [
    ['', each('xpcall(error, type)')],
    ['', each('xpcall(error, error)')],
    [TEXT, each('xpcall(error, function(m) return m end, s)')],
  ],
  print: [[TEXT, 'print(s, s, s, s, s, s, s, s)']],
  unpack: [[MANY, each('local x = unpack(t)')]],
  'string.find': [
    ...searching('find'),
    [`${TEXT} local n = "ab" .. ("a"):rep(math.min(N, 4094))`, each('local x = s:find(n, 1, true)')],
    [`${TEXT} local n = ("a"):rep(N // 2) .. "b"`, each('local x = s:find(n, 1, true)')],
    [`${TEXT} local n = "b" .. ("a"):rep(N // 2)`, each('local x = s:find(n, 1, true)')],
    [TEXT, each('local x = s:find("aab", 1, true)')],
    [TEXT, each('local x = s:find("aaaaaaab", 1, true)')],
    [TEXT, each('local x = ("x"):find(s)')],
  ],
  'string.match': searching('match'),
  'string.gmatch': SPLIT.filter(([, work]) => work.includes('gmatch')),
  'string.gfind': SPLIT.filter(([, work]) => work.includes('gfind')),
  'string.gsub': [
    [TEXT, 'local x = s:gsub("a", "b")'],
    [TEXT, 'local x = s:gsub("a", "%0%0")'],
    [TEXT, 'local x = s:gsub("a", { a = "b" })'],
    [TEXT, 'local x = s:gsub("a", function(c) return c end)'],
    [TEXT, 'local x = s:gsub("", "-")'],
    [TEXT, each('local x = s:gsub(".*", "%0%0%0")')],
    ['local p = ("a"):rep(N) .. "%%"', each('local x = ("x"):gsub("y", p)')],
    ['local p = ("%%"):rep(N // 2)', each('local x = ("x"):gsub("x", p)')],
    [JOINED, each('local x = s:gsub("b", "c")')],
  ],
  'string.sub': [
    [TEXT, each('local x = s:sub(2)')],
    [JOINED, each('local x = s:sub(1, 100)')],
    [`${TEXT} local t = {}`, each('t[i % 100] = s:sub(i, i + 40)')],
  ],
  'string.byte': [[TEXT, each('local x = s:byte(1, 7000)')]],
  'string.char': [
    ['local t = {} for i = 1, math.min(M, 7000) do t[i] = 65 end', each('local x = string.char(unpack(t))')],
  ],
  'string.rep': [
    ['', each('local x = ("a"):rep(N)')],
    ['', each('local x = ("a"):rep(N // 2, "b")')],
    ['', each('local x = #("a"):rep(N):upper()')],
    ['', each('local x = (""):rep(N)')],
  ],
  'string.len': [[JOINED, each('local x = s:len()')]],
  'string.format': [
    ['local s = ("%%"):rep(N // 2)', 'local x = s:format()'],
    [TEXT, each('local x = ("%s%s"):format(s, s)')],
    ["local s = ('\"'):rep(N)", each('local x = ("%q"):format(s)')],
    ['local s = ("\\0"):rep(N)', each('local x = ("%q"):format(s)')],
    [TEXT, each('local x = ("%q"):format(s)')],
    ['', each('local x = ("%99.99f%99.99e%99.99g%a"):format(1e300, 1e-300, 0.1, 0.1)')],
    ['', each('local x = ("%d%x%o%i"):format(2^53, -1, 1e15, -2^63)')],
    [TEXT, each('pcall(string.format, s .. "%y", 1)')],
    ['local s = ("%d"):rep(math.min(M, 100))', each(`local x = s:format(${'1, '.repeat(99)}1)`)],
    ['local s = ("%99.99f"):rep(math.min(M, 100))', each(`local x = s:format(${'1e300, '.repeat(99)}1)`)],
  ],
  'string.upper': CASE('upper'),
  'string.lower': CASE('lower'),
  'string.reverse': CASE('reverse'),
  'table.concat': [
    [LIST, 'local x = table.concat(t, ",")'],
    [TEXT, each('local x = table.concat({ s, s }, s)')],
    [TEXT, each('local x = #table.concat({ "x", s, "y" }):sub(2)')],
    [TEXT, each('pcall(table.concat, { s, s, s, s, s, s, s, s })')],
  ],
  'table.insert': [
    [LIST, each('table.insert(t, i)')],
    [LIST, 'table.insert(t, 1, 0)'],
    [STORED_LIST, 'table.insert(self, 1, 0)'],
    [STORED_LIST, each('table.insert(self, i)')],
    ['', each('table.insert(self, { i, "b" })')],
  ],
  'table.remove': [
    [LIST, each('table.remove(t)')],
    [LIST, 'table.remove(t, 1)'],
    [STORED_LIST, 'table.remove(self, 1)'],
    [STORED_LIST, each('table.remove(self)')],
    [STORED_TABLES, 'table.remove(self, 1)'],
  ],
  'table.move': [
    [LIST, 'table.move(t, 1, M, 2)'],
    [LIST, 'table.move(t, 1, M, 1, {})'],
  ],
  'table.pack': [[MANY, each('local x = table.pack(table.unpack(t))')]],
  'table.unpack': [[MANY, each('local x = table.unpack(t)')]],
  'table.sort': [
    [SORTED_BACK, 'table.sort(t)'],
    [SORTED_BACK, 'table.sort(t, function(a, b) return a > b end)'],
    ['local t = {} for i = 1, math.min(M, 100) do t[i] = ("a"):rep(N // 100) .. i end', 'table.sort(t)'],
    [LIST, 'table.sort(t, function() return true end)'],
  ],
  ...Object.fromEntries(
    [
      'abs',
      'acos',
      'asin',
      'ceil',
      'cos',
      'cosh',
      'deg',
      'exp',
      'floor',
      'frexp',
      'log',
      'log10',
      'modf',
      'rad',
      'sin',
      'sinh',
    ]
      .concat(['sqrt', 'tan', 'tanh', 'tointeger', 'type', 'atan'])
      .map((name) => [`math.${name}`, numeric(name)]),
  ),
  ...Object.fromEntries(
    ['atan2', 'fmod', 'ldexp', 'mod', 'pow', 'ult'].map((name) => [`math.${name}`, numeric(name, ', 2')]),
  ),
  'math.max': [[MANY, each('local x = math.max(table.unpack(t))')]],
  'math.min': [[MANY, each('local x = math.min(table.unpack(t))')]],
  'math.random': [['', each('local x = math.random(1, 100)')]],
  'math.randomseed': [['', each('math.randomseed(i)')]],
  'os.time': [
    ['', each('local x = os.time()')],
    ['', each('local x = os.time({ year = 2024, month = i, day = 1, isdst = i % 2 == 0 })')],
  ],
  'os.date': [
    ['', each('local x = os.date()')],
    ['local f = ("%Z"):rep(math.min(M, 500))', each('local x = os.date(f, i)')],
    ['local f = ("%c"):rep(math.min(M, 500))', each('local x = os.date(f, i)')],
    ['local f = ("%V%G"):rep(math.min(M, 250))', each('local x = os.date(f, i)')],
    ['', each('local x = os.date("*t", i * 1e6)')],
    [TEXT, each('pcall(os.date, s)')],
  ],
  'os.clock': [['', each('local x = os.clock()')]],
  'os.difftime': [['', each('local x = os.difftime(i, 1)')]],
  'coroutine.create': [
    ['', each('local c = coroutine.create(type)')],
    ['local t = {}', each('t[i] = coroutine.create(type)')],
  ],
  'coroutine.wrap': [
    ['', each('coroutine.wrap(function() end)()')],
    ['local t = {}', each('t[i] = coroutine.wrap(coroutine.yield) t[i]()')],
    [TEXT, each('pcall(coroutine.wrap(function() error(s) end))')],
  ],
  'coroutine.resume': [
    [MANY, each('coroutine.resume(coroutine.create(type), table.unpack(t))')],
    [
      'local function deep(n) if n == 0 then coroutine.yield() return 1 end local r = deep(n - 1) return r end local t = {}',
      each('local c = coroutine.create(deep) coroutine.resume(c, math.min(M, 150)) t[i] = c'),
    ],
  ],
  'coroutine.yield': [
    ['local f = coroutine.wrap(function() while true do coroutine.yield() end end)', each('f()')],
    [
      `${MANY} local f = coroutine.wrap(function() while true do coroutine.yield(table.unpack(t)) end end)`,
      each('f()'),
    ],
  ],
  'coroutine.status': [['local c = coroutine.create(type)', each('local x = coroutine.status(c)')]],
  'coroutine.isyieldable': [['', each('local x = coroutine.isyieldable()')]],
  'coroutine.running': [['', each('local x = coroutine.running()')]],
  'object.count': [[FIELDS, each('local x = object.count(self)')]],
  'object.has': [
    [FIELDS, each('local x = object.has(self, "k1")')],
    [TEXT, each('pcall(object.has, self, s)')],
  ],
  'object.delete': [
    [FIELDS, each('object.delete(self, "k" .. i)')],
    [TEXT, each('pcall(object.delete, self, s)')],
  ],
  'object.add': [
    ['', each('object.add(self, "n", 1)')],
    [FIELDS, each('object.add(self, "n" .. i % 500, 0.5)')],
    [FIELDS, each('pcall(object.add, self, "k1", 1)')],
    [TEXT, each('pcall(object.add, self, s, 1)')],
    [TEXT, each('pcall(object.add, self, "n", s)')],
  ],
  'object.splice': [
    [STORED_LIST, 'local x = object.splice(self, 1)'],
    [STORED_LIST, 'local x = object.splice(self, 1, 1)'],
    [STORED_LIST, each('object.splice(self, -2, 1, i, i)')],
    [STORED_TABLES, 'local x = object.splice(self, 2, 100, 1)'],
    [`${STORED_LIST} ${MANY}`, 'object.splice(self, 3, 0, table.unpack(t))'],
    [TEXT, each('pcall(object.splice, self, 1, 1, s)')],
  ],
  'object.clear': [[FIELDS, 'object.clear(self)']],
  'object.ordered': [
    ['', each('local x = object.ordered(self, "board")')],
    ['', each('local x = object.ordered(self, "board" .. i)')],
    [FIELDS, 'object.ordered(self, "board")'],
    [TEXT, each('pcall(object.ordered, self, s)')],
    [TEXT, each('pcall(object.ordered, self, "board", s)')],
  ],
  ...ORDERED,
  'object.bytes': [
    ['', each('local x = object.bytes(self, "bytes", 1000)')],
    ['', each('local x = object.bytes(self, "bytes" .. i, N)')],
    [FIELDS, 'object.bytes(self, "bytes", N)'],
    [TEXT, each('pcall(object.bytes, self, s, 10)')],
    [TEXT, each('pcall(object.bytes, self, "bytes", s)')],
  ],
  ...BYTES,
  'object.join': [
    [FIELDS, 'local x = object.join(self, "entries", "\\r\\n", " : ")'],
    [`${FIELDS} local s = ("a"):rep(math.min(N, 100))`, 'local x = object.join(self, "keys", s)'],
  ],
  'json.encode': [
    ['local s = ("\\1"):rep(math.min(N, 2500000))', each('local x = json.encode(s)')],
    ['local s = ("\\200"):rep(math.min(N, 2500000))', each('pcall(json.encode, s)')],
    [TEXT, each('local x = json.encode(s)')],
    [LIST, 'local x = json.encode(t)'],
    ['local t = {} for i = 1, M do t["k" .. i] = i + 0.1 end', 'local x = json.encode(t)'],
    ['local t = {} for i = 1, M do t[i] = {} end', 'local x = json.encode(t)'],
    [FIELDS, 'local x = json.encode(self)'],
  ],
  'json.array': [['local t = {}', each('local x = json.array(t)')]],
  'json.decode': [
    ['local s = "[" .. ("1,"):rep(N // 2) .. "1]"', 'local x = json.decode(s)'],
    ['local s = "[" .. ("[],"):rep(N // 3) .. "1]"', 'local x = json.decode(s)'],
    ['local s = ("["):rep(N // 2) .. ("]"):rep(N // 2)', 'pcall(json.decode, s)'],
    ['local s = ("["):rep(N)', 'pcall(json.decode, s)'],
    [`local s = '"' .. ("\\\\u00e9"):rep(N // 6) .. '"'`, 'local x = json.decode(s)'],
    [`local s = '"' .. ("a"):rep(N) .. '"'`, 'local x = json.decode(s)'],
    ['local s = "{" .. (\'"a":{},\'):rep(N // 7) .. \'"b":1}\'', 'local x = json.decode(s)'],
  ],
  'call.open': [
    ['', each('local x = call.open("t", "nothing")')],
    [TEXT, each('pcall(call.open, "t", s)')],
    [TEXT, each('pcall(call.open, s, "k")')],
    ['', each('local x = call.open("t", "key" .. i % 50, "upsert")')],
    ['', each('local x = call.open("t", ("k"):rep(240) .. i % 200, "upsert") x.n = 1')],
  ],
  'call.exists': [
    ['', each('local x = call.exists("t", "k" .. i)')],
    [TEXT, each('local x = call.exists("t", s)')],
  ],
  'call.create': [
    ['', each('local x = call.create("t", "made")')],
    ['', each('local x = call.create("t", ("k"):rep(200) .. i % 100)')],
    [TEXT, each('call.create("t", s)')],
  ],
  'call.remove': [
    ['', each('local x = call.remove("t", "nothing")')],
    ['', each('call.create("t", "made").n = 1 local x = call.remove("t", "made")')],
    [TEXT, each('local x = call.remove("t", s .. "k")')],
    ['', 'call.remove()'],
  ],
  'call.invoke': [
    ['', each('local x = call.invoke("t", "size", "k")')],
    [TEXT, each('local x = call.invoke("t", "size", "k", { text = s })')],
    [LIST, 'for i = 1, math.min(R, 20) do local x = call.invoke("t", "list", "k", { list = t }) end'],
    [FIELDS, 'for i = 1, math.min(R, 20) do local x = call.invoke("t", "whole", call.key) end'],
    [TEXT, 'call.invoke("t", s, "k")'],
    [TEXT, 'call.invoke("t", "size", s)'],
    [TEXT, 'call.invoke("t", "size", "k", { [s] = 1 })'],
    ['', 'call.invoke("t", "failing", "k")'],
  ],
  'call.value': [
    ['', each('local x = call.value("nothing")')],
    ['call.setValue("v", ("a"):rep(math.min(N, 1000000)))', each('local x = call.value("v")')],
    [TEXT, each('local x = call.value(s .. "k")')],
  ],
  'call.setValue': [
    ['', each('call.setValue("v" .. i, "x")')],
    ['local s = ("a"):rep(math.min(N, 1000000))', each('call.setValue("v", s)')],
    [TEXT, 'call.setValue(s .. "k", "x")'],
  ],
  'call.deleteValue': [
    ['', each('local x = call.deleteValue("v" .. i)')],
    ['call.setValue("v", "x")', each('local x = call.deleteValue("v")')],
  ],
  'call.words': [
    ['', each('local x = call.words("OK", i, 1e15)')],
    [TEXT, each('local x = call.words("OK", s, i)')],
    [TEXT, 'local x = call.words(s, s, s, s, s, s, s, s, s, s)'],
    [LIST, each('local x = call.words(table.unpack(t, 1, math.min(M, 100)))')],
    [TEXT, each('pcall(call.words, s, {})')],
  ],
  'call.log': [[TEXT, 'call.log(s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s)']],
  'call.refuse': [[TEXT, 'call.refuse(s)']],
  'call.sequence': [['', each('call.sequence()')]],
  'call.random': [['', each('call.random()')]],
  'call.randomKey': [['', each('call.randomKey(self)')]],
  'call.hash64': [
    [TEXT, 'call.hash64(s)'],
    ['local s = ("a"):rep(60)', each('call.hash64(s)')],
    ['', each('call.hash64("")')],
  ],
  'call.expire': [['', each('call.expire(i)')]],
  'call.pin': [['', each('call.pin()')]],
  'call.unpin': [['', each('call.unpin()')]],
  'call.abandon': [['', each('call.abandon()')]],
};
