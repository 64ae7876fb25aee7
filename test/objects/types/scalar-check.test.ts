// Checks of numbers and choices complain exactly as ajv does about the same schema.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ParameterSchema } from '../../../src/objects/types/object-type.js';
import { scalarCheck } from '../../../src/objects/types/scalar-check.js';
import { SchemaCompiler } from '../../../src/objects/types/value-check.js';

const number = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ noNaN: true, min: -4, max: 4 }));
const words = fc.constantFrom('', 'a', 'b', 'minute');

const schemas: fc.Arbitrary<ParameterSchema> = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom('number' as const, 'integer' as const),
      minimum: number,
      maximum: number,
      exclusiveMinimum: number,
      exclusiveMaximum: number,
      enum: fc.uniqueArray(number, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constant('string' as const), enum: fc.uniqueArray(words, { minLength: 1, maxLength: 3 }) }),
);

/** What ajv says about the first mistake. */
function byAjv(schema: ParameterSchema, value: unknown): string | undefined {
  const validate = new SchemaCompiler().compile(schema);
  if (validate(value)) return undefined;
  const [error] = validate.errors ?? [];
  return error?.keyword === 'enum' ? `must be one of ${(schema.enum ?? []).join(', ')}` : error?.message;
}

test('a value of a number or a choice gets the complaint of ajv', () => {
  const values = (schema: ParameterSchema) =>
    schema.type === 'string'
      ? words
      : schema.type === 'integer'
        ? fc.integer({ min: -5, max: 5 })
        : fc.oneof(number, fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN));
  const cases = schemas.chain((schema) => fc.tuple(fc.constant(schema), values(schema)));
  fc.assert(
    fc.property(cases, ([schema, value]) => {
      const { type, ...constraints } = schema;
      if (Object.keys(constraints).length === 0) return;
      expect(scalarCheck(schema)?.(value)).toBe(byAjv(schema, value));
    }),
    { numRuns: 300 },
  );
});

test('arrays, objects and patterns are left to ajv', () => {
  expect(scalarCheck({ type: 'array', minItems: 1 })).toBeUndefined();
  expect(scalarCheck({ type: 'string', pattern: '^a' })).toBeUndefined();
});
