// An object type whose methods do what their argument says, step by step: opening and removing objects, calling methods, storing values. It
// exists in both languages, so that one list of steps can be compared in both.

import { loadLuaType } from '../../src/languages/lua/host/lua-type.js';
import type { LoadedType } from '../../src/objects/types/loaded-type.js';
import { type AnyMethod, type CallContext, method, type Table } from '../../src/objects/types/object-type.js';
import { typeOf } from './types-for-tests.js';

export type Language = 'TypeScript' | 'Lua';
export const LANGUAGES: readonly Language[] = ['TypeScript', 'Lua'];

export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** `handle` is the name of a table that an earlier step has opened; `self` is the method's own. The result of each step is in the result of the
    method, null for none. */
export type Step =
  | readonly ['open', handle: string, type: string, key: string, access?: string]
  | readonly ['create', handle: string, type: string, key: string]
  | readonly ['exists', type: string, key: string]
  | readonly ['remove', type?: string, key?: string]
  | readonly ['set', handle: string, field: string, value: Value]
  | readonly ['get' | 'delete', handle: string, field: string]
  | readonly ['content', handle: string]
  | readonly ['invoke', type: string, method: string, key: string, args?: { readonly [name: string]: Value }]
  | readonly ['value' | 'deleteValue', key: string]
  | readonly ['setValue', key: string, bytes: string, seconds?: number]
  | readonly ['call', member: 'key' | 'type' | 'isNew' | 'existed' | 'ttlSeconds' | 'unixMs']
  | readonly ['expire', seconds: number]
  | readonly ['refuse' | 'throw', message: string]
  /** Catches what the language lets a method catch. */
  | readonly ['try', step: Step]
  /** Makes this the result of the method. */
  | readonly ['return', value: Value]
  | readonly ['returnSelf' | 'abandon' | 'returnNothing'];

export function composerIn(language: Language, name: string): LoadedType {
  return language === 'Lua' ? inLua(name) : inTypeScript(name);
}

/** The methods that take steps, by their access. */
const METHODS = { make: 'create', read: 'read', write: 'write', upsert: 'upsert' } as const;

function inTypeScript(name: string): LoadedType {
  const methods = Object.entries(METHODS).map(([word, access]): [string, AnyMethod] => [
    word,
    method({
      access,
      parameters: { steps: { type: 'array' } },
      run: (self, { steps }, call) => performed(self, steps as readonly Step[], call),
    }),
  ]);
  const echo = method({
    access: 'upsert',
    parameters: {
      text: { type: 'string', default: 'none' },
      count: { type: 'integer', minimum: 1, default: 1 },
      ratio: { type: 'number', default: 0.5 },
      yes: { type: 'boolean', default: false },
    },
    run: (_self, { text, count, ratio, yes }) => [text, count, ratio, yes],
  });
  const nest = method({
    access: 'upsert',
    parameters: { list: { type: 'array' }, object: { type: 'object' } },
    run: (_self, { list, object }) => ({ list, object }),
  });
  const needy = method({
    access: 'upsert',
    parameters: { first: { type: 'string', minLength: 2 }, second: { type: 'string' } },
    run: (_self, { first, second }) => first + second,
  });
  const recur = method({
    access: 'upsert',
    parameters: { depth: { type: 'integer' }, type: { type: 'string' }, other: { type: 'string' } },
    run(_self, { depth, type, other }, call): number {
      if (depth === 0) return 0;
      return 1 + (call.invoke(type, 'recur', call.key, { depth: depth - 1, type: other, other: type }) as number);
    },
  });
  return typeOf(name, { ...Object.fromEntries(methods), echo, nest, needy, recur });
}

function performed(self: Table, steps: readonly Step[], call: CallContext): never {
  const handles = new Map<string, Table | undefined>([['self', self]]);
  const results: unknown[] = [];
  for (const step of steps) {
    if (step[0] === 'return') return step[1] as never;
    if (step[0] === 'returnSelf') return self as never;
    if (step[0] === 'returnNothing') return undefined as never;
    results.push(perform(step, handles, call) ?? null);
  }
  return results as never;
}

function perform(step: Step, handles: Map<string, Table | undefined>, call: CallContext): unknown {
  const at = (name: string): Table => handles.get(name) as Table;
  switch (step[0]) {
    case 'open':
      handles.set(step[1], call.open(step[2], step[3], step[4] as 'read'));
      return handles.get(step[1]) !== undefined;
    case 'create':
      handles.set(step[1], call.create(step[2], step[3]));
      return true;
    case 'exists':
      return call.exists(step[1], step[2]);
    case 'remove':
      return step.length === 1 ? call.remove() : call.remove(step[1] as string, step[2] as string);
    case 'set':
      return at(step[1]).set(step[2], step[3] as string);
    case 'get':
      return at(step[1]).get(step[2]);
    case 'delete':
      return at(step[1]).delete(step[2]);
    case 'content':
      return at(step[1]).toObject();
    case 'invoke':
      return call.invoke(step[1], step[2], step[3], step[4]);
    case 'value':
      return call.value(step[1]);
    case 'setValue':
      return call.setValue(step[1], step[2], step[3]);
    case 'deleteValue':
      return call.deleteValue(step[1]);
    case 'call':
      return call[step[1]];
    case 'expire':
      return call.expire(step[1]);
    case 'refuse':
      return call.refuse(step[1]);
    case 'throw':
      throw new Error(step[1]);
    case 'abandon':
      return call.abandon();
    case 'try':
      try {
        return perform(step[1], handles, call);
      } catch (error) {
        return (error as Error).message;
      }
    default:
      throw new Error(`there is no step ${step[0]}`);
  }
}

const SCRIPT = `
local perform
local PERFORM = {
  open = function(handles, s, call)
    handles[s[2]] = call.open(s[3], s[4], s[5])
    return handles[s[2]] ~= nil
  end,
  create = function(handles, s, call) handles[s[2]] = call.create(s[3], s[4]) return true end,
  exists = function(handles, s, call) return call.exists(s[2], s[3]) end,
  remove = function(handles, s, call) return call.remove(s[2], s[3]) end,
  set = function(handles, s) handles[s[2]][s[3]] = s[4] end,
  get = function(handles, s) return handles[s[2]][s[3]] end,
  delete = function(handles, s) return object.delete(handles[s[2]], s[3]) end,
  -- A copy: the table may change after this step.
  content = function(handles, s) return json.decode(json.encode(assert(handles[s[2]]))) end,
  invoke = function(handles, s, call) return call:invoke(s[2], s[3], s[4], s[5]) end,
  value = function(handles, s, call) return call.value(s[2]) end,
  setValue = function(handles, s, call) call.setValue(s[2], s[3], s[4]) end,
  deleteValue = function(handles, s, call) return call:deleteValue(s[2]) end,
  call = function(handles, s, call) return call[s[2]] end,
  expire = function(handles, s, call) call.expire(s[2]) end,
  refuse = function(handles, s, call) call.refuse(s[2]) end,
  throw = function(handles, s) error(s[2], 0) end,
  abandon = function(handles, s, call) call.abandon() end,
  try = function(handles, s, call)
    local ok, result = pcall(perform, handles, s[2], call)
    return result
  end,
}
function perform(handles, s, call) return PERFORM[s[1]](handles, s, call) end
local function run(self, args, call)
  local handles = { self = self }
  local results = json.array()
  for i, s in ipairs(args.steps) do
    if s[1] == "return" then return s[2] end
    if s[1] == "returnSelf" then return self end
    if s[1] == "returnNothing" then return nil end
    local result = perform(handles, s, call)
    results[i] = result == nil and json.null or result
  end
  return results
end
local function composing(access)
  return { access = access, parameters = { { name = "steps", type = "array" } }, run = run }
end
return { name = "NAME", methods = {
  make = composing("create"), read = composing("read"), write = composing("write"), upsert = composing("upsert"),
  echo = {
    access = "upsert",
    parameters = {
      { name = "text", type = "string", default = "none" },
      { name = "count", type = "integer", minimum = 1, default = 1 },
      { name = "ratio", type = "number", default = 0.5 },
      { name = "yes", type = "boolean", default = false },
    },
    run = function(self, args) return { args.text, args.count, args.ratio, args.yes } end,
  },
  nest = {
    access = "upsert",
    parameters = { { name = "list", type = "array" }, { name = "object", type = "object" } },
    run = function(self, args) return { list = args.list, object = args.object } end,
  },
  needy = {
    access = "upsert",
    parameters = { { name = "first", type = "string", minLength = 2 }, { name = "second", type = "string" } },
    run = function(self, args) return args.first .. args.second end,
  },
  recur = {
    access = "upsert",
    parameters = {
      { name = "depth", type = "integer" }, { name = "type", type = "string" }, { name = "other", type = "string" },
    },
    run = function(self, args, call)
      if args.depth == 0 then return 0 end
      local inner = { depth = args.depth - 1, type = args.other, other = args.type }
      return 1 + call:invoke(args.type, "recur", call.key, inner)
    end,
  },
} }`;

function inLua(name: string): LoadedType {
  return loadLuaType(Buffer.from(SCRIPT.replace('NAME', name)), `scripts/${name}.lua`);
}
