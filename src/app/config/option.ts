// An option is one row: its names, its place in `Config` and in `stats settings`, and the constraints of its value. The rows are in the
// folder `options`; flags, environment, file, help, schema and documents derive from them.

export interface OptionSchema {
  readonly type: 'integer' | 'string' | 'boolean' | 'array';
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly items?: Readonly<Record<string, unknown>>;
  /** For sizes: the unit of a bare number. */
  readonly unit?: 'bytes' | 'MiB';
  /** The allowed values in words, where the keywords do not say it well. */
  readonly allowed?: string;
}

/** The names by which a user gives an option. */
export interface OptionNames {
  /** The flag, the name in files and, in capitals, in the environment. */
  readonly name: string;
  readonly short?: string;
  /** The placeholder of its value in the help; none for a switch. */
  readonly argument?: string;
}

export interface Option extends OptionNames {
  /** memcached's name after -o. */
  readonly extended?: string;
  /** The property of `Config`. */
  readonly key: string;
  /** The row of `stats settings`. */
  readonly setting?: string;
  /** The row of `stats transport`, or of `stats objects` for an object option, if memcached has no such setting. */
  readonly ownSetting?: string;
  /** How `stats settings` writes the value of `Config`; otherwise a switch is yes or no and a missing value is NULL. */
  readonly show?: (value: never) => string | number;
  readonly summary: string;
  readonly schema: OptionSchema;
  /** Makes the value of `Config` from a checked one that was given or is the default; paths are relative to the directory. */
  readonly convert?: (value: never, directory: string) => unknown;
}

/** Keeps the exact types of the rows, from which the type of `Config` follows. */
export function options<const Rows extends readonly Option[]>(rows: Rows): Rows {
  return rows;
}

type ValueOfType = { integer: number; boolean: boolean; array: readonly string[]; string: string };

/** The type of values that pass the schema. */
type CheckedValue<Schema extends OptionSchema> = Schema extends { readonly enum: readonly (infer Word)[] }
  ? Word
  : ValueOfType[Schema['type']];

type Converted<Row extends Option> = Row extends { readonly convert: (...values: never[]) => infer Value }
  ? Value
  : CheckedValue<Row['schema']>;

/** Without a default, an option that is not given is undefined. */
type ConfigValue<Row extends Option> = Row['schema'] extends { readonly default: unknown }
  ? Converted<Row>
  : Converted<Row> | undefined;

/** The properties of `Config` that rows of this type define. */
export type OptionValues<Row extends Option> = { readonly [One in Row as One['key']]: ConfigValue<One> };
