// Runs the modules of a bundle in this thread and gives out what the entry exports by default. Synchronous, and nothing of
// an older load stays behind: modules belong to their bundle, not to a cache. Not for checking what was exported.

import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { LoadError } from '../objects/load-error.js';
import * as objectType from '../objects/object-type.js';
import { type Bundle, functionText } from './bundle.js';

interface ModuleObject {
  exports: Record<string, unknown>;
}

type ModuleFunction = (
  exports: Record<string, unknown>,
  require: (specifier: string) => unknown,
  module: ModuleObject,
  filename: string,
) => void;

const PACKAGE_NAME = 'cacheismo';

/** Throws LoadError when the text does not compile or a module throws. */
export function runBundle(bundle: Bundle): unknown {
  const loaded = new Map<string, ModuleObject>();
  const exported = load(bundle.entry).exports;
  return 'default' in exported ? exported.default : exported;

  function load(path: string): ModuleObject {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const module: ModuleObject = { exports: {} };
    loaded.set(path, module);
    const source = bundle.modules[path];
    if (source === undefined) throw new LoadError(path, undefined, 'is not part of the bundle');
    const require = createRequire(path);
    const requireHere = (specifier: string): unknown => {
      if (specifier === PACKAGE_NAME) return objectType;
      const target = source.imports[specifier];
      return target === undefined ? require(specifier) : load(target).exports;
    };
    try {
      compile(source.file, source.code)(module.exports, requireHere, module, path);
    } catch (thrown) {
      if (thrown instanceof LoadError) throw thrown;
      throw new LoadError(source.file, lineIn(source.file, thrown), reasonOf(thrown), { cause: thrown });
    }
    return module;
  }
}

function compile(file: string, code: string): ModuleFunction {
  return new Script(functionText(code), { filename: file }).runInThisContext() as ModuleFunction;
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
}

/** The line that the stack names for the file. */
function lineIn(file: string, thrown: unknown): number | undefined {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const at = stack.indexOf(`${file}:`);
  const line = at < 0 ? Number.NaN : Number.parseInt(stack.slice(at + file.length + 1), 10);
  return Number.isNaN(line) ? undefined : line;
}
