// Scripts in the original's style run unchanged: recognised by their form, in one state, with the original's functions.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ScriptLoader } from '../../../src/languages/lua/host/load-script.js';
import { CallHarness } from '../../objects/call-harness.js';

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));

function source(name: string): Buffer {
  return readFileSync(`${FIXTURES}/${name}.lua`);
}

function harnessed(milliseconds = 10_000): CallHarness {
  const loader = new ScriptLoader();
  const types = ['tags', 'notes'].map((name) => loader.load(source(name), `scripts/${name}.lua`));
  return new CallHarness(types, { budget: { milliseconds } });
}

function values(key: string, ...contents: readonly string[]): string {
  return contents.map((content) => `VALUE ${key} 0 ${content.length}\r\n${content}\r\n`).join('');
}

function play(harness: CallHarness, steps: readonly (readonly [key: string, content: string])[]): void {
  for (const [key, content] of steps) expect([key, harness.get(key)]).toEqual([key, values(key, content)]);
}

describe("scripts in the original's style", () => {
  test('make, change and read objects', () => {
    play(harnessed(), [
      ['tags:names:k', 'ERROR_CACHE_MISS'],
      ['tags:add:k:a', 'ERROR_CACHE_MISS'],
      ['tags:none:k', 'NOT_CREATED'],
      ['tags:names:k', 'ERROR_CACHE_MISS'],
      ['tags:new:k:b:a', 'CREATED'],
      ['tags:names:k', '2:a,b'],
      ['tags:add:k:c:a', '3'],
      ['tags:names:k', '3:a,b,c'],
      ['tags:count:k:a', '2'],
      ['tags:count:k:x', '0'],
      ['tags:new:k', 'CREATED'],
      ['tags:names:k', '0:'],
    ]);
  });

  test('work on plain items, whose changes are made when the call commits', () => {
    const harness = harnessed();
    play(harness, [
      ['notes:get:k', 'NOT_FOUND'],
      ['notes:put:k:x:y', '2'],
      ['notes:put:l', '0'],
      ['notes:get:k', 'x/one/text/0'],
      ['notes:list:all', 'note$k,note$l'],
    ]);
    expect(harness.get('notes:failing:k')).toMatch(/^CLIENT_ERROR notes:failing: notes\.lua:\d+: after the delete$/);
    play(harness, [
      ['notes:get:k', 'x/one/text/0'],
      ['notes:remove:k', 'REMOVED'],
      ['notes:get:k', 'NOT_FOUND'],
    ]);
  });

  test('see the command and raw arguments', () => {
    const harness = harnessed();
    play(harness, [
      ['notes:facts:k', 'get notes:facts:k 0 0 nil false k 0 '],
      ['notes:facts:k:a:%41', 'get notes:facts:k:a:%41 0 0 nil false k 2 a|%41'],
    ]);
    expect(harness.set('notes:facts:k:a', 'data')).toBe('STORED');
  });

  test('write their own items and lines', () => {
    const harness = harnessed();
    expect(harness.get('notes:put:k:x')).toContain('VALUE');
    expect(harness.get('notes:raw:k')).toMatch(/^VALUE note\$k 0 \d+\r\n[\s\S]*\r\nSTAT done 1\r\n$/);
  });

  test('use what Lua 5.1 had, and functions of other scripts', () => {
    play(harnessed(), [
      ['notes:multiply:k:60000:70000', '4200000000'],
      ['notes:shared:k:1:2:39', '42'],
    ]);
  });

  test('share a state, which is reset after a kill', () => {
    const harness = harnessed(50);
    play(harness, [
      ['notes:remember:k', '1'],
      ['notes:remember:k', '2'],
    ]);
    expect(harness.get('notes:spin:k')).toMatch(
      /^CLIENT_ERROR notes:spin: takes (longer than 50 ms of CPU time|more than 2000000 steps)$/,
    );
    play(harness, [
      ['notes:remember:k', '1'],
      ['notes:shared:k:1:2', '3'],
    ]);
  });

  test('cannot remove functions of the server or methods of other scripts permanently', () => {
    const loader = new ScriptLoader();
    const scripts = {
      taking: `taking = { run = function(command, key, cacheKey, code)
        local ok, message = pcall(loadstring(code))
        writeStringAsValue(command, key, tostring(message)) end }`,
      honest: `honest = { show = function(command, key)
        local list = {} for k, v in pairs({ 1, 2 }) do list[k] = v end
        writeStringAsValue(command, key, table.concat(list, ",")) end }`,
    };
    const harness = new CallHarness(
      Object.entries(scripts).map(([name, text]) => loader.load(Buffer.from(text), `scripts/${name}.lua`)),
    );
    const shown = values('honest:show:k', '1,2');
    for (const name of ['pairs', 'table', 'writeStringAsValue', '_G', 'executeNew']) {
      for (const code of [`${name} = nil`, `rawset(_G, "${name}", 1)`]) {
        expect(harness.get(`taking:run:k:${code}`)).toContain(`global '${name}' cannot be set in a method`);
        expect(harness.get('honest:show:k')).toBe(shown);
      }
    }
    expect(harness.get('taking:run:k:setmetatable(_G,{})')).toContain('read-only');
    for (const code of ['honest=nil', 'honest={}', 'honest.show=nil', 'honest.show=5', 'taking=nil', 'own=1']) {
      expect(harness.get(`taking:run:k:${code}`)).toBe(values(`taking:run:k:${code}`, 'nil'));
      expect(harness.get('honest:show:k')).toBe(shown);
    }
  });

  test('cannot store an item that clients could not name', () => {
    const body = 'command:setKey(k) getHashMap():put(command:newCacheItem())';
    const make = 'executeNew(command, key, "odd", k, function() return {} end)';
    const keys = ['" "', '"a b"', '"a\\r\\nEND"', '"a\\n"', '"a\\0"', '("k"):rep(251)'];
    const methods = keys.flatMap((k, index) =>
      [body, make].map(
        (work, kind) => `m${index}${kind ? 'x' : 'y'} = function(command, key) local k = ${k} ${work} end`,
      ),
    );
    const harness = new CallHarness([
      new ScriptLoader().load(Buffer.from(`odd = { ${methods.join(', ')} }`), 'scripts/odd.lua'),
    ]);
    for (const index of keys.keys()) {
      for (const kind of ['x', 'y'])
        expect(harness.get(`odd:m${index}${kind}:k`)).toBe(`CLIENT_ERROR odd:m${index}${kind}: key is not allowed`);
    }
  });

  test('make an object at a key that the same call has put or deleted', () => {
    const put = 'command:setKey("o$k") command:setData("plain") getHashMap():put(command:newCacheItem())';
    const make = 'executeNew(command, key, "o", "k", function() return { n = 1 } end)';
    const show = 'executeReadOnly(command, key, "o", "k", function(object) return object.n end)';
    const bodies = { afterPut: `${put} ${make}`, afterDelete: `getHashMap():delete("o$k") ${make}`, show, make };
    const methods = Object.entries({
      ...bodies,
      afterBoth: `getHashMap():delete("o$k") ${put} ${make}`,
      put: `${make} ${put}`,
    });
    const source = `o = { ${methods.map(([name, body]) => `${name} = function(command, key) ${body} end`).join(', ')} }`;
    const fresh = () =>
      new CallHarness([new ScriptLoader().load(Buffer.from(source), 'scripts/o.lua')], { arenaBytes: 4 * 1024 * 1024 });
    for (const name of ['afterPut', 'afterDelete', 'afterBoth']) {
      for (const before of [[], ['make']]) {
        const harness = fresh();
        for (const method of before) harness.get(`o:${method}:k`);
        expect(harness.get(`o:${name}:k`)).toBe(values(`o:${name}:k`, 'CREATED'));
        expect(harness.get('o:show:k')).toBe(values('o:show:k', '1'));
      }
    }
    const harness = fresh();
    harness.get('o:put:k');
    expect(harness.get('o:show:k')).toBe('CLIENT_ERROR o:show: o$k holds a plain value, not an object');
  });

  test('cannot call a table that is not a type', () => {
    const harness = harnessed();
    for (const key of ['string:upper:x', 'table:concat:x', 'os:time:x', '_G:print:x'])
      expect(harness.get(key)).toBe('no call');
  });

  test('keep running in their old version when the new one does not load', () => {
    const loader = new ScriptLoader();
    const harness = new CallHarness([loader.load(source('tags'), 'scripts/tags.lua')]);
    expect(() => loader.load(Buffer.from('tags = { new = '), 'scripts/tags.lua')).toThrow(/^scripts\/tags\.lua:1: /);
    expect(() => loader.load(Buffer.from('tags = 5'), 'scripts/tags.lua')).toThrow('defines no object type');
    expect(harness.get('tags:new:k:a')).toContain('CREATED');
    const next = loader.load(
      Buffer.from('tags = { new = function(c, o) writeStringAsValue(c, o, "second") end }'),
      'scripts/tags.lua',
    );
    expect(harness.get('tags:new:k:a')).toContain('CREATED');
    harness.registry.install(next);
    expect(harness.get('tags:new:k:a')).toContain('second');
  });
});

describe('the table arg of Lua 5.1', () => {
  const cases: Readonly<Record<string, readonly [body: string, answer: string]>> = {
    'has the extra arguments and their number': [
      'local function f(a, ...) return arg.n .. tostring(arg[1]) .. tostring(arg[3]) end return f(1, 2, nil, 4)',
      '324',
    ],
    'belongs to the function': [
      'local function f(...) local g = function(...) return arg[1] end return g(7) .. arg[1] end return f(1)',
      '71',
    ],
    'leaves a parameter of the name alone': ['local function f(arg) return arg end return f("own")', 'own'],
    'leaves fields of the name alone': [
      'local t = { arg = "field" } local function f(...) return t.arg .. arg.n end return f(1)',
      'field1',
    ],
    'works in methods and anonymous functions': [
      'local t = {} function t:m(...) return arg.n end return t:m(1, 2) .. (function(...) return arg.n end)(1)',
      '21',
    ],
    'is not in strings or comments': [
      '-- function f(...) arg\nlocal s = "function(...)" return s .. #s',
      'function(...)13',
    ],
  };
  for (const [name, [body, answer]] of Object.entries(cases)) {
    test(name, () => {
      const script = `probe = { run = function(command, key, cacheKey) local function body() ${body}\nend writeStringAsValue(command, key, body()) end }`;
      const harness = new CallHarness([new ScriptLoader().load(Buffer.from(script), 'scripts/probe.lua')]);
      expect(harness.get('probe:run:k')).toBe(values('probe:run:k', answer));
    });
  }
});
