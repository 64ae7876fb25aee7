// The required form of a definition, and the checks by its parameters' schemas.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { checkManifest } from '../../../src/objects/types/manifest.js';
import { method, type ParameterSchema } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';

const say = { say: { access: 'read' } };

test('a property that a plugin adds to Object.prototype is not a field of a definition', () => {
  const definition = { name: 'a', methods: { say: { access: 'read', parameters: {} } } };
  // The schema is compiled by the first check.
  checkManifest('f', definition);
  Object.assign(Object.prototype, { polluted: 1 });
  try {
    const { methods } = checkManifest('f', definition);
    expect(methods.map(({ name }) => name)).toEqual(['say']);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'polluted');
  }
});

describe('a definition is refused', () => {
  test.each<[string, unknown, string]>([
    ['when it is none', 7, 'the definition must be an object'],
    ['without a name', { methods: say }, 'name is missing'],
    [
      'with a wrong name',
      { name: 'A', methods: say },
      'name must be lower case letters, digits and _, starting with a letter',
    ],
    ['with a long name', { name: 'a'.repeat(33), methods: say }, 'name must NOT have more than 32 characters'],
    ['without methods', { name: 'a' }, 'methods is missing'],
    ['with no method', { name: 'a', methods: {} }, 'methods is empty: a type has at least one method'],
    [
      'with an unknown field',
      { name: 'a', methods: say, owner: 1 },
      'the definition must not have owner: it may have name, summary, missing, config, retention, version, methods',
    ],
    ['without access', { name: 'a', methods: { put: {} } }, 'methods.put.access is missing'],
    [
      'with a wrong access',
      { name: 'a', methods: { put: { access: 'own' } } },
      'methods.put.access must be one of create, read, write, upsert',
    ],
    [
      'with an access that is misspelled',
      { name: 'a', methods: { put: { access: 'upsrt' } } },
      "methods.put.access must be one of create, read, write, upsert, not 'upsrt': did you mean upsert?",
    ],
    [
      'with a parameter whose type is misspelled',
      { name: 'a', methods: { put: { access: 'read', parameters: { n: { type: 'integr' } } } } },
      "methods.put.parameters.n.type must be one of string, number, integer, boolean, array, object, not 'integr': did you mean integer?",
    ],
    [
      'with a name in mixed case',
      { name: 'wIsh', methods: say },
      "name must be lower case letters, digits and _, starting with a letter, not 'wIsh': did you mean wish?",
    ],
    ['with a summary that is a number', { name: 'a', summary: 7, methods: say }, 'summary must be a string, not 7'],
    [
      'with a wrong method name',
      { name: 'a', methods: { 'a:b': { access: 'read' } } },
      'methods must not have a:b: names are letters, digits and _, starting with a letter',
    ],
    [
      'with a parameter of no type',
      { name: 'a', methods: { put: { access: 'read', parameters: { n: {} } } } },
      'methods.put.parameters.n.type is missing',
    ],
    [
      'with an unknown constraint',
      { name: 'a', methods: { put: { access: 'read', parameters: { n: { type: 'integer', min: 1 } } } } },
      'methods.put.parameters.n must not have min: did you mean minimum?',
    ],
    [
      'with a parameter without a default between one with a default and the last',
      {
        name: 'a',
        methods: {
          put: {
            access: 'read',
            parameters: { n: { type: 'integer', default: 1 }, k: { type: 'string' }, v: { type: 'string' } },
          },
        },
      },
      'methods.put.parameters.k needs a default, since n before it has one',
    ],
    [
      'with an invalid pattern',
      { name: 'a', methods: { put: { access: 'read', parameters: { k: { type: 'string', pattern: '(' } } } } },
      'methods.put.parameters.k: pattern "(" has a ( without its )',
    ],
  ])('%s', (_name, definition, reason) => {
    expect(() => checkManifest('scripts/foo.lua', definition)).toThrow(`scripts/foo.lua: ${reason}`);
  });

  test('with every mistake of the file in one line', () => {
    const definition = {
      nam: 'a',
      methods: {
        put: { acess: 'read', parameters: { n: { type: 'integer', defualt: 1 } } },
        get: { access: 'own' },
      },
    };
    expect(reasonOf(definition).split('; ').sort()).toEqual([
      "methods.get.access must be one of create, read, write, upsert, not 'own'",
      'methods.put must not have acess: did you mean access?',
      'methods.put.access is missing',
      'methods.put.parameters.n must not have defualt: did you mean default?',
      'name is missing',
      'the definition must not have nam: did you mean name?',
    ]);
  });

  test.each<[string, object, string]>([
    ['a default of another type', { type: 'integer', default: 'a' }, 'n.default must be a whole number, not "a"'],
    [
      'a default that is not an integer',
      { type: 'integer', default: 1.5 },
      'n.default must be a whole number, not 1.5',
    ],
    ['a default below the minimum', { type: 'number', default: 1, minimum: 2 }, 'n.default must be >= 2'],
    [
      'a default that is not one of the choices',
      { type: 'string', default: 'c', enum: ['a'] },
      'n.default must be one of a',
    ],
    [
      'a default that is too long',
      { type: 'string', default: 'abc', maxLength: 2 },
      'n.default must have at most 2 bytes',
    ],
    ['a default of a list', { type: 'array', default: '[]' }, 'n.default must be of type array, not "[]"'],
    [
      'a default that the pattern refuses',
      { type: 'string', default: 'b', pattern: '^a$' },
      'n.default must match pattern "^a$"',
    ],
    [
      'a choice of another type',
      { type: 'integer', enum: [1, 'two'] },
      'n.enum must hold what is a whole number, not "two"',
    ],
    [
      'limits that no value satisfies',
      { type: 'integer', minimum: 3, maximum: 2 },
      'n.minimum is larger than its maximum',
    ],
    [
      'such limits of elements',
      { type: 'array', items: { type: 'string', minLength: 3, maxLength: 2 } },
      'n.items.minLength is larger than its maxLength',
    ],
  ])('with %s', (_, schema, reason) => {
    const methods = { put: { access: 'read', parameters: { n: schema } }, other: { access: 'none' } };
    expect(reasonOf({ name: 'a', methods: { put: methods.put } })).toBe(`methods.put.parameters.${reason}`);
  });

  function reasonOf(definition: unknown): string {
    try {
      checkManifest('scripts/foo.lua', definition);
    } catch (thrown) {
      return (thrown as Error).message.replace('scripts/foo.lua: ', '');
    }
    return 'is accepted';
  }
});

describe('an argument', () => {
  const answer = (schema: ParameterSchema, argument: string) => {
    const type = typeOf('t', {
      new: method({ access: 'create', run: () => 'made' }),
      go: method({ access: 'read', parameters: { x: schema }, run: (_self, { x }) => JSON.stringify(x) }),
    });
    const harness = new CallHarness([type]);
    harness.get('t:new:k');
    return harness.get(`t:go:k:${argument}`).replace('CLIENT_ERROR t:go: ', '');
  };

  test.each<[ParameterSchema, string, string]>([
    [{ type: 'integer', minimum: 0 }, '0', '0'],
    [{ type: 'integer', minimum: 0 }, '-1', 'x must be >= 0'],
    [{ type: 'integer', maximum: 9 }, '10', 'x must be <= 9'],
    [{ type: 'integer' }, '1e3', 'x must be a whole number in decimal digits'],
    [{ type: 'integer' }, '9007199254740993', 'x must be between -9007199254740991 and 9007199254740991'],
    [{ type: 'number' }, '1e-7', '1e-7'],
    [{ type: 'number' }, '1e+21', '1e+21'],
    [{ type: 'number' }, '.5', '0.5'],
    [{ type: 'number' }, '1e400', 'x must be a number in decimal digits'],
    [{ type: 'number', exclusiveMinimum: 0 }, '0.0', 'x must be > 0'],
    [{ type: 'number', exclusiveMaximum: 1 }, '0.5', '0.5'],
    [{ type: 'boolean' }, '1', 'true'],
    [{ type: 'boolean' }, 'yes', 'x must be true or false'],
    [{ type: 'string', enum: ['a', 'b'] }, 'b', '"b"'],
    [{ type: 'string', enum: ['a', 'b'] }, 'c', 'x must be one of a, b'],
    [{ type: 'string', minLength: 2 }, 'a', 'x must have at least 2 bytes'],
    [{ type: 'string', maxLength: 2 }, '\u00c3\u00a9\u00c3', 'x must have at most 2 bytes'],
    [{ type: 'string', maxLength: 2 }, '\u00c3\u00a9', '"\u00c3\u00a9"'],
    [{ type: 'string', pattern: '^[a-c]+$' }, 'abc', '"abc"'],
    [{ type: 'string', pattern: '^[a-c]+$' }, 'abd', 'x must match pattern "^[a-c]+$"'],
    [{ type: 'array', items: { type: 'integer' }, minItems: 1 }, '[1,2]', '[1,2]'],
    [{ type: 'array', items: { type: 'integer' }, minItems: 1 }, '[]', 'x must NOT have fewer than 1 items'],
    [{ type: 'array', items: { type: 'integer' } }, '[1,"2"]', 'x at /1 must be integer'],
    [{ type: 'array' }, '7', 'x must be a JSON array'],
    [{ type: 'object' }, '{"a"%3A{"b"%3A1}}', '{"a":{"b":1}}'],
    [{ type: 'object' }, '{"a":{"b":1}}', '{"a":{"b":1}}'],
    [{ type: 'array' }, '["a:b","c"]', '["a:b","c"]'],
    [{ type: 'array' }, `${'['.repeat(32)}${']'.repeat(32)}`, `${'['.repeat(32)}${']'.repeat(32)}`],
    [{ type: 'array' }, `${'['.repeat(33)}${']'.repeat(33)}`, 'x is nested too deep: at most 32 levels'],
    [{ type: 'array' }, '['.repeat(200), 'x is nested too deep: at most 32 levels'],
    [{ type: 'object' }, '{"a":'.repeat(40), 'x is nested too deep: at most 32 levels'],
    [{ type: 'array' }, '["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["]', '["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["]'],
    [{ type: 'object' }, '[]', 'x must be a JSON object'],
    [{ type: 'object' }, 'null', 'x must be a JSON object'],
  ])('of %j: %s', (schema, argument, answered) => expect(answer(schema, argument)).toBe(answered));
});

test('a call that was refused does not keep the next type from being loaded', () => {
  const refusing = method({
    access: 'upsert',
    parameters: { x: { type: 'string', pattern: '^[a-c]+$' } },
    run: (_self, _args, call) => call.refuse('no'),
  });
  const harness = new CallHarness([typeOf('t', { go: refusing })]);
  expect(harness.get('t:go:k:abc')).toBe('CLIENT_ERROR t:go: no');
  expect(typeOf('other', { go: refusing }).name).toBe('other');
});

test('the schema of definitions is a valid schema', () => {
  const schema = JSON.parse(readFileSync(new URL('../../../schemas/object-type.schema.json', import.meta.url), 'utf8'));
  expect(new Ajv2020({ allowUnionTypes: true }).validateSchema(schema)).toBe(true);
});
