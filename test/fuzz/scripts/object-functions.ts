// Random functions of the kind that is compiled to JavaScript, which are called in every way: by natives, as metamethods, iterators, comparators and
// handlers, in coroutines. They use objects of the cache, methods of strings and of `call`, and errors of any kind. With fewer functions of
// Lua and more arithmetic: plain-functions.ts.

import type { Random } from '../../bench/load/random.js';
import { definitionOf } from './object-grammar.js';

const FUNCTIONS = 6;

/** `last` is the last function: it must not be run by what it runs itself, more than a few times. */
const HEAD = `local floor, i, up, text, deep, me, host, keep, kept = math.floor, 5, 1, "text", 0
local function via(f, ...) return f(...) end
function keep(x) local y = x kept = function(z) y = z or y x = { x } return y, x end return kept end
kept = type
local plus = setmetatable({}, { __call = function(_, ...) return ... end })
local meta, list = {}, { 1, 2, "three", x = 4, y = { x = 5 } }
function list.m(self, ...) return ... end
list.l = list
local special, last = setmetatable({ x = 1, l = { 3, 2, 1 } }, meta)
for _, event in ipairs({ "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "shl", "bnot", "concat", "eq", "lt", "le", "len", "call",
  "index", "newindex", "tostring" }) do
  meta["__" .. event] = function(x, y, z)
    if deep >= 6 then return event end
    deep = deep + 1
    return last(0, y, event)
  end
end
local function guard(f)
  return function(x, y, z)
    if deep >= 6 then return x end
    deep = deep + 1
    return f(0, x, y)
  end
end
local function handler(m) return type(m) == "table" and m or "handled " .. tostring(m) end
local function step(limit, at) if at < limit then return at + 1, limit end end
`;

const SHOWN = `local function shown(v, depth)
  if type(v) == "function" then return "f" end
  if type(v) == "thread" or type(v) == "userdata" then return type(v) end
  if v == special then return "special" end
  if type(v) ~= "table" then return type(v) == "string" and "'" .. v .. "'" or tostring(v) end
  if depth > 1 then return "{}" end
  local parts, n = {}, 0
  for k, w in pairs(v) do n = n + 1 if n > 6 then break end parts[n] = shown(k, depth + 1) .. "=" .. shown(w, depth + 1) end
  return "{" .. table.concat(parts, ",") .. "}"
end
local function all(...) local r = {} for j = 1, select("#", ...) do r[j] = shown((select(j, ...)), 0) end return table.concat(r, " "):sub(1, 300) end
`;

/** The functions of a file, and the body of a method that calls them. */
export function objectFunctions(random: Random): { readonly functions: string; readonly body: string } {
  const names = Array.from({ length: FUNCTIONS }, (_, index) => `f${index}`);
  const all = names.map((name, index) => definitionOf(random, name, names.slice(index + 1)));
  const hooks = `last = ${names[FUNCTIONS - 1]}\n`;
  const body = `me, host = self, call self.l = self.l or { 1, 2, 3 } local r, c = {}, coroutine
  local function note(...) local _, line = pcall(all, ...) r[#r + 1] = tostring(line) end
  for _, f in ipairs({ ${names.join(', ')} }) do
    for j, x in ipairs({ 3, "7", special, self }) do
      deep = 0
      note(pcall(f, j % 3, x, list))
    end
    deep = 0
    note(xpcall(f, handler, 1, text, self.l))
    local co = c.create(f) for j = 1, 3 do note(c.resume(co, 1, 3, special)) end
    deep = 0
    note(pcall(table.sort, { 3, 1, 2, 5, 4 }, guard(f)))
    note(pcall(string.gsub, "abc", "%w", guard(f)))
    note(pcall(function() local m = 0 for k, v in f, 1, 2 do m = m + 1 if m > 3 then break end note(k, v) end end))
    local t = setmetatable({}, { __index = guard(f), __newindex = f, __call = f, __concat = f, __unm = f, __len = f, __eq = f, __lt = f, __le = f })
    note(pcall(function() t.x = 1 return t.y, #t, -t, t .. 1, t == special, t < 1, t <= 1, t(1, 2) end))
  end
  return table.concat(r, "|")`;
  return { functions: `${HEAD}local ${names.join(', ')}\n${all.join('\n')}\n${hooks}${SHOWN}`, body };
}
