// The schemas of parameters and of settings, and the types of values that they describe. Part of the interface of object types, object-type.ts.

import type { Scalar } from '../../tables/table.js';

/** JSON Schema of one parameter. `type` decides how the bytes are converted before they are checked. */
export interface ParameterSchema {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';
  readonly description?: string;
  readonly default?: Scalar;
  readonly enum?: readonly Scalar[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: ParameterSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export type Parameters = Readonly<Record<string, ParameterSchema>>;

/** JSON Schema of one setting of a type. Without a default, the configuration file must have a value. */
export interface SettingSchema extends Omit<ParameterSchema, 'default'> {
  readonly default?: Scalar | readonly unknown[] | { readonly [key: string]: unknown };
}

/** The schemas of settings with these types. */
export type SettingSchemas<Config> = {
  readonly [Name in keyof Config]: SettingSchema & { readonly type: TypeWord<Config[Name]> };
};

/** The `type` of a schema whose values have this type. */
type TypeWord<Value> = unknown extends Value
  ? SettingSchema['type']
  : Value extends string
    ? 'string'
    : Value extends number
      ? 'number' | 'integer'
      : Value extends boolean
        ? 'boolean'
        : Value extends readonly unknown[]
          ? 'array'
          : 'object';

type ValueOf<S extends ParameterSchema> = S extends { enum: readonly (infer E)[] }
  ? E
  : S['type'] extends 'string'
    ? string
    : S['type'] extends 'number' | 'integer'
      ? number
      : S['type'] extends 'boolean'
        ? boolean
        : S extends { type: 'array'; items: infer I extends ParameterSchema }
          ? ValueOf<I>[]
          : S['type'] extends 'array'
            ? unknown[]
            : Record<string, unknown>;

/** The arguments that `run` receives: each parameter by name, typed by its schema. Clients may omit a parameter with a default. */
export type Arguments<P extends Parameters> = { readonly [Name in keyof P]: ValueOf<P[Name]> };

/** Rejects unknown keywords of a schema, and a default that is not of the parameter's type. */
export type CheckedParameters<P extends Parameters> = {
  readonly [Name in keyof P]: ParameterSchema extends P[Name]
    ? P[Name]
    : {
        readonly [Word in keyof P[Name]]: Word extends 'default'
          ? ValueOf<P[Name]>
          : Word extends keyof ParameterSchema
            ? P[Name][Word]
            : never;
      };
};
