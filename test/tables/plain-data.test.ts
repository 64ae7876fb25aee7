// Data that methods store is read back unchanged, in JSON as well, or refused with a message. Code that inspects `self` or `call` finds
// their content and not the server's internals.

import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../src/languages/lua/host/lua-type.js';
import { type CallContext, method, type Table } from '../../src/objects/types/object-type.js';
import { CallHarness } from '../objects/call-harness.js';
import { typeOf } from '../objects/types-for-tests.js';
import { checkStore } from '../store/checker.js';

type Run = (self: Table, args: never, call: CallContext) => unknown;

function harness(run: Run): CallHarness {
  const made = new CallHarness(
    [
      typeOf('t', {
        new: method({ access: 'create', run: () => 'made' }),
        dump: method({ access: 'read', run: (self) => self }),
        go: method({ access: 'write', run: run as never }),
      }),
    ],
    { arenaBytes: 1024 * 1024, budget: { milliseconds: 60_000 } },
  );
  made.get('t:new:k');
  return made;
}

function answer(run: Run): string {
  return harness(run).get('t:go:k');
}

/** The reply of a method in Lua. */
function lua(code: string): string {
  const source = `return { name = 't', methods = {
    new = { access = 'create', run = function() return 'made' end },
    go = { access = 'write', run = function(self, args, call) ${code} end } } }`;
  const made = new CallHarness([loadLuaType(Buffer.from(source), 'scripts/t.lua')], {
    arenaBytes: 1024 * 1024,
    budget: { milliseconds: 60_000 },
  });
  made.get('t:new:k');
  return made.get('t:go:k');
}

class Point {
  readonly x = 1;
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;

test.each<[name: string, run: Run]>([
  ['of an object', (self) => Object.assign(self, { left: 3 })],
  [
    'of a nested table',
    (self) => {
      (self.child('in') as unknown as { left: number }).left = 3;
    },
  ],
])('an assignment to a member that a table does not have is an error which names it: %s', (_, run) => {
  const made = harness(run);
  expect(made.get('t:go:k')).toBe(
    "CLIENT_ERROR t:go: a table has no member 'left': fields are set by set('left', value)",
  );
  expect(made.get('t:dump:k')).toBe('{}');
});

describe('a value that cannot be stored', () => {
  test.each<[name: string, value: unknown, message: string]>([
    ['null in an array', [1, null, 3], "field 'k.2' cannot hold null; leave the field out or delete it"],
    ['undefined in an array', [1, undefined], "field 'k.2' cannot hold nothing (undefined)"],
    ['a hole in an array', new Array(2), "field 'k.1' cannot hold nothing (undefined)"],
    ['null in an object', { a: { b: null } }, "field 'k.a.b' cannot hold null"],
    ['undefined in an object', { a: undefined }, "field 'k.a' cannot hold nothing (undefined)"],
    ['null', null, "field 'k' cannot hold null"],
    ['a Date', new Date(0), "field 'k' cannot hold a Date; store its time as a number"],
    ['a Date in an object', { at: new Date(0) }, "field 'k.at' cannot hold a Date; store its time as a number"],
    ['a Set', new Set([1]), "field 'k' cannot hold a Set; store an array"],
    ['an instance of a class', new Point(), "field 'k' cannot hold a Point; store plain objects and arrays"],
    ['a RegExp', /x/, "field 'k' cannot hold a RegExp"],
    ['a Float64Array', new Float64Array(1), "field 'k' cannot hold a Float64Array"],
    ['an Error', new Error('x'), "field 'k' cannot hold a Error"],
    ['a promise', Promise.resolve(1), "field 'k' cannot hold a Promise; a method is synchronous"],
    ['a function', { f: () => 1 }, "field 'k.f' cannot hold a function"],
    ['a symbol', [Symbol('x')], "field 'k.1' cannot hold a symbol"],
    ['a key that is a symbol', { [Symbol('x')]: 1 }, "field 'k' cannot hold a key that is a symbol"],
    ['a bigint', 1n, "field 'k' cannot hold a bigint"],
    ['an object that contains itself', cycle, 'nested more than 32 deep'],
    ['text beyond bytes', { a: 1, b: '\u0100' }, 'characters beyond bytes; use utf8Encode'],
    ['a key that is too long', { a: 1, ['k'.repeat(961)]: 1 }, 'at most 960 bytes'],
  ])('such as %s is refused, and the field stays as it was', (_name, value, message) => {
    const made = harness((self) => {
      self.set('k', 'before');
      try {
        self.set('k', value as never);
      } catch (error) {
        return (error as Error).message;
      }
      return 'stored';
    });
    expect(made.get('t:go:k')).toContain(message);
    expect(made.get('t:dump:k')).toBe('{"k":"before"}');
    checkStore(made.store);
  });

  test('such as json.null in a Lua table is refused', () => {
    expect(
      lua('self.k = 1 local ok, m = pcall(function() self.k = { 1, json.null } end) return m .. self.k'),
    ).toContain("field 'k.2' cannot hold null; leave it out or set it to nil");
  });

  test('is not replaced by a child', () => {
    expect(
      answer((self) => {
        self.set('n', 5);
        try {
          self.child('n');
        } catch (error) {
          return `${(error as Error).message}, ${self.get('n')}`;
        }
        return 'replaced';
      }),
    ).toBe("field 'n' holds a number, not a table; delete it first, 5");
  });
});

describe('the JSON of stored data', () => {
  test.each<[name: string, change: (self: Table) => unknown, json: string]>([
    ['an empty array', (self) => self.set('k', []), '{"k":[]}'],
    ['an empty object', (self) => self.set('k', {}), '{"k":{}}'],
    ['empty arrays in an array', (self) => self.set('k', [[], [[]], {}]), '{"k":[[],[[]],{}]}'],
    [
      'an array that was emptied',
      (self) => {
        self.set('k', [1, 2]);
        self.child('k').clear();
        self.set(
          'l',
          Array.from({ length: 200 }, () => 'x'.repeat(10)),
        );
        const list = self.child('l');
        for (const key of list.keys()) list.delete(key);
        self.set(
          'm',
          Array.from({ length: 200 }, () => 'x'.repeat(10)),
        );
        self.child('m').clear();
      },
      '{"k":[],"l":[],"m":[]}',
    ],
    [
      'a copy of an empty array',
      (self) => {
        self.set('k', { a: [] });
        self.set('l', self.child('k') as never);
      },
      '{"k":{"a":[]},"l":{"a":[]}}',
    ],
    [
      'a list that was filled in another order',
      (self) => {
        self.child('k').set(3, 'c');
        self.child('k').set(1, 'a');
        self.child('k').set(2, 'b');
      },
      '{"k":["a","b","c"]}',
    ],
    [
      'a list with a gap',
      (self) => {
        self.child('k').set(1, 'a');
        self.child('k').set(3, 'c');
      },
      '{"k":{"1":"a","3":"c"}}',
    ],
    [
      'the keys "1" and 1',
      (self) => {
        self.child('k').set(1, 'number');
        self.child('k').set('1', 'text');
        self.child('k').set('[1]', 'other');
      },
      '{"k":{"[[1]]":"number","1":"text","[1]":"other"}}',
    ],
    [
      'bytes that are no UTF-8',
      (self) => self.set('\xff', 'a\xe9\xc3\xa9\xc3'),
      '{"\\u00ff":"a\\u00e9\xc3\xa9\\u00c3"}',
    ],
    [
      'long text in pieces that is no UTF-8',
      (self) => self.set('k', `${'\xc3\xa9'.repeat(2000)}\xff`),
      `{"k":"${'\xc3\xa9'.repeat(2000)}\\u00ff"}`,
    ],
    ['infinities', (self) => self.set('k', [Number.POSITIVE_INFINITY, -Infinity, -0.5]), '{"k":[1e999,-1e999,-0.5]}'],
  ])('%s', (_name, change, json) => {
    const made = harness((self) => {
      change(self);
      return 'done';
    });
    expect(made.get('t:go:k')).toBe('done');
    expect(made.get('t:dump:k')).toBe(json);
    checkStore(made.store);
  });

  test('is the same in Lua', () => {
    const values: readonly (readonly [code: string, json: string])[] = [
      ['self.k = json.array() return self', '{"k":[]}'],
      ['self.k = {} return self', '{"k":{}}'],
      ['self.k = json.decode("[[],{}]") return self', '{"k":[[],{}]}'],
      ['self.k = json.array() local t = { self.k } return t', '[[]]'],
      ['self[2] = "b" self[1] = "a" return self', '["a","b"]'],
      ['return json.decode("[1,null,3]")', '[1,null,3]'],
      ['return { [1] = "a", ["1"] = "b" }', '{"[1]":"a","1":"b"}'],
      ['return { "\\255" }', '["\\u00ff"]'],
      ['return { 1/0 }', '[1e999]'],
      ['return json.null', 'END'],
    ];
    for (const [code, json] of values) expect([code, lua(code)]).toEqual([code, json]);
  });

  test('of results follows the same rules', () => {
    expect(answer(() => ({ a: null, b: [undefined, 1], c: '\xff', d: 1 / 0, e: undefined }))).toBe(
      '{"a":null,"b":[null,1],"c":"\\u00ff","d":1e999}',
    );
    expect(answer(() => [new Map<unknown, unknown>([[1, 'a']]), new Date(0)])).toBe(
      '[{"1":"a"},"1970-01-01T00:00:00.000Z"]',
    );
    expect(answer(() => cycle)).toContain('nested too deep');
  });

  test('of iterators and sets in results are lists', () => {
    const fill = (self: Table): Table => {
      self.set('a', 1);
      self.set('b', ['x']);
      return self;
    };
    expect(answer((self) => fill(self).keys())).toBe('["a","b"]');
    expect(answer((self) => ({ values: fill(self).values() }))).toBe('{"values":[1,["x"]]}');
    expect(answer((self) => fill(self).entries())).toBe('[["a",1],["b",["x"]]]');
    expect(answer(() => new Set(['x', 2]))).toBe('["x",2]');
    function* forever() {
      for (;;) yield 1;
    }
    expect(answer(() => forever())).toMatch(/^CLIENT_ERROR t:go: (takes|makes) /);
  });
});

describe('self and call, inspected by a plugin,', () => {
  const fill = (self: Table) => {
    self.set('a', 1);
    self.set('list', ['x', { b: true }]);
  };

  test.each<[name: string, look: (self: Table, call: CallContext) => unknown, found: unknown]>([
    ['JSON.stringify(self)', (self) => JSON.stringify(self), '{"a":1,"list":["x",{"b":true}]}'],
    ['JSON.stringify in an object', (self) => JSON.stringify({ self }), '{"self":{"a":1,"list":["x",{"b":true}]}}'],
    ['toObject()', (self) => JSON.stringify(self.toObject()), '{"a":1,"list":["x",{"b":true}]}'],
    ['inspect(self)', (self) => inspect(self), "{ a: 1, list: [ 'x', { b: true } ] }"],
    ['spreading self', (self) => JSON.stringify({ ...self }), '{}'],
    ['keys of self', (self) => Object.keys(self).length + Object.getOwnPropertyNames(self).length, '0'],
    ['structuredClone(self)', (self) => JSON.stringify(structuredClone(self)), '{}'],
    ['inspect without customs', (self) => inspect(self, { customInspect: false, showHidden: true }), /^TableView \{/],
    [
      'JSON.stringify(call)',
      (_self, call) => JSON.stringify(call),
      /^\{"type":"t","key":"k","now":[\d.]+,"existed":false\}$/,
    ],
    ['inspect(call)', (_self, call) => inspect(call), /^\{ type: 't', key: 'k', now: [\d.]+, existed: false \}$/],
    ['keys of call', (_self, call) => Object.getOwnPropertyNames(call).length, '0'],
    ['spreading call', (_self, call) => JSON.stringify({ ...call }), '{}'],
  ])('by %s', (_name, look, found) => {
    const shown = answer((self, _args, call) => {
      fill(self);
      let fields = 0;
      for (const _field in self) fields++;
      for (const _field in call) fields++;
      expect(fields).toBe(0);
      return look(self, call);
    });
    if (found instanceof RegExp) expect(shown).toMatch(found);
    else expect(shown).toBe(found);
  });

  test('is charged, and a table of an earlier call is shown as one', () => {
    let kept: Table | undefined;
    const made = new CallHarness(
      [
        typeOf('t', {
          new: method({ access: 'create', run: (self) => (self.set('k', 'x'.repeat(1000)) as undefined) ?? 'made' }),
          go: method({
            access: 'read',
            run: (self) => {
              kept = self;
              for (;;) self.toObject();
            },
          }),
        }),
      ],
      { arenaBytes: 1024 * 1024, budget: { bytes: 1e6, milliseconds: 60_000 } },
    );
    made.get('t:new:k');
    expect(made.get('t:go:k')).toContain('makes more than 1000000 bytes');
    expect(inspect(kept)).toBe('[a table of a call that has ended]');
  });
});
