// Loading scripts: which files define types, and the log line of a file that does not.

import { describe, expect, test } from 'vitest';
import { ScriptLoader } from '../../../src/languages/lua/host/load-script.js';
import { CallHarness } from '../../objects/call-harness.js';

function load(source: string) {
  return new ScriptLoader().load(Buffer.from(source, 'latin1'), 'scripts/x.lua');
}

const METHOD = 'm = { access = "read", run = function() return 1 end }';

const MISTAKES: Readonly<Record<string, readonly [source: string, message: string | RegExp]>> = {
  'half a file': ['return { name = "x", methods = {', /^scripts\/x\.lua:1: .*expected/],
  'an error on a line': ['\n\nlocal x = nil + 1', /^scripts\/x\.lua:3: attempt to perform arithmetic on a nil value/],
  'nothing at all': ['', 'scripts/x.lua: defines no object type'],
  'a library': ['return { help = function() end }', 'scripts/x.lua: defines no object type'],
  'no run': [
    'return { name = "x", methods = { m = { access = "read" } } }',
    'scripts/x.lua:1: methods.m.run must be a function',
  ],
  'a wrong access': [
    'return { name = "x", methods = { m = { access = "rw", run = print } } }',
    'methods.m.access must be one of create, read, write',
  ],
  'a wrong name': [`return { name = "X y", methods = { ${METHOD} } }`, 'name must be lower case letters'],
  'a name too many': [`return { name = "x", colour = "red", methods = { ${METHOD} } }`, 'must not have colour'],
  'an endless loop': ['while true do end', /takes (longer than 1000 ms|more than)/],
  bytecode: ['\u001bLua', 'binary'],
  'two tables of functions': ['a = { f = print } b = { f = print }', 'sets 2 tables of functions, none named x'],
  'control characters in the message': ['error("a\\r\\nb")', 'scripts/x.lua:1: a b'],
};

describe('a script that defines no type', () => {
  for (const [name, [source, message]] of Object.entries(MISTAKES)) {
    test(`is refused with its reason: ${name}`, () => expect(() => load(source)).toThrow(message));
  }
});

describe('a type', () => {
  test('has name, summaries and methods as written', () => {
    const type = load(`return { name = "x", summary = "an example", methods = {
      put = { access = "write", summary = "puts", parameters = { { name = "b", type = "string" }, { name = "a", type = "integer", default = 1 } },
        run = function(self, args) return args.b end } } }`);
    expect([type.name, type.summary, type.language, type.file]).toEqual(['x', 'an example', 'lua', 'scripts/x.lua']);
    const put = type.methods.get('put');
    expect([put?.access, put?.summary]).toEqual(['write', 'puts']);
    expect(put?.plan.parameters.map(({ name, optional }) => [name, optional])).toEqual([
      ['b', false],
      ['a', true],
    ]);
  });

  test('may give one parameter by name', () => {
    const type = load(
      'return { name = "x", methods = { m = { access = "create", parameters = { v = { type = "number", minimum = 2 } }, run = function(self, args) return args.v end } } }',
    );
    const harness = new CallHarness([type]);
    expect([harness.get('x:m:k:2.5'), harness.get('x:m:k:1')]).toEqual(['2.5', 'CLIENT_ERROR x:m: v must be >= 2']);
  });

  test.each([
    ['{ type = "string" }', 'methods.m.parameters[1] needs a name, as in { name = "count", type = "integer" }'],
    [
      '{ name = "", type = "string" }',
      'methods.m.parameters[1] needs a name, as in { name = "count", type = "integer" }',
    ],
    ['"a"', 'methods.m.parameters[1] needs a name, as in { name = "count", type = "integer" }'],
    [
      '{ name = "a", type = "string" }, { name = "a", type = "integer" }',
      'methods.m.parameters has two parameters of the name a',
    ],
    [
      '{ name = "a", type = "array", default = {} }',
      'methods.m.parameters.a.default must be a string or a number or a boolean',
    ],
  ])('is refused with the parameters %s', (parameters, reason) => {
    const text = `return { name = "x", methods = { m = { access = "read", parameters = { ${parameters} }, run = print } } }`;
    expect(() => load(text)).toThrow(`scripts/x.lua:1: ${reason}`);
  });

  test('runs its file once, and keeps its locals between calls', () => {
    const type = load(
      'local n = 0 return { name = "x", methods = { m = { access = "create", run = function() n = n + 1 return n end } } }',
    );
    const harness = new CallHarness([type]);
    expect([harness.get('x:m:k'), harness.get('x:m:k')]).toEqual(['1', '2']);
  });
});
