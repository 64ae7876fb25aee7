// Types with `retention = "pinned"`, and call.pin() and call.unpin(), in both languages. The memory of pinned objects: test/tables/pinned.test.ts.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { checkStore } from '../../store/checker.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';

const MEBIBYTE = 1024 * 1024;

type Make = (name: string, retention: 'pinned' | 'evictable') => LoadedType;

const inTypeScript: Make = (name, retention) =>
  typeOf(
    name,
    {
      new: method({ access: 'create', run: () => 'made' }),
      dump: method({ access: 'read', run: (self) => self }),
      fill: method({
        access: 'upsert',
        parameters: { count: { type: 'integer' }, length: { type: 'integer', default: 50 } },
        run(self, { count, length }) {
          for (let index = 1; index <= count; index++) self.set(index, 'x'.repeat(length));
          return self.count;
        },
      }),
      drop: method({
        access: 'write',
        run(self) {
          self.clear();
          return 'dropped';
        },
      }),
      pin: method({
        access: 'write',
        run(_self, _args, call) {
          call.pin();
          return 'pinned';
        },
      }),
      keep: method({
        access: 'read',
        run(_self, _args, call) {
          call.pin();
          return 'pinned';
        },
      }),
      unpin: method({
        access: 'write',
        run(_self, _args, call) {
          call.unpin();
          return 'unpinned';
        },
      }),
      fail: method({
        access: 'upsert',
        run(self, _args, call) {
          self.set('n', 1);
          call.pin();
          return call.refuse('no');
        },
      }),
      other: method({
        access: 'upsert',
        parameters: { type: { type: 'string' }, key: { type: 'string' } },
        run(self, { type, key }, call) {
          self.set('n', 1);
          call.open(type, key, 'write')?.set('other', 'y'.repeat(200));
          return 'changed';
        },
      }),
    },
    `plugins/${name}.ts`,
    { retention },
  );

const SCRIPT = `
local function pin(self, args, call) call:pin() return "pinned" end
return { name = "NAME", retention = "RETENTION", methods = {
  new = { access = "create", run = function() return "made" end },
  dump = { access = "read", run = function(self) return self end },
  fill = {
    access = "upsert",
    parameters = { { name = "count", type = "integer" }, { name = "length", type = "integer", default = 50 } },
    run = function(self, args)
      for index = 1, args.count do self[index] = string.rep("x", args.length) end
      return object.count(self)
    end,
  },
  drop = { access = "write", run = function(self) object.clear(self) return "dropped" end },
  pin = { access = "write", run = pin },
  keep = { access = "read", run = pin },
  unpin = { access = "write", run = function(self, args, call) call.unpin() return "unpinned" end },
  fail = { access = "upsert", run = function(self, args, call) self.n = 1; call.pin(); call.refuse("no") end },
  other = {
    access = "upsert",
    parameters = { { name = "type", type = "string" }, { name = "key", type = "string" } },
    run = function(self, args, call)
      self.n = 1
      local other = call:open(args.type, args.key, "write")
      if other then other.other = string.rep("y", 200) end
      return "changed"
    end,
  },
} }`;

const inLua: Make = (name, retention) =>
  loadLuaType(Buffer.from(SCRIPT.replace('NAME', name).replace('RETENTION', retention)), `scripts/${name}.lua`);

function overflow(calls: CallHarness, times: number): void {
  const count = Math.ceil((calls.arena.limitBytes * times) / 1000);
  for (let number = 0; number < count; number++) calls.putPlain(`plain${number}`, 'p'.repeat(950));
}

const LIMITED =
  /^CLIENT_ERROR box:fill: pinned objects would take \d+ of at most \d+ bytes: delete some, let some expire, or raise --pinned-limit$/;

describe.each([
  ['TypeScript', inTypeScript],
  ['Lua', inLua],
] as const)('in %s, pinned objects', (_language, make) => {
  const harness = () => new CallHarness([make('box', 'pinned'), make('loose', 'evictable')], { arenaBytes: MEBIBYTE });
  const pinned = ({ store }: CallHarness) => store.retained.count;

  test('are all there after plain items have overflowed the cache tenfold; over the limit there is one clear error', () => {
    const calls = harness();
    const contents = new Map<string, string>();
    for (let number = 0; number < 100; number++) {
      calls.get(`box:fill:${number}:${1 + (number % 40)}`);
      contents.set(`box:dump:${number}`, calls.get(`box:dump:${number}`));
      calls.get(`loose:fill:${number}:3`);
    }
    const bytes = calls.store.retained.bytes;
    overflow(calls, 10);
    for (const [call, content] of contents) expect(calls.get(call)).toBe(content);
    expect(calls.get('loose:dump:1')).toBe('END');
    expect([pinned(calls), calls.store.retained.bytes]).toEqual([100, bytes]);

    let number = 100;
    let reply = '';
    while (number < 10_000 && !reply.startsWith('CLIENT_ERROR')) reply = calls.get(`box:fill:${number++}:40`);
    expect(reply).toMatch(LIMITED);
    expect(calls.figures('object_pinned_refusals', 'object_errors')).toEqual([1, 1]);
    expect(calls.get(`box:dump:${number - 1}`)).toBe('END');
    for (const [call, content] of contents) expect(calls.get(call)).toBe(content);
    checkStore(calls.store);
  });

  test('may shrink, expire and be deleted where they take all that they may, and then others may grow', () => {
    const calls = harness();
    let number = 0;
    while (calls.get(`box:fill:${number}:40`) === '40') number++;
    expect(calls.get('box:fill:0:100')).toMatch(LIMITED);
    expect(calls.get('box:dump:0')).toBe(JSON.stringify(Array(40).fill('x'.repeat(50))));
    expect(calls.get('box:drop:0')).toBe('dropped');
    expect(calls.get('box:fill:1:80')).toBe('80');
    expect(calls.get(`box:fill:${number}:100`)).toMatch(LIMITED);
    for (const key of [2, 3, 4, 5]) expect(calls.get(`box:expire:${key}:5`)).toBe('OK');
    calls.advance(6);
    calls.store.tick();
    expect(calls.get(`box:fill:${number}:100`)).toBe('100');
    checkStore(calls.store);
  });

  test('do not count once they have expired, although what expired or was flushed before them has not been freed', () => {
    const calls = harness();
    overflow(calls, 1);
    calls.store.flushAll();
    let number = 0;
    while (calls.get(`box:fill:${number}:40`) === '40') calls.get(`box:expire:${number++}:1`);
    calls.advance(3);
    calls.store.tick();
    expect(pinned(calls)).toBeGreaterThan(0);
    expect(calls.get(`box:fill:${number}:200`)).toBe('200');
    checkStore(calls.store);
  });

  test('are those of calls that pin them, until a call takes the pin back', () => {
    const calls = harness();
    for (const key of ['a', 'b', 'c']) calls.get(`loose:fill:${key}:10`);
    expect(calls.get('loose:pin:a')).toBe('pinned');
    expect(calls.get('loose:keep:b')).toBe('pinned');
    overflow(calls, 3);
    expect([calls.get('loose:fill:a:20'), calls.get('loose:fill:b:20'), calls.get('loose:dump:c')]).toEqual([
      '20',
      '20',
      'END',
    ]);
    overflow(calls, 3);
    expect(calls.get('loose:unpin:a')).toBe('unpinned');
    expect(pinned(calls)).toBe(1);
    overflow(calls, 3);
    expect(calls.get('loose:dump:a')).toBe('END');
    expect(calls.get('loose:dump:b')).not.toBe('END');
    // A new object at the key is another one.
    expect(calls.get('loose:new:b')).toBe('made');
    expect(pinned(calls)).toBe(0);
    checkStore(calls.store);
  });

  test('are not those of a call that fails', () => {
    const calls = harness();
    expect(calls.get('loose:fail:new')).toBe('CLIENT_ERROR loose:fail: no');
    calls.get('loose:fill:k:10');
    expect(calls.get('loose:fail:k')).toBe('CLIENT_ERROR loose:fail: no');
    expect([pinned(calls), calls.store.retained.bytes]).toEqual([0, 0]);
    checkStore(calls.store);
  });

  test('of a pinned type cannot be unpinned by a call', () => {
    const calls = harness();
    calls.get('box:new:k');
    expect(calls.get('box:unpin:k')).toBe('CLIENT_ERROR box:unpin: unpin: the retention of type box is pinned');
  });

  test('are not dropped when another type changes them, or is changed by them', () => {
    const calls = harness();
    calls.get('box:fill:k:3');
    calls.get('loose:fill:k:3');
    expect(calls.get('loose:other:l:box:k')).toBe('changed');
    expect(calls.get('box:other:l:loose:k')).toBe('changed');
    expect(pinned(calls)).toBe(2);
    overflow(calls, 3);
    expect([calls.get('loose:dump:k'), calls.get('loose:dump:l')]).toEqual(['END', 'END']);
    expect(calls.get('box:dump:k')).toContain('"other":"yyy');
    expect(calls.get('box:dump:l')).toBe('{"n":1}');
  });

  test('are those of a type that is saved with another retention, from the next call that may change them', () => {
    const calls = harness();
    calls.get('box:fill:k:3');
    calls.get('loose:fill:k:3');
    calls.registry.install(make('box', 'evictable'));
    calls.registry.install(make('loose', 'pinned'));
    calls.get('box:dump:k');
    calls.get('loose:dump:k');
    expect(calls.store.retained.bytes).toBeGreaterThan(100);
    calls.get('box:fill:k:4');
    expect([pinned(calls), calls.store.retained.bytes]).toEqual([0, 0]);
    calls.get('loose:fill:k:4');
    expect(pinned(calls)).toBe(1);
    checkStore(calls.store);
  });

  test('are read, touched and replaced by plain commands like others', () => {
    const calls = harness();
    calls.get('box:fill:k:3');
    calls.get('box:dump:k', 5);
    expect(pinned(calls)).toBe(1);
    calls.putPlain('box$k', 'plain');
    expect([pinned(calls), calls.store.retained.bytes]).toEqual([0, 0]);
    checkStore(calls.store);
  });
});

test('a retention that does not exist is a mistake in the definition', () => {
  expect(() => inLua('box', 'always' as never)).toThrow(/retention must be one of evictable, pinned/);
});
