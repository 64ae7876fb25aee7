// Makes a loaded type of what a TypeScript file exports: checks it against the manifest's schema and wraps each method so
// that it takes arguments as bytes. Not for reading or transforming files.

import { convertArgument } from '../objects/convert-arguments.js';
import { LoadError } from '../objects/load-error.js';
import {
  type ArgumentSpans,
  checkCount,
  type LoadedMethod,
  type LoadedType,
  type ParameterPlan,
} from '../objects/loaded-type.js';
import { checkManifest, type ManifestMethod } from '../objects/manifest.js';
import type { CallContext, Result, Table } from '../objects/object-type.js';
import type { Bundle } from './bundle.js';
import { runBundle } from './run-bundle.js';

type Run = (self: Table, args: Readonly<Record<string, unknown>>, call: CallContext) => Result;

/** Runs the bundle and makes its type. Throws LoadError. */
export function loadNativeType(bundle: Bundle): LoadedType {
  const file = bundle.modules[bundle.entry]?.file ?? bundle.entry;
  return nativeType(file, runBundle(bundle));
}

export function nativeType(file: string, definition: unknown): LoadedType {
  if (!isRecord(definition)) throw new LoadError(file, undefined, 'has no object type as its default export');
  const runs = new Map<string, Run>();
  const manifest = checkManifest(file, withoutRuns(file, definition, runs), true);
  const methods = manifest.methods.map((method) => nativeMethod(method, runs.get(method.name) as Run));
  return {
    name: manifest.name,
    summary: manifest.summary,
    language: 'typescript',
    file,
    methods: new Map(methods.map((method) => [method.name, method])),
    dispose: () => {},
  };
}

/** The definition as plain data; its functions go into `runs`. */
function withoutRuns(file: string, definition: Record<string, unknown>, runs: Map<string, Run>): unknown {
  if (!isRecord(definition.methods)) return definition;
  const methods = Object.entries(definition.methods).map(([name, method]) => {
    if (!isRecord(method)) return [name, method];
    const { run, ...data } = method;
    if (typeof run !== 'function') throw new LoadError(file, undefined, `methods.${name}.run must be a function`);
    if (run.constructor.name === 'AsyncFunction') {
      throw new LoadError(file, undefined, `methods.${name}.run must not be async: calls are synchronous`);
    }
    runs.set(name, (run as Run).bind(method));
    return [name, data];
  });
  return { ...definition, methods: Object.fromEntries(methods) };
}

function nativeMethod({ name, summary, access, plan }: ManifestMethod, run: Run): LoadedMethod {
  const collect = collector(plan.parameters);
  return {
    name,
    summary,
    access,
    plan,
    run: (self, spans, call) => {
      if (spans.count < plan.minimum || spans.count > plan.maximum) checkCount(plan, spans.count);
      return run(self as Table, collect(spans, plan.parameters, convertArgument), call);
    },
  };
}

type Collector = (
  spans: ArgumentSpans,
  plans: readonly ParameterPlan[],
  convert: typeof convertArgument,
) => Readonly<Record<string, unknown>>;

/** Compiles the making of a method's arguments object: an object literal costs a tenth of setting properties by name. The names
    have passed the manifest's schema, which allows letters, digits and underscores only. */
function collector(parameters: readonly ParameterPlan[]): Collector {
  const fields = parameters.map(({ name, plain, optional }, index) => {
    const value = plain && !optional ? `spans.string(${index})` : `convert(plans[${index}], spans, ${index})`;
    return `${JSON.stringify(name)}: ${value}`;
  });
  return new Function('spans', 'plans', 'convert', `return { ${fields.join(', ')} };`) as Collector;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
