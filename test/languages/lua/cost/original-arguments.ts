// Like arguments.ts, for functions that only scripts in the original's style can reach.

import type { Call } from './arguments.js';

const TEXT = 'local s = ("a"):rep(N)';
const OBJECT =
  'executeNew(command, originalKey, "o", "k", function() local t = {} for i = 1, math.min(M, 20000) do t["k" .. i] = "v" .. i end return t end)';
const ITEM = 'command:setKey("i") command:setData(("a"):rep(math.min(N, 200000))) local item = command:newCacheItem()';
const STORED = `${ITEM} getHashMap():put(item)`;

function each(work: string): string {
  return `for i = 1, R do ${work} end`;
}

const command = (name: string, value = ''): Call[] => [[ITEM, each(`local x = command:${name}(${value})`)]];
const item = (name: string): Call[] => [[ITEM, each(`local x = item:${name}()`)]];

export const ORIGINAL_CALLS: Readonly<Record<string, readonly Call[]>> = {
  executeReadOnly: [
    ['', each('executeReadOnly(command, originalKey, "o", "nothing", type)')],
    [OBJECT, 'executeReadOnly(command, originalKey, "o", "k", function(t) t.x = 1 end)'],
    [OBJECT, 'executeReadOnly(command, originalKey, "o", "k", function(t) for k, v in pairs(t) do t[k] = 1 end end)'],
    [TEXT, each('executeReadOnly(command, originalKey, "o", s, type)')],
  ],
  executeReadWrite: [
    [
      OBJECT,
      'executeReadWrite(command, originalKey, "o", "k", function(t) for i = 1, math.min(M, 20000) do t[i] = i end end)',
    ],
  ],
  executeNew: [
    ['', OBJECT],
    [TEXT, each('pcall(executeNew, command, originalKey, "o", s, function() return {} end)')],
  ],
  writeStringAsValue: [
    ['local s = ("a"):rep(math.min(N, 500000))', 'writeStringAsValue(command, "k", s)'],
    [TEXT, 'pcall(writeStringAsValue, command, s, "v")'],
  ],
  getHashMap: [['', each('local x = getHashMap()')]],
  setLogLevel: [['', each('setLogLevel(1)')]],
  newConsistent: [['', each('pcall(newConsistent)')]],
  deleteConsistent: [['', each('pcall(deleteConsistent)')]],
  loadstring: [
    ['local s = ("f()"):rep(math.min(N, 200000) // 3)', 'local f = loadstring(s)'],
    ['local s = "local f = nil return f" .. ("()"):rep(math.min(N, 200000) // 2)', 'local f = loadstring(s) pcall(f)'],
    ['local s = "if a then " .. ("elseif a then "):rep(math.min(N, 200000) // 14) .. "end"', 'local f = loadstring(s)'],
    ['local s = "while 1 do " .. ("break;"):rep(math.min(N, 100000) // 6) .. "end"', 'local f = loadstring(s)'],
    ['local s = "return a" .. (" and a"):rep(math.min(N, 100000) // 6)', 'local f = loadstring(s)'],
    [
      'local s = "while 1 do " .. ("if a then break end "):rep(math.min(N, 100000) // 20) .. "end"',
      'local f = loadstring(s)',
    ],
    [
      'local t = {} for i = 1, math.min(N, 100000) // 8 do t[i] = "::l" .. i .. "::" end local s = table.concat(t, " ")',
      'local f = loadstring(s)',
    ],
    [
      'local t = {} for i = 1, math.min(N, 100000) // 10 do t[i] = "do goto l" .. i .. " end" end local s = table.concat(t, " ")',
      'local f = loadstring(s)',
    ],
    ['local s = "return {" .. ("1,"):rep(math.min(N, 200000) // 2) .. "}"', 'local f = loadstring(s) local x = f()'],
    [
      `local t = {} for i = 1, math.min(N, 200000) // 10 do t[i] = i .. ".5" end local s = "return {" .. table.concat(t, ",") .. "}"`,
      'local f = loadstring(s)',
    ],
    [
      `local t = {} for i = 1, math.min(N, 200000) // 10 do t[i] = "'s" .. i .. "'" end local s = "return {" .. table.concat(t, ",") .. "}"`,
      'local f = loadstring(s)',
    ],
    ['local s = ("("):rep(math.min(N, 200000))', 'local f = loadstring(s)'],
    ['local s = "--" .. ("x"):rep(math.min(N, 200000))', 'local f = loadstring(s)'],
    [`local s = "return '" .. ("\\\\n"):rep(math.min(N, 200000) // 2) .. "'"`, 'local f = loadstring(s)'],
    ['local s = "local x = " .. ("9"):rep(math.min(N, 200000))', 'local f = loadstring(s)'],
    ['local s = ("local function f() return f end "):rep(math.min(N, 200000) // 31)', 'local f = loadstring(s)'],
    ['', each('pcall(loadstring("error(1)", ("n"):rep(N)))')],
    ['local s = ("x"):rep(math.min(N, 200000))', each('local f, m = loadstring(s .. "=", s)')],
  ],
  '(pack)': [
    [
      'local function f(...) return arg.n end local t = {} for i = 1, math.min(M, 7000) do t[i] = i end',
      each('f(unpack(t))'),
    ],
  ],
  'table.maxn': [['local t = {} for i = 1, M do t[i] = i end', each('local x = table.maxn(t)')]],
  'table.getn': [['local t = {} for i = 1, M do t[i] = i end', each('local x = table.getn(t)')]],
  'table.marshal': [
    [TEXT, each('local x = table.marshal({ s, s })')],
    ['local t = {} for i = 1, M do t[i] = i end', 'local x = table.marshal(t)'],
    ['local t = {} for i = 1, M do t["k" .. i] = { i } end', 'local x = table.marshal(t)'],
  ],
  'table.unmarshal': [
    ['local t = {} for i = 1, M do t["k" .. i] = { i } end local s = table.marshal(t)', 'local x = table.unmarshal(s)'],
    ['local s = "\\27CT1{" .. ("n"):rep(N)', each('pcall(table.unmarshal, s)')],
    ['local s = "\\27CT1{" .. ("n1;"):rep(N // 3)', 'pcall(table.unmarshal, s)'],
    ['local s = "\\27CT1" .. ("{n1;"):rep(N // 4)', 'pcall(table.unmarshal, s)'],
    ['local s = "[" .. ("[],"):rep(N // 3) .. "1]"', 'local x = table.unmarshal(s)'],
  ],
  'table.clone': [
    ['local t = {} for i = 1, M do t["k" .. i] = { i } end', 'local x = table.clone(t)'],
    [TEXT, each('local x = table.clone({ s })')],
  ],
  'command:getCommand': command('getCommand'),
  'command:getKey': command('getKey'),
  'command:getKeySize': command('getKeySize'),
  'command:getExpiryTime': command('getExpiryTime'),
  'command:getFlags': command('getFlags'),
  'command:getDelta': command('getDelta'),
  'command:getNoReply': command('getNoReply'),
  'command:getDataSize': command('getDataSize'),
  'command:getData': command('getData'),
  'command:setKey': [[TEXT, each('command:setKey(s) local x = command:getKey()')]],
  'command:setExpiryTime': command('setExpiryTime', '10'),
  'command:setFlags': command('setFlags', '10'),
  'command:setDelta': command('setDelta', '10'),
  'command:setNoReply': command('setNoReply', 'true'),
  'command:setData': [[TEXT, each('command:setData(s) local x = command:getData()')]],
  'command:newCacheItem': [[`${TEXT} command:setData(s)`, each('local x = command:newCacheItem()')]],
  'command:writeCacheItem': [[ITEM, 'command:writeCacheItem(item)']],
  'command:writeString': [['local s = ("a"):rep(math.min(N, 500000))', 'command:writeString(s)']],
  'command:hasMultipleKeys': command('hasMultipleKeys'),
  'command:getMultipleKeys': command('getMultipleKeys'),
  'command:getFromServer': [['', each('pcall(command.getFromServer)')]],
  'command:getInParallel': [['', each('pcall(command.getInParallel)')]],
  'item:getKey': item('getKey'),
  'item:getKeySize': item('getKeySize'),
  'item:getExpiryTime': item('getExpiryTime'),
  'item:getFlags': item('getFlags'),
  'item:getDataSize': item('getDataSize'),
  'item:getData': item('getData'),
  'item:delete': item('delete'),
  'hashMap:get': [
    [STORED, each('local x = getHashMap():get("i")')],
    [TEXT, each('local x = getHashMap():get(s)')],
  ],
  'hashMap:put': [[ITEM, each('getHashMap():put(item)')]],
  'hashMap:delete': [
    ['', each('getHashMap():delete("i")')],
    [TEXT, each('pcall(function() getHashMap():delete(s .. i) end)')],
  ],
  'hashMap:deleteLRU': [['', each('getHashMap():deleteLRU(1)')]],
  'hashMap:getPrefixMatchingKeys': [
    ['', each('local x = getHashMap():getPrefixMatchingKeys("")')],
    [TEXT, each('local x = getHashMap():getPrefixMatchingKeys(s)')],
  ],
};
