// Validates the definition of a type against schemas/object-type.schema.json and makes methods with plans of it. Both languages pass the
// definition as plain data, without its functions.

import type { ErrorObject } from 'ajv';
import { withArticle } from '../../base/article.js';
import { nearest } from '../../base/nearest.js';
import { sanitise } from '../../tables/call-errors.js';
import { type Declared, type DefinitionText, lineOfDeclaration } from './declared-place.js';
import { LoadError } from './load-error.js';
import type { Access, Missing, Parameters, Retention } from './object-type.js';
import { type MethodPlan, planParameters } from './parameter-plan.js';
import { typeCheck } from './type-schema.js';
import { planSettings, type SettingSchemas } from './type-settings.js';
import { checkBudget, SchemaCompiler } from './value-check.js';

export interface Manifest {
  readonly name: string;
  readonly summary: string;
  readonly missing: Missing;
  /** Undefined if the type has no settings. */
  readonly config: SettingSchemas | undefined;
  readonly retention: Retention;
  readonly version: number;
  readonly methods: readonly ManifestMethod[];
}

export interface ManifestMethod {
  readonly name: string;
  readonly summary: string;
  readonly access: Access;
  readonly usesReserve: boolean;
  readonly plan: MethodPlan;
}

interface MethodData {
  readonly access: Access;
  readonly summary?: string;
  readonly reserve?: boolean;
  readonly parameters?: Parameters;
}

/** A validated definition without its functions. */
export interface ManifestData {
  readonly name: string;
  readonly summary?: string;
  readonly missing?: Missing;
  readonly config?: SettingSchemas;
  readonly retention?: Retention;
  readonly version?: number;
  readonly methods: Readonly<Record<string, MethodData>>;
}

/** One line lists at most this many mistakes, so that it stays readable. */
const MOST_MISTAKES = 8;
/** Wrong values are cut to this. */
const MOST_SHOWN_BYTES = 40;

interface Mistake extends Declared {
  readonly text: string;
}

/** Throws LoadError with one line that names the file and, for each mistake, its place in the definition. `mistakes` are those that the
    caller has found. With the file's text, the error has lines. */
export function checkManifest(
  file: string,
  definition: unknown,
  mistakes: readonly string[] = [],
  source?: DefinitionText,
): Manifest {
  // A call that has ended does not pay, and must not refuse to.
  checkBudget.current = undefined;
  const validate = typeCheck();
  const errors = validate(definition) ? [] : (validate.errors ?? []);
  if (errors.length + mistakes.length === 0) return planManifest(file, definition as ManifestData, source);
  const found = errors.length === 0 ? [] : complaints(errors);
  const all = [...mistakes.map(placed), ...found, ...parameterMistakes(definition, errors).map(placed)];
  throw refusal(file, all, source);
}

/** The same for a definition that another thread has checked against the schema. */
export function planManifest(file: string, definition: ManifestData, source?: DefinitionText): Manifest {
  checkBudget.current = undefined;
  const { name: typeName, summary: about = '', missing = 'miss', version = 1, methods: given } = definition;
  const { config, retention = 'evictable' } = definition;
  const compiler = new SchemaCompiler();
  const wrong = settingMistakes(config, compiler);
  const methods = Object.entries(given).map(([name, { access, summary = '', reserve = false, parameters = {} }]) => {
    wrong.push(...orderMistakes(name, parameters));
    const plan = planOf(name, parameters, compiler, wrong);
    return { name, summary, access: internalized(access), usesReserve: reserve, plan };
  });
  if (wrong.length > 0) throw refusal(file, wrong.map(placed), source);
  return { name: typeName, summary: about, missing: internalized(missing), retention, version, config, methods };
}

/** The same text in the form of names in the source, which V8 compares by their addresses: other texts are compared by a function, for 5 ns each
    time. */
function internalized<Text extends string>(text: Text): Text {
  return Object.keys({ [text]: 0 })[0] as Text;
}

/** What is wrong with a type's `migrate`, which the schema does not see. */
export function migrationMistakes(version: unknown, migrate: 'none' | 'function' | 'other'): string[] {
  if (migrate === 'other') return ['migrate must be a function: migrate(self, from)'];
  const isVersioned = version !== undefined && version !== 1;
  if (migrate === 'none' && isVersioned) {
    return [`version ${String(version)} needs migrate(self, from), which changes objects of the versions before it`];
  }
  if (migrate === 'function' && !isVersioned)
    return ['migrate needs a version of 2 or more, to which it brings objects'];
  return [];
}

/** Mistakes in parameters that the schema allows; parameters that violate it are skipped. */
function parameterMistakes(definition: unknown, errors: readonly ErrorObject[]): string[] {
  const { methods } = (definition ?? {}) as Partial<ManifestData>;
  const compiler = new SchemaCompiler();
  return Object.entries(methods ?? {}).flatMap(([name, method]) => {
    const isWrong = errors.some(({ instancePath }) => instancePath.startsWith(`/methods/${name}/parameters`));
    if (isWrong || !/^\w+$/.test(name)) return [];
    const parameters = method?.parameters ?? {};
    const mistakes = orderMistakes(name, parameters);
    planOf(name, parameters, compiler, mistakes);
    return mistakes;
  });
}

function settingMistakes(config: SettingSchemas = {}, compiler: SchemaCompiler): string[] {
  return Object.entries(config).flatMap(([name, schema]) => {
    try {
      planSettings({ [name]: schema }, compiler);
      return [];
    } catch (cause) {
      return [`config.${cause instanceof Error ? cause.message : String(cause)}`];
    }
  });
}

/** A mistake whose text begins with its place, such as `methods.put.run must be a function`. */
function placed(text: string): Mistake {
  return { text, path: /^[\w.]*/.exec(text)?.[0].split('.') ?? [] };
}

/** The line of the first mistake is the error's; others name their own. */
function refusal(file: string, mistakes: readonly Mistake[], source: DefinitionText | undefined): LoadError {
  const told = [...new Map(mistakes.map((mistake) => [mistake.text, mistake])).values()];
  const more = told.length - MOST_MISTAKES;
  const rest = more > 0 ? [`and ${more} more`] : [];
  const shown = told.slice(0, MOST_MISTAKES);
  const lines = shown.map((mistake) => (source === undefined ? undefined : lineOfDeclaration(source, mistake)));
  const texts = shown.map(({ text }, index) => {
    return lines[index] === undefined || lines[index] === lines[0] ? text : `${text} (line ${lines[index]})`;
  });
  return new LoadError(file, lines[0], [...texts, ...rest].join('; '));
}

function planOf(method: string, parameters: Parameters, compiler: SchemaCompiler, mistakes: string[]): MethodPlan {
  try {
    return planParameters(parameters, compiler);
  } catch {
    // One by one, so that every mistake is reported.
    for (const [name, schema] of Object.entries(parameters)) {
      try {
        planParameters({ [name]: schema }, compiler);
      } catch (cause) {
        mistakes.push(`methods.${method}.parameters.${cause instanceof Error ? cause.message : String(cause)}`);
      }
    }
    return planParameters({}, compiler);
  }
}

/** Arguments are positional, so a parameter without a default cannot follow one with a default, unless it is the last: then it is for a data
    block. */
function orderMistakes(method: string, parameters: Parameters): string[] {
  let optional: string | undefined;
  const mistakes: string[] = [];
  for (const [name, schema] of Object.entries(parameters).slice(0, -1)) {
    if (schema.default !== undefined) optional ??= name;
    else if (optional !== undefined) {
      mistakes.push(`methods.${method}.parameters.${name} needs a default, since ${optional} before it has one`);
    }
  }
  return mistakes;
}

function complaints(errors: readonly ErrorObject[]): Mistake[] {
  // Ajv reports a wrong name twice, the second time with the name.
  const own = errors.filter(
    ({ schemaPath, keyword }) => keyword === 'propertyNames' || !schemaPath.includes('/propertyNames/'),
  );
  if (own.length === 0) return [{ text: 'is no object type', path: [] }];
  return own.map((error) => {
    const path = error.instancePath.split('/').slice(1);
    const { additionalProperty, propertyName } = error.params as Record<string, string | undefined>;
    const wrong = additionalProperty ?? propertyName;
    const value = typeof error.data === 'string' && error.data !== '' ? error.data : undefined;
    return { text: complaint(error), path: wrong === undefined ? path : [...path, wrong], value };
  });
}

function complaint(error: ErrorObject): string {
  const place = error.instancePath.slice(1).replaceAll('/', '.') || 'the definition';
  switch (error.keyword) {
    case 'enum': {
      const allowed = error.params.allowedValues as unknown[];
      return `${place} must be one of ${allowed.join(', ')}${notThis(error.data)}${meaning(nearest(String(error.data), allowed.map(String)))}`;
    }
    case 'additionalProperties': {
      const given = String(error.params.additionalProperty);
      const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
      const meant = nearest(given, known) ?? known.find((name) => given.length >= 3 && name.startsWith(given));
      return `${place} must not have ${given}${meaning(meant) || `: it may have ${known.join(', ')}`}`;
    }
    case 'required':
      return `${place === 'the definition' ? '' : `${place}.`}${String(error.params.missingProperty)} is missing`;
    case 'pattern':
      return `${place} must be lower case letters, digits and _, starting with a letter${notThis(error.data)}${meaning(lowerCase(error.data))}`;
    case 'propertyNames':
      return `${place} must not have ${String(error.params.propertyName)}: names are letters, digits and _, starting with a letter`;
    case 'minProperties':
      return `${place} is empty: a type has at least one method`;
    case 'type':
      return `${place} must be ${[error.params.type].flat().map(withArticle).join(' or ')}${notThis(error.data)}`;
    default:
      return `${place} ${error.message ?? 'is not valid'}`;
  }
}

/** `, not 'integr'`; nothing for a value that is no word or number. */
function notThis(value: unknown): string {
  if (typeof value === 'string') return `, not '${sanitise(value, MOST_SHOWN_BYTES)}'`;
  return typeof value === 'number' || typeof value === 'boolean' ? `, not ${value}` : '';
}

function meaning(word: string | undefined): string {
  return word === undefined ? '' : `: did you mean ${word}?`;
}

/** The name that was probably meant. */
function lowerCase(name: unknown): string | undefined {
  const lower = String(name)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  return /^[a-z]/.test(lower) && lower.length <= MOST_SHOWN_BYTES ? lower : undefined;
}
