// Runs the modules of a bundle in this thread and returns the entry's exports. It is synchronous and limited to a second. Modules belong to
// their bundle, not to a cache, so nothing of an older load remains. Checking the exports: typescript-type.ts.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import { didYouMean } from '../../base/nearest.js';
import { coarseCpuMs } from '../../base/thread-time.js';
import { LoadError } from '../../objects/types/load-error.js';
import * as objectType from '../../objects/types/object-type.js';
import { type Bundle, functionText } from './bundle.js';
import { requirePackage } from './packages.js';
import { replacedGlobals, TIMER_MODULES, timersRefused } from './plugin-globals.js';
import { placeIn } from './source-place.js';

interface ModuleObject {
  exports: Record<string, unknown>;
}

type ModuleFunction = (
  exports: Record<string, unknown>,
  require: (specifier: string) => unknown,
  module: ModuleObject,
  filename: string,
  directory: string,
) => void;

/** The exports of an entry. */
interface Exported {
  /** The default export, or the value of module.exports; undefined when there is neither. */
  readonly value: unknown;
  /** Named exports. */
  readonly names: Readonly<Record<string, unknown>>;
  /** Whether a module of the bundle called `defineType`. */
  readonly definesType: boolean;
}

const PACKAGE_NAME = 'cacheismo';

/** The top levels of modules, imports included, have to end within this much CPU time. */
const RUN_LIMIT_MS = 1000;

/**
 * V8 only knows the wall clock, which also counts while the process is stopped or waits for a processor. A run that is ended before it has
 * used its CPU time is repeated with a longer limit. A serving thread runs only bundles that the loader has run before; if one hangs
 * anyway, the watchdog ends the process.
 */
const ATTEMPTS_MS = isMainThread ? [RUN_LIMIT_MS, 3 * RUN_LIMIT_MS] : [30 * RUN_LIMIT_MS];

/** Throws LoadError when the text does not compile, a module throws, or it takes too long. */
export function runBundle(bundle: Bundle): Exported {
  const loaded = new Map<string, ModuleObject>();
  let definesType = false;
  const { defineType } = objectType;
  const api = guarded({
    ...objectType,
    defineType: (definition: never) => {
      definesType = true;
      return defineType(definition);
    },
  });
  const before = new Set(Object.keys(Object.prototype));
  const { exports } = withoutExit(() =>
    withinLimit(bundle, () => {
      loaded.clear();
      return load(bundle.entry);
    }),
  );
  refuseAdditions(bundle, before);
  const isModule = '__esModule' in exports;
  const value = 'default' in exports ? exports.default : isModule || isEmpty(exports) ? undefined : exports;
  return { value, names: isRecord(exports) ? exports : {}, definesType };

  function load(path: string): ModuleObject {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const source = bundle.modules[path];
    if (source === undefined) throw new LoadError(path, undefined, 'is not part of the bundle');
    const { file, code, imports, failure } = source;
    if (failure !== undefined) throw new LoadError(file, failure.line, failure.reason);
    const module: ModuleObject = { exports: {} };
    loaded.set(path, module);
    const inPackages = createRequire(path);
    const requireHere = (specifier: string): unknown => {
      if (specifier === PACKAGE_NAME) return api;
      if (TIMER_MODULES.has(specifier)) return timersRefused(specifier);
      const target = imports[specifier];
      if (target !== undefined) return load(target).exports;
      if (/^\.{1,2}(\/|$)/.test(specifier)) throw notFound(specifier);
      return requirePackage(specifier, path, inPackages);
    };
    requireHere.resolve = (specifier: string): string => imports[specifier] ?? inPackages.resolve(specifier);
    try {
      compile(file, code)(module.exports, requireHere, module, path, dirname(path));
    } catch (thrown) {
      loaded.delete(path);
      if (thrown instanceof LoadError) throw thrown;
      throw new LoadError(file, lineIn(file, thrown), reasonOf(thrown), { cause: thrown });
    }
    return module;
  }
}

/** While a file is loaded, process.exit would end the thread or the server without naming the file. */
function withoutExit<T>(run: () => T): T {
  const { exit } = process;
  process.exit = () => {
    throw new Error('called process.exit, which would end the server');
  };
  try {
    return run();
  } finally {
    process.exit = exit;
  }
}

/** All loops over fields, in the server and in other types, would see properties that code adds to Object.prototype. */
function refuseAdditions(bundle: Bundle, before: ReadonlySet<string>): void {
  const added = Object.keys(Object.prototype).filter((name) => !before.has(name));
  if (added.length === 0) return;
  for (const name of added) Reflect.deleteProperty(Object.prototype, name);
  const file = bundle.modules[bundle.entry]?.file ?? bundle.entry;
  const advice = 'every object would have it; define it with enumerable: false, or elsewhere';
  throw new LoadError(file, undefined, `adds ${added.join(', ')} to Object.prototype: ${advice}`);
}

/** Runs code with V8's own time limit, which is the only way to end a loop. Code that does not finish may be run twice. */
export function withinLimit<T>(bundle: Bundle, run: () => T): T {
  const holder = globalThis as { [RUNNING]?: () => void };
  const outer = holder[RUNNING];
  // The outer run already has a limit.
  if (outer !== undefined) return run();
  let result: T | undefined;
  holder[RUNNING] = () => {
    result = run();
  };
  try {
    for (const [attempt, timeout] of ATTEMPTS_MS.entries()) {
      const startMs = coarseCpuMs();
      try {
        RUNNER.runInThisContext({ timeout });
        return result as T;
      } catch (thrown) {
        if ((thrown as { code?: unknown } | undefined)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
        const hasUsedItsTime = coarseCpuMs() - startMs >= NEARLY_ALL * RUN_LIMIT_MS;
        if (hasUsedItsTime || attempt === ATTEMPTS_MS.length - 1) throw tooLong(bundle, thrown);
      }
    }
    throw tooLong(bundle, undefined);
  } finally {
    delete holder[RUNNING];
  }
}

function tooLong(bundle: Bundle, cause: unknown): LoadError {
  return new LoadError(bundle.modules[bundle.entry]?.file ?? bundle.entry, undefined, TOO_LONG, { cause });
}

/** The part of a time limit that a loop uses at least on an idle machine. */
const NEARLY_ALL = 0.9;

const TOO_LONG = `took longer than ${RUN_LIMIT_MS / 1000} s to load: its top level must end`;

const RUNNING = Symbol.for('cacheismo.running');
const RUNNER = new Script("globalThis[Symbol.for('cacheismo.running')]()", { filename: 'cacheismo' });

function compile(file: string, code: string): ModuleFunction {
  const script = new Script(functionText(code), { filename: file });
  return script.runInThisContext()(...replacedGlobals()) as ModuleFunction;
}

/** A name that the package does not export is reported at the import's first use, with the one that was probably meant. */
function guarded(api: Record<string, unknown>): unknown {
  return new Proxy(api, {
    get(target, name) {
      if (typeof name === 'symbol' || name in target || name === '__esModule' || name === 'default') {
        return Reflect.get(target, name);
      }
      throw new Error(`${PACKAGE_NAME} has no export ${name}${didYouMean(name, Object.keys(target))}`);
    },
  });
}

function notFound(specifier: string): Error {
  const error = new Error(`cannot find ${specifier}`) as Error & { code: string };
  error.code = 'MODULE_NOT_FOUND';
  return error;
}

function reasonOf(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return String(thrown);
    const reason = `${String(thrown.message).split('\n')[0]} ${syntaxPlace(thrown)}`.trimEnd();
    const [, missing] = /^(defineType|method) is not defined$/.exec(reason) ?? [];
    return missing === undefined ? reason : `${reason}: write import { ${missing} } from '${PACKAGE_NAME}'`;
  } catch {
    return 'threw a value that cannot be shown';
  }
}

/** A syntax error that the compilers accept and V8 does not: its stack begins with the place, the line and carets under the mistake. */
function syntaxPlace({ name, stack }: Error): string {
  const [, text = '', carets = ''] = name === 'SyntaxError' ? String(stack).split('\n') : [];
  return /^ *\^+$/.test(carets) ? placeIn(text, 1, carets.indexOf('^') + 1) : '';
}

/** The line that the stack names for the file. */
function lineIn(file: string, thrown: unknown): number | undefined {
  const stack = thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : '';
  const at = stack.indexOf(`${file}:`);
  const line = at < 0 ? Number.NaN : Number.parseInt(stack.slice(at + file.length + 1), 10);
  return Number.isNaN(line) ? undefined : line;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}
