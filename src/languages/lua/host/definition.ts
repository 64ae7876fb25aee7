// Reads the definition of a type from the table that a script returned: plain data for the schema's check, and the
// functions separately. Raw: no metamethod runs. Checking it: objects/types/manifest.ts.

import { nearest } from '../../../base/nearest.js';
import { LoadError } from '../../../objects/types/load-error.js';
import { migrationMistakes } from '../../../objects/types/manifest.js';
import { MAX_DEPTH } from '../../../tables/plain-table.js';
import { isFunction, makeValue } from '../libraries/host-functions.js';
import { fengari } from '../vm/fengari.js';
import type { LuaTable, TValue } from '../vm/fengari-types.js';
import type { LuaString } from '../vm/lua-string.js';
import { BOOLEAN, STRING, TABLE, TYPE_MASK, TYPE_NUMBER } from '../vm/tags.js';

const { ltable } = fengari;

export interface Definition {
  readonly data: unknown;
  readonly runs: ReadonlyMap<string, TValue>;
  readonly migrate: TValue | undefined;
  /** Mistakes that the schema does not find. */
  readonly mistakes: readonly string[];
}

type Fields = [name: string, value: TValue][];

/** The most values in a definition: tables that contain each other repeatedly could expand beyond all memory. A choice: far more than any
 * definition needs, and read in some milliseconds. */
const MOST_VALUES = 20_000;

let valuesLeft = 0;

/** Throws LoadError. Names in the error are those of the definition. */
export function readDefinition(file: string, value: TValue): Definition {
  valuesLeft = MOST_VALUES;
  const runs = new Map<string, TValue>();
  const mistakes: string[] = [];
  if (value.type !== TABLE) throw new LoadError(file, undefined, 'does not return a table that defines an object type');
  const fields = fieldsOf(value);
  const data = fields
    .filter(([name]) => name !== 'migrate')
    .map(([name, field]) => {
      if (name === 'methods' && field.type === TABLE) return [name, readMethods(field, runs, mistakes)];
      return [name, name === 'config' ? readParameters(name, field, mistakes) : plain(field)];
    });
  if (valuesLeft < 0) throw new LoadError(file, undefined, `defines more than ${MOST_VALUES} values`);
  const definition = Object.fromEntries(data) as Record<string, unknown>;
  const found = fields.find(([name]) => name === 'migrate')?.[1];
  const migrate = found !== undefined && isFunction(found) ? makeValue(found.type, found.value) : undefined;
  const kind = found === undefined ? 'none' : migrate === undefined ? 'other' : 'function';
  mistakes.push(...migrationMistakes(definition.version, kind));
  return { data: definition, runs, migrate, mistakes };
}

/** Whether a script returned a definition, rather than working in the original's style. */
export function isDefinition(value: TValue): boolean {
  valuesLeft = MOST_VALUES;
  return value.type === TABLE && fieldsOf(value).some(([name, field]) => name === 'methods' && field.type === TABLE);
}

/** Whether a script's result was probably meant as a definition: it has a name, and a field that is spelled almost like `methods`. */
export function looksLikeDefinition(value: TValue): boolean {
  if (value.type !== TABLE) return false;
  const names = fieldsOf(value).map(([name]) => name);
  return names.includes('name') && names.some((name) => nearest(name, ['methods']) !== undefined);
}

function readMethods(methods: TValue, runs: Map<string, TValue>, mistakes: string[]): unknown {
  const entries = fieldsOf(methods).map(([name, method]) => {
    if (method.type !== TABLE) return [name, plain(method)];
    const data: [string, unknown][] = [];
    for (const [key, field] of fieldsOf(method)) {
      if (key === 'run' && isFunction(field)) runs.set(name, makeValue(field.type, field.value));
      else if (key === 'parameters') data.push([key, readParameters(`methods.${name}.parameters`, field, mistakes)]);
      else if (key !== 'run') data.push([key, plain(field)]);
    }
    if (!runs.has(name)) mistakes.push(`methods.${name}.run must be a function`);
    return [name, Object.fromEntries(data)];
  });
  return Object.fromEntries(entries);
}

/** A list of schemas, each with its name, or a table of schemas by name. */
function readParameters(place: string, value: TValue, mistakes: string[]): unknown {
  const schemas = plain(value);
  if (!Array.isArray(schemas)) return schemas;
  const named = new Map<string, unknown>();
  schemas.forEach((schema: unknown, index) => {
    const { name, ...rest } = (typeof schema === 'object' && schema !== null ? schema : {}) as Record<string, unknown>;
    if (typeof name !== 'string' || name === '') {
      mistakes.push(`${place}[${index + 1}] needs a name, as in { name = "count", type = "integer" }`);
    } else if (named.has(name)) mistakes.push(`${place} has two parameters of the name ${name}`);
    else named.set(name, rest);
  });
  return Object.fromEntries(named);
}

function fieldsOf(table: TValue): Fields {
  const { strong } = table.value as LuaTable;
  valuesLeft -= strong.size;
  if (valuesLeft < 0) return [];
  return [...strong.values()].map(({ key, value }) => [String(plain(key)), value]);
}

/** A value as plain data; null if a definition cannot contain it. */
function plain(value: TValue, depth = 0): unknown {
  if (value.type === STRING) return (value.value as LuaString).text;
  if ((value.type & TYPE_MASK) === TYPE_NUMBER || value.type === BOOLEAN) return value.value;
  if (value.type !== TABLE || depth > MAX_DEPTH) return null;
  const table = value.value as LuaTable;
  const { size } = table.strong;
  if (size > valuesLeft) valuesLeft = -1;
  if (valuesLeft < 0) return null;
  if (size > 0 && ltable.luaH_getn(table) === size) {
    valuesLeft -= size;
    return Array.from({ length: size }, (_, index) => plain(ltable.luaH_getint(table, index + 1), depth + 1));
  }
  return Object.fromEntries(fieldsOf(value).map(([name, field]) => [name, plain(field, depth + 1)]));
}
