// The settings of a type: it declares them in `config`, operators set them under `types` of the configuration file, and methods read them
// from `call.config`. Values are checked each time when the type is loaded, because the type may have changed.

import { utf8Encode } from '../../base/latin1.js';
import { didYouMean } from '../../base/nearest.js';
import { MAX_DEPTH } from '../../tables/plain-table.js';
import { LoadError } from './load-error.js';
import type { Parameters, SettingSchema, Settings } from './object-type.js';
import { type ParameterPlan, planParameters } from './parameter-plan.js';
import { SchemaCompiler } from './value-check.js';

/** What a type declares: the schema of each setting by its name. */
export type SettingSchemas = Readonly<Record<string, SettingSchema>>;

/** The values of the configuration file by type, as they are there. */
export interface GivenSettings {
  /** The file's name in messages. */
  readonly file: string;
  readonly types: Readonly<Record<string, Settings>>;
}

export const NO_SETTINGS: Settings = Object.freeze({});

export const NOTHING_GIVEN: GivenSettings = { file: 'the configuration', types: {} };

interface Declaring {
  readonly name: string;
  readonly file: string;
  readonly config?: SettingSchemas | undefined;
}

/** The plans of settings. Throws Error for a schema that no value, or not even its own default, can satisfy. */
export function planSettings(schemas: SettingSchemas, compiler: SchemaCompiler): readonly ParameterPlan[] {
  const parameters = Object.entries(schemas).map(([name, schema]) => [name, withListDefault(schema)]);
  // Defaults of settings may also be arrays and objects, which plans keep as they are.
  return planParameters(Object.fromEntries(parameters) as Parameters, compiler).parameters;
}

/** All settings of a type with their values; undefined if it declares none. Throws LoadError for the configuration file. */
export function settingsOf({ name, file, config }: Declaring, given: GivenSettings): Settings | undefined {
  const isSet = Object.hasOwn(given.types, name);
  if (config === undefined && !isSet) return undefined;
  const values = isSet ? given.types[name] : {};
  const mistakes = Object.keys(values)
    .filter((setting) => config === undefined || !Object.hasOwn(config, setting))
    .map((setting) => `types.${name}.${setting} is no setting of ${file}${hint(setting, config)}`);
  const settings: Record<string, unknown> = {};
  for (const { name: setting, schema, check, defaultValue } of planSettings(config ?? {}, new SchemaCompiler())) {
    const place = `types.${name}.${setting}`;
    const isGiven = Object.hasOwn(values, setting);
    const value = isGiven ? inBytes(values[setting]) : defaultValue;
    const mistake = isGiven ? (mistakeOf(schema.type, value) ?? check?.(value)) : undefined;
    if (value === undefined) mistakes.push(`${place} is missing: ${file} has no default for it`);
    else if (mistake !== undefined) mistakes.push(`${place} ${mistake}, says ${file}`);
    else settings[setting] = value;
  }
  if (mistakes.length > 0) throw new LoadError(given.file, undefined, mistakes.join('; '));
  return config === undefined ? undefined : settings;
}

/** A line for each type that the configuration sets and that does not exist. */
export function strangersIn({ file, types }: GivenSettings, known: readonly string[]): readonly string[] {
  return Object.keys(types)
    .filter((name) => !known.includes(name))
    .map((name) => `${file}: types.${name}: there is no object type of this name${didYouMean(name, known)}`);
}

/** Freezes values at every depth. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

function hint(setting: string, config: SettingSchemas | undefined): string {
  const known = Object.keys(config ?? {});
  return known.length === 0 ? ', which has none' : didYouMean(setting, known) || `, which has ${known.join(', ')}`;
}

const KINDS: Readonly<Record<SettingSchema['type'], (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && !Number.isNaN(value),
  integer: Number.isSafeInteger,
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

function mistakeOf(type: SettingSchema['type'], value: unknown): string | undefined {
  if (!KINDS[type](value)) return `must be ${type}`;
  return depthOf(value) > MAX_DEPTH ? 'is nested too deep' : undefined;
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Strings of types are byte strings. */
function inBytes(value: unknown): unknown {
  if (typeof value === 'string') return utf8Encode(value);
  if (Array.isArray(value)) return value.map(inBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [utf8Encode(key), inBytes(part)]));
}

/** In Lua, an empty array and an empty object are the same. */
function withListDefault(schema: SettingSchema): SettingSchema {
  const { type, default: preset } = schema;
  const isEmpty = typeof preset === 'object' && Object.keys(preset).length === 0;
  return type === 'array' && isEmpty ? { ...schema, default: [] } : schema;
}
