// Makes a loaded type from the exports of a TypeScript file: checks them against the manifest's schema and wraps each method so that it
// takes arguments as bytes.

import { nearest } from '../../base/nearest.js';
import { checkCount, convertArgument } from '../../objects/arguments/convert-arguments.js';
import { LoadError } from '../../objects/types/load-error.js';
import type { LoadedMethod, LoadedType } from '../../objects/types/loaded-type.js';
import { checkManifest, type Manifest, type ManifestMethod, migrationMistakes } from '../../objects/types/manifest.js';
import type { CallContext, Result, Settings, Table } from '../../objects/types/object-type.js';
import type { MethodPlan } from '../../objects/types/parameter-plan.js';
import { frozen, NOTHING_GIVEN, settingsOf } from '../../objects/types/type-settings.js';
import type { Bundle } from './bundle.js';
import { runBundle, withinLimit } from './run-bundle.js';

/** A method as its file defines it: `this` of its `run`. */
interface Definition {
  run(self: Table, args: Readonly<Record<string, unknown>>, call: CallContext): Result;
}

/** Runs the bundle and makes its type. Throws LoadError. */
export function loadNativeType(bundle: Bundle, settings?: Settings): LoadedType {
  const { [bundle.entry]: entry, ...others } = bundle.modules;
  const file = entry?.file ?? bundle.entry;
  const uses = Object.values(others).map((module) => module.file);
  return withinLimit(bundle, () => nativeType(file, runBundle(bundle).value, settings, uses));
}

/** The same for a file that may define no type: returns the reason why it counts as a helper of other files. */
export function examineNativeType(bundle: Bundle): Pick<Manifest, 'name' | 'config'> | { readonly helper: string } {
  const { file, code } = bundle.modules[bundle.entry] as { file: string; code: string };
  if (!MAY_EXPORT_TYPE.test(code)) return { helper: NO_TYPE };
  return withinLimit(bundle, () => {
    const { value, names, definesType } = runBundle(bundle);
    if (looksLikeType(value) || (definesType && value !== undefined)) return manifestOf(file, value, code).manifest;
    const named = Object.keys(names).find((name) => name !== 'default' && looksLikeType(names[name]));
    if (named !== undefined && value === undefined) {
      const reason = `exports its object type as ${named}, not by default: write export default defineType({ ... })`;
      throw new LoadError(file, undefined, reason);
    }
    if (definesType) {
      const reason = 'calls defineType but has no default export: write export default defineType({ ... })';
      throw new LoadError(file, undefined, reason);
    }
    return { helper: NO_TYPE };
  });
}

const NO_TYPE = 'has no object type as its default export';

/** CommonJS without any of these exports no type, so it is not run. */
const MAY_EXPORT_TYPE = /(?<!\w)default(?!\w)|\bmodule\.exports\b|\bdefineType\b|\bmethods\b/;

function looksLikeType(value: unknown): boolean {
  if (!isRecord(value)) return false;
  if ('methods' in value) return true;
  return typeof value.name === 'string' && Object.keys(value).some((key) => nearest(key, ['methods']) !== undefined);
}

interface Defined {
  readonly manifest: Manifest;
  readonly definitions: ReadonlyMap<string, Definition>;
}

/** `code`: the module's CommonJS, which has the lines of its source. */
function manifestOf(file: string, definition: unknown, code?: string): Defined {
  if (!isRecord(definition)) throw new LoadError(file, undefined, NO_TYPE);
  const definitions = new Map<string, Definition>();
  const mistakes: string[] = [];
  const source = code === undefined ? undefined : ({ language: 'typescript', text: code } as const);
  const manifest = checkManifest(file, withoutRuns(definition, definitions, mistakes), mistakes, source);
  return { manifest, definitions };
}

/** Without `settings` they have their defaults. `uses`: files that the type's file imports. */
export function nativeType(
  file: string,
  definition: unknown,
  settings?: Settings,
  uses: readonly string[] = [],
): LoadedType {
  const { manifest, definitions } = manifestOf(file, definition);
  const { name, config } = manifest;
  const values = config === undefined ? undefined : (settings ?? settingsOf({ name, file, config }, NOTHING_GIVEN));
  const methods = manifest.methods.map((method) => nativeMethod(method, definitions.get(method.name) as Definition));
  return {
    name: manifest.name,
    summary: manifest.summary,
    missing: manifest.missing,
    retention: manifest.retention,
    version: manifest.version,
    migrate: (self, from) => (definition as Versioned).migrate(self, from),
    language: 'typescript',
    file,
    config: frozen(values),
    uses,
    methods: new Map(methods.map((method) => [method.name, method])),
    dispose: () => {},
  };
}

/** A definition of version 2 or more. */
interface Versioned {
  migrate(self: Table, from: number): void;
}

/** The type's definition as plain data; the methods with their functions go into `definitions`. */
function withoutRuns(
  definition: Record<string, unknown>,
  definitions: Map<string, Definition>,
  mistakes: string[],
): unknown {
  const { migrate, ...plain } = definition;
  const kind = migrate === undefined ? 'none' : typeof migrate === 'function' ? 'function' : 'other';
  mistakes.push(...migrationMistakes(plain.version, kind));
  if (isAsync(migrate)) mistakes.push('migrate must not be async or a generator: calls are synchronous');
  if (!isRecord(plain.methods)) return plain;
  const methods = Object.entries(plain.methods).map(([name, method]) => {
    if (!isRecord(method)) return [name, method];
    const { run, ...data } = method;
    if (typeof run !== 'function') mistakes.push(`methods.${name}.run must be a function`);
    else if (isAsync(run)) {
      mistakes.push(`methods.${name}.run must not be async or a generator: calls are synchronous`);
    }
    definitions.set(name, method as unknown as Definition);
    return [name, data];
  });
  return { ...plain, methods: Object.fromEntries(methods) };
}

function isAsync(run: unknown): boolean {
  return typeof run === 'function' && /^Async|Generator/.test(run.constructor?.name ?? '');
}

function nativeMethod(method: ManifestMethod, definition: Definition): LoadedMethod {
  const { name, summary, access, usesReserve, plan } = method;
  return { name, summary, access, usesReserve, plan, run: caller(plan, definition) };
}

/** Generates the call of a method, so that its call site is monomorphic and V8 can inline the method; one caller for all methods would
    be megamorphic. The names have passed the manifest's schema, which allows letters, digits and underscores only. */
function caller(plan: MethodPlan, definition: Definition): LoadedMethod['run'] {
  const { parameters, minimum, maximum } = plan;
  const fields = parameters.map(({ name, plain, optional }, index) => {
    const value = plain && !optional ? `spans.string(${index})` : `convert(parameters[${index}], spans, ${index})`;
    return `${JSON.stringify(name)}: ${value}`;
  });
  const body = `return (self, spans, call) => {
    if (spans.count < ${minimum} || spans.count > ${maximum}) checkCount(plan, spans.count);
    return definition.run(self, { ${fields.join(', ')} }, call.forPlugins);
  };`;
  const make = new Function('definition', 'plan', 'parameters', 'checkCount', 'convert', body);
  return make(definition, plan, parameters, checkCount, convertArgument);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
