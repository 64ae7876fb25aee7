// Like hostile-groups.ts, for scripts in the original's style.

const ITEM = (key: string, data: string) => `command:setKey(${key}) command:setData(${data})`;
const OPEN = (body: string) => `executeReadWrite(command, originalKey, "o", "k", function(t) ${body} end)`;
const MAKE =
  'executeNew(command, originalKey, "o", "k", function() local t = {} for i = 1, 1000 do t["k" .. i] = i end return t end)';

export const ORIGINAL_GROUPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'the original store': {
    'items without end': `for i = 1, 1e9 do ${ITEM('"i" .. i', '("x"):rep(1000)')} getHashMap():put(command:newCacheItem()) end`,
    'one item for ever': `${ITEM('"i"', '"x"')} local item = command:newCacheItem() while true do getHashMap():put(item) end`,
    'large items that are kept': `local t = {} for i = 1, 1e9 do ${ITEM('"i"', '("x"):rep(500000) .. i')} t[i] = command:newCacheItem() end`,
    'asking for keys': 'while true do getHashMap():getPrefixMatchingKeys("") end',
    'giving up the oldest': 'while true do getHashMap():deleteLRU(2^40) end',
    'deleting and getting': 'for i = 1, 1e9 do getHashMap():delete("i" .. i) getHashMap():get("i" .. i) end',
    'keys of the command': 'local s = ("k"):rep(2^20) while true do command:setKey(s) local x = command:getKey() end',
    'data that is read back': `${ITEM('"i"', '("x"):rep(2^20)')} while true do local x = command:getData() .. "x" local y = #x end`,
  },
  'original objects': {
    'objects without end':
      'for i = 1, 1e9 do executeNew(command, originalKey, "o", "k" .. i, function() return { i } end) end',
    'an object made anew': `while true do ${MAKE} end`,
    'opening for reading': `${MAKE} while true do executeReadOnly(command, originalKey, "o", "k", function(t) return t.k1 end) end`,
    'writing to a copy': `${MAKE} executeReadOnly(command, originalKey, "o", "k", function(t) for i = 1, 1e9 do t[i] = { i } end end)`,
    'writing in place': `${MAKE} ${OPEN('for i = 1, 1e9 do t[i] = i end')}`,
    'opening within opening': `${MAKE} local function f() ${OPEN('f()')} end while true do pcall(f) end`,
    'a function that never ends': `${MAKE} ${OPEN('while true do end')}`,
    'a new object within a new object':
      'local function f() executeNew(command, originalKey, "o", "k", function() f() return {} end) end while true do pcall(f) end',
    'replies without end': 'while true do writeStringAsValue(command, "k", ("x"):rep(1000)) end',
    'long names of objects':
      'local s = ("k"):rep(2^22) while true do executeReadOnly(command, originalKey, "o", s, type) end',
  },
  'original libraries': {
    'text compiled for ever': 'while true do loadstring("return " .. ("1+"):rep(1000) .. "1") end',
    'text that compiles text': 'local s = "return loadstring(...)(...)" while true do pcall(loadstring(s), s) end',
    'functions kept': 'local t = {} for i = 1, 1e9 do t[i] = loadstring("return " .. i) end',
    'marshalling for ever':
      'local t = {} for i = 1, 1000 do t[i] = { i } end while true do table.unmarshal(table.marshal(t)) end',
    'marshalling what contains itself': 'local t = {} t.t = t while true do pcall(table.marshal, t) end',
    'clones of clones': 'local t = { 1 } while true do t = { table.clone(t), table.clone(t) } end',
    'old varargs':
      'local function f(...) return arg.n end local t = {} for i = 1, 7000 do t[i] = i end while true do f(unpack(t)) end',
    'table.getn and table.maxn':
      'local t = {} for i = 1, 100000 do t[i] = i end while true do table.getn(t) table.maxn(t) end',
    'text that empties the globals':
      'while true do local f = loadstring("local t = ... for k in pairs(t) do t[k] = nil end") pcall(f, _G) end',
  },
};
