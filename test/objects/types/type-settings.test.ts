// Settings of types: what a type declares in `config`, the values of the configuration file, and `call.config`, in both languages.

import { describe, expect, test } from 'vitest';
import { ScriptLoader } from '../../../src/languages/lua/host/load-script.js';
import { nativeType } from '../../../src/languages/typescript/typescript-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { type CallContext, method, type Settings } from '../../../src/objects/types/object-type.js';
import { type SettingSchemas, settingsOf, strangersIn } from '../../../src/objects/types/type-settings.js';
import { CallHarness } from '../call-harness.js';

const CONFIG: SettingSchemas = {
  rate: { type: 'number', minimum: 0, default: 1.5 },
  limit: { type: 'integer', minimum: 1 },
  name: { type: 'string', maxLength: 4, default: 'x' },
  isOn: { type: 'boolean', default: true },
  tags: { type: 'array', items: { type: 'string' }, default: [] },
  extra: { type: 'object', default: { a: [1] } },
};

const SCRIPT = (config: string) => `
local function reads(run) return { access = "create", run = run } end
return { name = "x", ${config} methods = {
  all = reads(function(self, args, call) return call.config end),
  rate = reads(function(self, args, call) return tostring(call.config.rate) end),
  write = reads(function(self, args, call) call.config.rate = 2 end),
  deep = reads(function(self, args, call) call.config.extra.a[1] = 2 end),
} }`;

const LUA_CONFIG = `config = {
  rate = { type = "number", minimum = 0, default = 1.5 },
  limit = { type = "integer", minimum = 1 },
  name = { type = "string", maxLength = 4, default = "x" },
  isOn = { type = "boolean", default = true },
  tags = { type = "array", items = { type = "string" }, default = {} },
  extra = { type = "object", default = { a = { 1 } } },
},`;

const given = (values: Settings) => ({ file: 'cacheismo.config.yaml', types: { x: values } });

function inLua(values: Settings, config = LUA_CONFIG): LoadedType {
  const script = new ScriptLoader().examine(Buffer.from(SCRIPT(config)), 'scripts/x.lua');
  if ('helper' in script) throw new Error(script.helper);
  return new ScriptLoader().make({ ...script, settings: settingsOf(script, given(values)) }, true);
}

function inTypeScript(values: Settings, config: SettingSchemas | undefined = CONFIG): LoadedType {
  const read = (run: (call: CallContext) => unknown) =>
    method({ access: 'create', run: (_self, _args, call) => run(call) as string });
  const definition = {
    name: 'x',
    ...(config === undefined ? {} : { config }),
    methods: {
      all: read((call) => call.config),
      rate: read((call) => String(call.config.rate)),
      write: read((call) => void Object.assign(call.config, { rate: 2 })),
      deep: read((call) => void Object.assign((call.config.extra as { a: number[] }).a, [2])),
    },
  };
  const settings = settingsOf({ name: 'x', file: 'plugins/x.ts', config }, given(values));
  return nativeType('plugins/x.ts', definition, settings);
}

describe.each([['Lua', inLua, 'scripts/x.lua'] as const, ['TypeScript', inTypeScript, 'plugins/x.ts'] as const])(
  'call.config in %s',
  (language, load, file) => {
    test('has the given values and the defaults of all others', () => {
      const harness = new CallHarness([load({ limit: 7, name: 'ä', tags: ['ü'] })]);
      expect(JSON.parse(harness.get('x:all:k'))).toEqual({
        rate: 1.5,
        limit: 7,
        // Two bytes each.
        name: expect.any(String),
        isOn: true,
        tags: [expect.any(String)],
        extra: { a: [1] },
      });
      expect(Buffer.from(harness.get('x:all:k'), 'latin1').toString('utf8')).toContain('"name":"ä"');
      expect(harness.get('x:rate:k')).toBe('1.5');
      expect(JSON.parse(new CallHarness([load({ limit: 1 })]).get('x:all:k')).tags).toEqual([]);
    });

    test('is frozen, at every depth', () => {
      const harness = new CallHarness([load({ limit: 7 })]);
      expect(harness.get('x:write:k')).toMatch(/^CLIENT_ERROR x:write: .*rate/);
      expect(harness.get('x:deep:k')).toMatch(/^CLIENT_ERROR x:deep: /);
      if (language === 'Lua') {
        expect(harness.get('x:write:k')).toContain('call.config.rate cannot be set: it comes from the configuration');
      }
      expect(JSON.parse(harness.get('x:all:k')).extra).toEqual({ a: [1] });
    });

    test.each<[values: Settings, message: string]>([
      [{ limit: 0 }, `types.x.limit must be >= 1, says ${file}`],
      [{ limit: 1.5 }, `types.x.limit must be integer, says ${file}`],
      [{ limit: '1' }, 'types.x.limit must be integer'],
      [{}, `types.x.limit is missing: ${file} has no default for it`],
      [{ limit: 1, rat: 2 }, `types.x.rat is no setting of ${file}; did you mean rate?`],
      [{ limit: 1, colour: 2 }, 'types.x.colour is no setting of'],
      [{ limit: 1, tags: [1] }, 'types.x.tags at /0 must be string'],
      [{ limit: 1, tags: 'a' }, 'types.x.tags must be array'],
      [{ limit: 1, extra: [] }, 'types.x.extra must be object'],
      [{ limit: 1, extra: null }, 'types.x.extra must be object'],
      [{ limit: 1, name: 'äää' }, 'types.x.name must have at most 4 bytes'],
      [{ limit: 1, rate: Number.NaN }, 'types.x.rate must be number'],
      [{ limit: 0, rate: -1 }, 'types.x.rate must be >= 0'],
    ])('%j is refused with the file of the configuration and the path', (values, message) => {
      expect(() => load(values)).toThrow(message);
      expect(() => load(values)).toThrow(/^cacheismo\.config\.yaml: types\.x\./);
    });

    test('is empty for a type without settings, which cannot be set', () => {
      const without = () => (language === 'Lua' ? inLua({}, '') : undefined);
      const type = without();
      if (type !== undefined) {
        const harness = new CallHarness([type]);
        expect([harness.get('x:all:k'), harness.get('x:rate:k')]).toEqual(['{}', 'nil']);
        expect(harness.get('x:write:k')).toContain('call.config.rate cannot be set');
      }
      expect(() => settingsOf({ name: 'x', file }, given({ limit: 1 }))).toThrow(
        `cacheismo.config.yaml: types.x.limit is no setting of ${file}, which has none`,
      );
    });
  },
);

test('a type in TypeScript without settings has an empty call.config', () => {
  const type = nativeType('plugins/x.ts', {
    name: 'x',
    methods: { all: method({ access: 'create', run: (_self, _args, call) => call.config }) },
  });
  expect(type.config).toBeUndefined();
  expect(new CallHarness([type]).get('x:all:k')).toBe('{}');
});

test.each<[config: string, message: string]>([
  ['{ rate = { type = "number", default = "x" } }', 'config.rate.default must be of type number, not "x"'],
  ['{ rate = { type = "number", minimum = 1, default = 0 } }', 'config.rate.default must be >= 1'],
  ['{ rate = { type = "number", minimum = 2, maximum = 1 } }', 'config.rate.minimum is larger than its maximum'],
  ['{ rate = { type = "float" } }', 'config.rate.type must be one of'],
  ['{ rate = { typ = "number" } }', 'config.rate must not have typ: did you mean type?'],
  ['{ ["a-b"] = { type = "number" } }', 'config must not have a-b'],
  ['5', 'config must be an object'],
])('a type with config = %s is refused', (config, message) => {
  expect(() => inLua({}, `config = ${config},`)).toThrow(message);
});

test('settings of types that do not exist are named, with a near name', () => {
  const settings = { file: 'cacheismo.config.json', types: { quotta: {}, quota: {}, z: {} } };
  expect(strangersIn(settings, ['quota', 'map'])).toEqual([
    'cacheismo.config.json: types.quotta: there is no object type of this name; did you mean quota?',
    'cacheismo.config.json: types.z: there is no object type of this name',
  ]);
});
