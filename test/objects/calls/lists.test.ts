// Lists as methods use them: one type, written in both languages, and one list of calls and replies for both. They hold the rule for what is a
// list in JSON.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { type Literal, method, type Scalar, type Table } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { after, typeOf } from '../types-for-tests.js';

const number = { type: 'number' } as const;
const text = { type: 'string' } as const;
const values = { type: 'array' } as const;

type Values = readonly (Scalar | Literal)[];

const list = (self: Table) => self.child('l');

const TYPESCRIPT = typeOf('t', {
  new: method({
    access: 'create',
    parameters: { how: text },
    run(self, { how }) {
      if (how === 'array') self.set('l', []);
      else if (how === 'object') self.set('l', {});
      else list(self);
      return 'made';
    },
  }),
  fill: method({
    access: 'create',
    parameters: { values },
    run: (self, args) => after(self.set('l', args.values as Values), 'made'),
  }),
  dump: method({ access: 'read', run: (self) => self.get('l') }),
  length: method({ access: 'read', run: (self) => list(self).length }),
  count: method({ access: 'read', run: (self) => list(self).count }),
  get: method({ access: 'read', parameters: { key: number }, run: (self, { key }) => list(self).get(key) }),
  set: method({
    access: 'write',
    parameters: { key: number, value: text },
    run: (self, args) => after(list(self).set(args.key, args.value), 'set'),
  }),
  drop: method({
    access: 'write',
    parameters: { key: number },
    run: (self, { key }) => after(list(self).delete(key), 'dropped'),
  }),
  push: method({
    access: 'write',
    parameters: { values },
    run: (self, args) => list(self).push(...(args.values as Values)),
  }),
  pop: method({ access: 'write', run: (self) => list(self).pop() }),
  shift: method({ access: 'write', run: (self) => list(self).shift() }),
  insert: method({
    access: 'write',
    parameters: { position: number, value: text },
    run: (self, { position, value }) => after(list(self).splice(position, 0, value), list(self).length),
  }),
  remove: method({
    access: 'write',
    parameters: { position: number },
    run: (self, { position }) => list(self).splice(position, 1)[0],
  }),
  splice: method({
    access: 'write',
    parameters: { start: number, removed: number, values },
    run: (self, args) => list(self).splice(args.start, args.removed, ...(args.values as Values)),
  }),
  cut: method({ access: 'write', parameters: { start: number }, run: (self, { start }) => list(self).splice(start) }),
  clear: method({ access: 'write', run: (self) => after(list(self).clear(), 'cleared') }),
  peek: method({ access: 'read', run: (self) => list(self).shift() }),
  fails: method({
    access: 'write',
    run(self) {
      list(self).push('lost');
      list(self).shift();
      throw new Error('on purpose');
    },
  }),
});

const SCRIPT = `
local function write(run, parameters) return { access = "write", run = run, parameters = parameters } end
local function read(run, parameters) return { access = "read", run = run, parameters = parameters } end
local function many(name) return { name = name, type = "array" } end
local function number(name) return { name = name, type = "number" } end
local function text(name) return { name = name, type = "string" } end
return { name = "t", methods = {
  new = { access = "create", parameters = { text("how") }, run = function(self, args)
    self.l = args.how == "array" and json.array() or {}
    return "made"
  end },
  fill = { access = "create", parameters = { many("values") }, run = function(self, args)
    self.l = args.values
    return "made"
  end },
  dump = read(function(self) return self.l end),
  length = read(function(self) return #self.l end),
  count = read(function(self) return object.count(self.l) end),
  get = read(function(self, args) return self.l[args.key] end, { number("key") }),
  set = write(function(self, args) self.l[args.key] = args.value return "set" end, { number("key"), text("value") }),
  drop = write(function(self, args) self.l[args.key] = nil return "dropped" end, { number("key") }),
  push = write(function(self, args)
    for _, value in ipairs(args.values) do table.insert(self.l, value) end
    return #self.l
  end, { many("values") }),
  pop = write(function(self) return table.remove(self.l) end),
  shift = write(function(self) return table.remove(self.l, 1) end),
  insert = write(function(self, args)
    table.insert(self.l, args.position, args.value)
    return #self.l
  end, { number("position"), text("value") }),
  remove = write(function(self, args) return table.remove(self.l, args.position) end, { number("position") }),
  splice = write(function(self, args)
    return object.splice(self.l, args.start, args.removed, table.unpack(args.values))
  end, { number("start"), number("removed"), many("values") }),
  cut = write(function(self, args) return object.splice(self.l, args.start) end, { number("start") }),
  clear = write(function(self) object.clear(self.l) return "cleared" end),
  peek = read(function(self) return table.remove(self.l, 1) end),
  fails = write(function(self)
    table.insert(self.l, "lost")
    table.remove(self.l, 1)
    error("on purpose")
  end),
} }`;

const LANGUAGES: readonly (readonly [language: string, make: () => LoadedType])[] = [
  ['TypeScript', () => TYPESCRIPT],
  ['Lua', () => loadLuaType(Buffer.from(SCRIPT), 'scripts/t.lua')],
];

type Step = readonly [call: string, reply: string];

const CASES: Readonly<Record<string, readonly Step[]>> = {
  'that was made as an array is one while it is empty': [
    ['t:new:k:array', 'made'],
    ['t:dump:k', '[]'],
    ['t:length:k', '0'],
    ['t:push:k:["a",2,true]', '3'],
    ['t:dump:k', '["a",2,true]'],
    ['t:pop:k', 'true'],
    ['t:shift:k', 'a'],
    ['t:dump:k', '[2]'],
    ['t:pop:k', '2'],
    ['t:dump:k', '[]'],
    ['t:pop:k', 'END'],
    ['t:shift:k', 'END'],
    ['t:dump:k', '[]'],
    ['t:clear:k', 'cleared'],
    ['t:dump:k', '[]'],
  ],
  'that was made as a table is an array once it has been used as a list': [
    ['t:new:k:child', 'made'],
    ['t:dump:k', '{}'],
    ['t:push:k:["a"]', '1'],
    ['t:dump:k', '["a"]'],
    ['t:pop:k', 'a'],
    ['t:dump:k', '[]'],
    ['t:clear:k', 'cleared'],
    ['t:dump:k', '[]'],
  ],
  'that is emptied by shift is an empty array': [
    ['t:new:k:object', 'made'],
    ['t:set:k:1:a', 'set'],
    ['t:set:k:2:b', 'set'],
    ['t:dump:k', '["a","b"]'],
    ['t:shift:k', 'a'],
    ['t:dump:k', '["b"]'],
    ['t:shift:k', 'b'],
    ['t:dump:k', '[]'],
  ],
  'that is emptied by deleting its fields stays what it was': [
    ['t:new:k:object', 'made'],
    ['t:set:k:1:a', 'set'],
    ['t:dump:k', '["a"]'],
    ['t:drop:k:1', 'dropped'],
    ['t:dump:k', '{}'],
    ['t:new:k:array', 'made'],
    ['t:set:k:1:a', 'set'],
    ['t:drop:k:1', 'dropped'],
    ['t:dump:k', '[]'],
  ],
  'that is emptied by splice is an empty array': [
    ['t:new:k:object', 'made'],
    ['t:splice:k:1:0:["a","b"]', '[]'],
    ['t:dump:k', '["a","b"]'],
    ['t:cut:k:1', '["a","b"]'],
    ['t:dump:k', '[]'],
  ],
  'whose fields were set in another order is one': [
    ['t:new:k:object', 'made'],
    ['t:set:k:2:b', 'set'],
    ['t:dump:k', '{"2":"b"}'],
    ['t:set:k:1:a', 'set'],
    ['t:dump:k', '["a","b"]'],
    ['t:shift:k', 'a'],
    ['t:dump:k', '["b"]'],
  ],
  'with a hole is an object, and its length has no element after it': [
    ['t:new:k:array', 'made'],
    ['t:set:k:1:a', 'set'],
    ['t:set:k:2:b', 'set'],
    ['t:set:k:5:e', 'set'],
    ['t:dump:k', '{"1":"a","2":"b","5":"e"}'],
    ['t:length:k', '2'],
    ['t:set:k:3:c', 'set'],
    ['t:length:k', '5'],
    ['t:pop:k', 'e'],
    ['t:dump:k', '["a","b","c"]'],
    ['t:push:k:["d","e"]', '5'],
    ['t:dump:k', '["a","b","c","d","e"]'],
  ],
  'with a hole before its length moves the hole': [
    ['t:new:k:array', 'made'],
    ['t:set:k:1:a', 'set'],
    ['t:set:k:3:c', 'set'],
    ['t:length:k', '3'],
    ['t:shift:k', 'a'],
    ['t:dump:k', '{"2":"c"}'],
    ['t:count:k', '1'],
    ['t:drop:k:2', 'dropped'],
    ['t:dump:k', '[]'],
  ],
  'with other fields is an object, and they stay': [
    ['t:new:k:array', 'made'],
    ['t:push:k:["a","b"]', '2'],
    ['t:set:k:0:zero', 'set'],
    ['t:set:k:1.5:half', 'set'],
    ['t:dump:k', '{"1":"a","2":"b","0":"zero","1.5":"half"}'],
    ['t:shift:k', 'a'],
    ['t:dump:k', '{"1":"b","0":"zero","1.5":"half"}'],
  ],
  'holds tables, which move and are returned as copies': [
    ['t:fill:k:[{"n":1},[1,[2]],[],{},"x"]', 'made'],
    ['t:dump:k', '[{"n":1},[1,[2]],[],{},"x"]'],
    ['t:shift:k', '{"n":1}'],
    ['t:dump:k', '[[1,[2]],[],{},"x"]'],
    ['t:insert:k:1:y', '5'],
    ['t:dump:k', '["y",[1,[2]],[],{},"x"]'],
    ['t:splice:k:2:1:[{"a":[]},7]', '[[1,[2]]]'],
    ['t:dump:k', '["y",{"a":[]},7,[],{},"x"]'],
    ['t:pop:k', 'x'],
    ['t:pop:k', '{}'],
    ['t:pop:k', '[]'],
    ['t:push:k:[{"b":2}]', '4'],
    ['t:dump:k', '["y",{"a":[]},7,{"b":2}]'],
  ],
  'is spliced as in JavaScript, from 1 on': [
    ['t:fill:k:[1,2,3,4,5]', 'made'],
    ['t:splice:k:2:2:["a","b"]', '[2,3]'],
    ['t:dump:k', '[1,"a","b",4,5]'],
    ['t:splice:k:2:2:[]', '["a","b"]'],
    ['t:dump:k', '[1,4,5]'],
    ['t:splice:k:2:0:[2,3]', '[]'],
    ['t:dump:k', '[1,2,3,4,5]'],
    ['t:splice:k:-1:1:["last"]', '[5]'],
    ['t:splice:k:-9:1:[]', '[1]'],
    ['t:dump:k', '[2,3,4,"last"]'],
    ['t:splice:k:99:9:["more"]', '[]'],
    ['t:splice:k:3:-1:["x"]', '[]'],
    ['t:dump:k', '[2,3,"x",4,"last","more"]'],
    ['t:splice:k:1:99:[0]', '[2,3,"x",4,"last","more"]'],
    ['t:dump:k', '[0]'],
    ['t:splice:k:1:1:[]', '[0]'],
    ['t:dump:k', '[]'],
  ],
  'is changed in its middle': [
    ['t:fill:k:["a","b","c"]', 'made'],
    ['t:insert:k:2:x', '4'],
    ['t:insert:k:5:end', '5'],
    ['t:dump:k', '["a","x","b","c","end"]'],
    ['t:remove:k:3', 'b'],
    ['t:dump:k', '["a","x","c","end"]'],
    ['t:get:k:3', 'c'],
    ['t:remove:k:4', 'end'],
    ['t:dump:k', '["a","x","c"]'],
  ],
  'is as it was after a call that fails': [
    ['t:fill:k:["a","b"]', 'made'],
    ['t:fails:k', 'CLIENT_ERROR t:fails: on purpose'],
    ['t:dump:k', '["a","b"]'],
    ['t:new:k:object', 'made'],
    ['t:fails:k', 'CLIENT_ERROR t:fails: on purpose'],
    ['t:dump:k', '{}'],
    ['t:fill:k:["a","b"]', 'made'],
    ['t:peek:k', 'CLIENT_ERROR t:peek: the object is open for reading only'],
    ['t:dump:k', '["a","b"]'],
  ],
  'is refused a start that is no element': [
    ['t:fill:k:["a","b"]', 'made'],
    ['t:cut:k:0', 'CLIENT_ERROR t:cut: elements count from 1, and from -1 backwards; there is no element 0'],
    ['t:cut:k:1.5', 'CLIENT_ERROR t:cut: the number of an element is a whole number, not 1.5; round it first'],
    ['t:splice:k:1:0.5:[]', 'CLIENT_ERROR t:splice: the number of elements is a whole number, not 0.5; round it first'],
    ['t:dump:k', '["a","b"]'],
  ],
};

/** A reply without the place in the script. */
function withoutPlace(reply: string): string {
  return reply.replace(/(: )t\.lua:\d+: /, '$1');
}

describe.each(LANGUAGES)('a list in %s', (_language, make) => {
  test.each(Object.entries(CASES))('%s', (_name, steps) => {
    const calls = new CallHarness([make()]);
    const replies = steps.map(([call]) => [call, withoutPlace(calls.get(call))]);
    expect(replies).toEqual(steps);
  });

  test.each([5, 40, 300])('of %i elements follows an array, packed or spread', (count) => {
    const calls = new CallHarness([make()]);
    const model: (string | number)[] = Array.from({ length: count }, (_, index) =>
      index % 3 === 0 ? index * 1000 : `${'e'.repeat((index * 7) % 50)}${index}`,
    );
    calls.set('t:fill:k', JSON.stringify(model));
    const same = () => expect(JSON.parse(calls.get('t:dump:k'))).toEqual(model);
    for (let round = 0; round < 12; round++) {
      const position = 1 + ((round * 37) % (model.length + 1));
      expect(calls.get(`t:insert:k:${position}:new${round}`)).toBe(String(model.length + 1));
      model.splice(position - 1, 0, `new${round}`);
      same();
      expect(calls.get('t:shift:k')).toBe(String(model.shift()));
      const removed = 1 + ((round * 53) % model.length);
      expect(calls.get(`t:remove:k:${removed}`)).toBe(String(model.splice(removed - 1, 1)[0]));
      same();
      expect(calls.get('t:push:k:["pushed",1]')).toBe(String(model.push('pushed', 1)));
      same();
    }
    while (model.length > 0) expect(calls.get('t:pop:k')).toBe(String(model.pop()));
    expect(calls.get('t:dump:k')).toBe('[]');
  });

  test('charges for every element that moves', () => {
    const steps = (elements: number) => {
      const calls = new CallHarness([make()]);
      calls.set('t:fill:k', JSON.stringify(Array.from({ length: elements }, (_, index) => index)));
      calls.get('t:shift:k');
      return calls.calls.invocation.budget.stepsUsed;
    };
    expect((steps(1500) - steps(500)) / 1000).toBeGreaterThan(20);
  });

  test('that is too long to move within the budget is as it was', () => {
    const calls = new CallHarness([make()], { budget: { steps: 40_000 } });
    const text = JSON.stringify(Array.from({ length: 100 }, (_, index) => index));
    calls.set('t:fill:k', text);
    for (let count = 1; count < 15; count++) calls.set('t:push:k', text);
    expect(calls.get('t:length:k')).toBe('1500');
    const before = calls.get('t:dump:k');
    expect(calls.get('t:shift:k')).toBe('CLIENT_ERROR t:shift: takes more than 40000 steps');
    expect(calls.get('t:dump:k')).toBe(before);
  });
});

test('a list that one language has emptied is a list to the other', () => {
  const [[, inTypeScript], [, inLua]] = LANGUAGES as [(typeof LANGUAGES)[0], (typeof LANGUAGES)[0]];
  const calls = new CallHarness([inTypeScript()]);
  calls.get('t:new:k:object');
  calls.get('t:push:k:["a"]');
  calls.registry.install(inLua());
  expect(calls.get('t:pop:k')).toBe('a');
  expect(calls.get('t:dump:k')).toBe('[]');
  calls.registry.remove('scripts/t.lua');
  expect(calls.get('t:dump:k')).toBe('[]');
});

describe('a refused change of a list that its method survives leaves the list as it was:', () => {
  const attempts: Readonly<Record<string, readonly [change: (self: Table) => unknown, reason: string]>> = {
    'several elements of which one cannot be stored': [
      (self) => list(self).push('a', undefined as never),
      "field 'element' cannot hold nothing (undefined); leave the field out or delete it",
    ],
    'a date in a nested table': [
      (self) => list(self).push('a', { when: new Date() } as never),
      "field 'element.when' cannot hold a Date; store its time as a number",
    ],
    'a text with characters beyond bytes': [
      (self) => list(self).splice(1, 1, 'a', '\u20ac'),
      'characters beyond bytes; use utf8Encode',
    ],
    'moving an element that has an ordered index': [
      (self) => list(self).shift(),
      'an ordered index cannot be copied; make another by ordered(name) and set its members',
    ],
  };

  test.each(Object.entries(attempts))('%s', (_name, [change, reason]) => {
    const type = typeOf('t', {
      go: method({
        access: 'create',
        run(self) {
          self.set('l', ['x', 'y', {}]);
          list(self).child(3).ordered('index').set('m', 1);
          try {
            change(self);
          } catch (error) {
            return [(error as Error).message, list(self).toObject()];
          }
          return 'not refused';
        },
      }),
    });
    expect(JSON.parse(new CallHarness([type]).get('t:go:k'))).toEqual([reason, ['x', 'y', { index: [['m', 1]] }]]);
  });
});
