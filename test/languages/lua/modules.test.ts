// Modules that scripts share: `require`, its mistakes, and what modules keep between calls.

import { describe, expect, test } from 'vitest';
import type { ExaminedScript } from '../../../src/languages/lua/host/examined-script.js';
import { ScriptLoader } from '../../../src/languages/lua/host/load-script.js';
import { type ModuleSource, modulePath } from '../../../src/languages/lua/host/module-source.js';
import { CallHarness } from '../../objects/call-harness.js';

/** Modules by their names. */
type Modules = Readonly<Record<string, string>>;

function source(modules: Modules): ModuleSource {
  return {
    find: (name) => (Object.hasOwn(modules, name) ? { name, text: Buffer.from(modules[name], 'latin1') } : undefined),
    whyMissing: (name) => `there is no scripts/${modulePath(name)}`,
  };
}

const script = (head: string, run: string) =>
  `${head}\nreturn { name = "x", methods = { m = { access = "upsert", run = function(self, args, call) ${run} end } } }\n`;

function examine(text: string, modules: Modules): ExaminedScript {
  const found = new ScriptLoader().examine(Buffer.from(text, 'latin1'), 'scripts/x.lua', source(modules));
  if ('helper' in found) throw new Error(found.helper);
  return found;
}

function harness(text: string, modules: Modules, typeMemoryBytes?: number): CallHarness {
  return new CallHarness([new ScriptLoader(typeMemoryBytes).make(examine(text, modules), true)]);
}

const call = (text: string, modules: Modules) => harness(text, modules).get('x:m:k');

describe('a module', () => {
  test('is required by its name, with dots for folders, and gets its name', () => {
    expect(modulePath('money.rates')).toBe('lib/money/rates.lua');
    const modules = {
      money: 'local rates = require "money.rates"\nreturn { vat = function(n) return n * rates.vat end }',
      'money.rates': 'return { vat = 2, name = ... }',
    };
    const text = script('local money = require "money"', 'return money.vat(21) .. " " .. require("money.rates").name');
    expect(call(text, modules)).toBe('42 money.rates');
    expect(examine(text, modules).modules.map(({ name }) => name)).toEqual(['money', 'money.rates']);
  });

  test('runs once in a state, whoever requires it', () => {
    const modules = {
      count: 'runs = (runs or 0) + 1\nreturn {}',
      other: 'return require "count"',
    };
    const head = 'local one, two, three = require "count", require "other", require "count"';
    expect(call(script(head, 'return tostring(one == two and two == three) .. runs'), modules)).toBe('true1');
  });

  test('that returns nothing is true, as in Lua', () => {
    expect(call(script('', 'return tostring(require "set")'), {})).toMatch(/^CLIENT_ERROR/);
    expect(call(script('local set = require "set"', 'return tostring(set) .. value'), { set: 'value = 5' })).toBe(
      'true5',
    );
  });

  test('may begin with a byte order mark and with a line for the shell', () => {
    expect(call(script('local m = require "m"', 'return m'), { m: '\xef\xbb\xbf#!/usr/bin/lua\nreturn "ran"' })).toBe(
      'ran',
    );
  });

  test('cannot be changed after loading where a library could not, and has no more rights than a script', () => {
    const modules = { m: 'return { f = function() string.rep = nil end, g = function() leaked = 1 end, io = io }' };
    const head = 'local m = require "m"';
    expect(call(script(head, 'm.f()'), modules)).toBe(
      'CLIENT_ERROR x:m: lib/m.lua:1: string.rep cannot be set: libraries are read-only',
    );
    expect(call(script(head, 'm.g()'), modules)).toContain("global 'leaked' cannot be set in a method");
    expect(call(script(head, 'return tostring(m.io)'), modules)).toBe('nil');
  });

  test('of one type is not seen by another type', () => {
    const modules = { m: 'return { n = 0 }' };
    const text = script('local m = require "m"', 'm.n = m.n + 1 return m.n');
    const loader = new ScriptLoader();
    const types = ['x', 'y'].map((name) => {
      const own = text.replace('name = "x"', `name = "${name}"`);
      const found = loader.examine(Buffer.from(own), `scripts/${name}.lua`, source(modules));
      return loader.make(found as ExaminedScript, true);
    });
    const both = new CallHarness(types);
    expect([both.get('x:m:k'), both.get('x:m:k'), both.get('y:m:k')]).toEqual(['1', '2', '1']);
  });

  test('counts as memory that its type keeps, and is new after the type has kept too much', () => {
    const modules = { m: 'return { kept = {} }' };
    const run = 'm.kept[#m.kept + 1] = string.rep("x", 1000000) .. #m.kept return #m.kept';
    const kept = harness(script('local m = require "m"', run), modules, 4 * 1024 * 1024);
    const counts = Array.from({ length: 12 }, () => Number(kept.get('x:m:k')));
    expect(Math.max(...counts)).toBeLessThan(8);
    expect(counts.filter((count) => count === 1).length).toBeGreaterThan(1);
    expect(kept.get('cacheismo:types')).toMatch(/keeps \d+ bytes restarts [1-9]\d* uses scripts\/lib\/m\.lua$/m);
  });
});

describe('a mistake is one line with file and line number', () => {
  test.each<[what: string, head: string, modules: Modules, line: string | RegExp]>([
    [
      'a module that does not exist',
      '\nlocal m = require "money.rates"',
      {},
      "scripts/x.lua:2: require 'money.rates': there is no scripts/lib/money/rates.lua",
    ],
    [
      'a syntax error in a module',
      'local m = require "m"',
      { m: '\nreturn {\n  = 1\n}' },
      "scripts/lib/m.lua:3: unexpected symbol near '='",
    ],
    [
      'an error while a module runs',
      'local m = require "m"',
      { m: 'require "n"', n: '\nlocal x = nil + 1' },
      'scripts/lib/n.lua:2: attempt to perform arithmetic on a nil value',
    ],
    [
      'modules that require each other',
      'local m = require "m"',
      { m: 'return require "n"', n: '\nreturn require "m"' },
      "scripts/lib/n.lua:2: require 'm': modules require each other in a circle: m -> n -> m",
    ],
    ['a path', 'require "../x"', {}, /^scripts\/x\.lua:1: bad argument #1 to 'require' \(a name such as 'money'/],
    ['a long name', `require "${'m'.repeat(49)}"`, {}, /bad argument #1 to 'require'/],
    ['no name', 'require()', {}, /bad argument #1 to 'require' \(string expected, got no value\)/],
    ['a module that loops', 'require "m"', { m: 'while true do end' }, /^scripts\/x\.lua: takes/],
  ])('%s', (_what, head, modules, line) => {
    expect(() => examine(script(head, ''), modules)).toThrow(line);
  });

  test('a script that requires modules and returns no definition', () => {
    expect(() => examine('local m = require "m"\nreturn { name = "x", method = {} }', { m: '' })).toThrow(
      'must not have method: did you mean methods?',
    );
    expect(() => examine('local m = require "m"\nlocal x = { methods = {} }', { m: '' })).toThrow(
      'returns no object type',
    );
    expect(() => examine('return require "m"', { m: 'return {}' })).toThrow('defines no object type');
  });

  test('a module that a method requires first', () => {
    const text = script('', 'return require("m").n');
    expect(call(text, { m: 'return { n = 1 }' })).toBe(
      "CLIENT_ERROR x:m: x.lua:2: require 'm': modules load with the script: call require at its top level",
    );
  });

  test('a script may go without a module', () => {
    const text = script('local found, m = pcall(require, "m")', 'return tostring(found)');
    expect(call(text, {})).toBe('false');
  });
});
