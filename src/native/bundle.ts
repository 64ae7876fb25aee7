// A TypeScript object type as text that a data thread can run: the file and what it imports from its directory, each as
// CommonJS. Made in the loader, sent to every thread. Not for running it (run-bundle.ts).

import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { LoadError } from '../objects/load-error.js';

export interface BundledModule {
  /** As shown to users, such as `plugins/set.ts`. */
  readonly file: string;
  readonly code: string;
  /** Relative import specifiers and the path of the module that each means. */
  readonly imports: Readonly<Record<string, string>>;
}

export interface Bundle {
  /** Path of the module that defines the type. */
  readonly entry: string;
  /** By path. */
  readonly modules: Readonly<Record<string, BundledModule>>;
}

/** CommonJS of a module, or where its text is wrong. */
export type Transform = (
  source: string,
  path: string,
) => { code: string } | { line: number | undefined; reason: string };

/** A module's code as the text of a function. Its head stands on the first line, so that lines are those of the source: the transform
    keeps them. */
export function functionText(code: string): string {
  return `(function (exports, require, module, __filename) {${code}\n})`;
}

export const MAX_FILE_BYTES = 1024 * 1024;
const MAX_MODULES = 100;

/** What the transform makes of import declarations. */
const REQUIRES = /\brequire\(\s*["'](\.{1,2}\/[^"'\n]+)["']\s*\)/g;

/** Reads and transforms a file of the directory and what it imports from there. Throws LoadError. */
export function makeBundle(path: string, directory: string, transform: Transform): Bundle {
  const modules: Record<string, BundledModule> = {};
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (modules[next] !== undefined) continue;
    const file = shownName(next, directory);
    if (Object.keys(modules).length === MAX_MODULES) throw new LoadError(file, undefined, 'imports too many modules');
    const transformed = transform(readModule(next, directory, file), next);
    if (!('code' in transformed)) throw new LoadError(file, transformed.line, transformed.reason);
    const imports: Record<string, string> = {};
    for (const [, specifier] of transformed.code.matchAll(REQUIRES)) {
      if (specifier === undefined) continue;
      imports[specifier] = resolveImport(specifier, next, file);
      waiting.push(imports[specifier]);
    }
    modules[next] = { file, code: transformed.code, imports };
  }
  return { entry: path, modules };
}

/** `plugins/set.ts`: the directory's own name stays in front. */
export function shownName(path: string, directory: string): string {
  return relative(dirname(directory), path);
}

function readModule(path: string, directory: string, file: string): string {
  const inside = realpathSync(directory) + sep;
  if (!realpathSync(path).startsWith(inside)) throw new LoadError(file, undefined, 'leads outside its directory');
  const status = statSync(path);
  if (!status.isFile()) throw new LoadError(file, undefined, 'is not a regular file');
  if (status.size > MAX_FILE_BYTES) throw new LoadError(file, undefined, `is larger than ${MAX_FILE_BYTES} bytes`);
  return readFileSync(path, 'utf8');
}

/** TypeScript is imported under the names it has (.ts), will have (.js), or none. */
function resolveImport(specifier: string, from: string, file: string): string {
  const wanted = join(dirname(from), specifier);
  const candidates = [wanted, wanted.replace(/\.(c|m)?js$/, '.$1ts'), `${wanted}.ts`, join(wanted, 'index.ts')];
  const found = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  if (found === undefined) throw new LoadError(file, undefined, `cannot find ${specifier}`);
  return found;
}
