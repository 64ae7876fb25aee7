// A TypeScript object type as text that a data thread can run: the file and what it imports from its directory, each as
// CommonJS. Made in the loader, sent to every thread. Not for running it (run-bundle.ts).

import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { LoadError } from '../../objects/types/load-error.js';

export interface BundledModule {
  /** As shown to users, such as `plugins/set.ts`. */
  readonly file: string;
  readonly code: string;
  /** Relative import specifiers and the path of the module that each means; those that lead nowhere are left out. */
  readonly imports: Readonly<Record<string, string>>;
  /** Why it cannot be run; told to the module that imports it. */
  readonly failure?: { readonly line: number | undefined; readonly reason: string };
}

export interface Bundle {
  /** Path of the module that defines the type. */
  readonly entry: string;
  /** By path. */
  readonly modules: Readonly<Record<string, BundledModule>>;
  /** Paths where an import was looked for in vain. */
  readonly missing: readonly string[];
}

/** CommonJS of a module, or where its text is wrong. */
export type Transform = (
  source: string,
  path: string,
) => { code: string } | { line: number | undefined; reason: string };

/** A directory of plugins, and what its files are called before users: `plugins`. */
export interface BundleFolder {
  readonly path: string;
  readonly label: string;
}

/** Names that a plugin's modules see in place of the global ones. */
export const REPLACED_GLOBALS = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'] as const;

/** A module's code as the text of a function. Its head stands on the first line, so that lines are those of the source: the transform
    keeps them. The outer function's names can be declared again by the module. */
export function functionText(code: string): string {
  const inner = `function (exports, require, module, __filename, __dirname) {${code}\n}`;
  return `(function (${REPLACED_GLOBALS.join(', ')}) { return ${inner} })`;
}

export const MAX_FILE_BYTES = 1024 * 1024;
const MAX_MODULES = 1000;

/** What the transform makes of import declarations. It is found in comments and strings as well, which costs no more than a module
    that nobody asks for: what is missing or wrong is told when the module is asked for. */
const REQUIRES = /\brequire(?:\.resolve)?\(\s*["'](\.{1,2}(?:\/[^"'\n]*)?)["']\s*\)/g;

/** Reads and transforms a file of the directory and what it imports from there. Throws LoadError for the file itself; what is wrong
    with a module that it imports becomes part of the bundle. `reading` gets each path before it is looked at. */
export function makeBundle(
  path: string,
  folder: BundleFolder,
  transform: Transform,
  reading: (path: string) => void = () => {},
): Bundle {
  const modules: Record<string, BundledModule> = {};
  const missing = new Set<string>();
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (modules[next] !== undefined) continue;
    const file = shownName(next, folder);
    if (Object.keys(modules).length === MAX_MODULES) {
      throw new LoadError(file, undefined, `imports more than ${MAX_MODULES} modules`);
    }
    const made = readAndTransform(next, file, folder, transform, reading);
    if (next === path && 'reason' in made) throw new LoadError(file, made.line, made.reason);
    if ('reason' in made) {
      modules[next] = { file, code: '', imports: {}, failure: made };
      continue;
    }
    const imports: Record<string, string> = {};
    for (const [, specifier] of made.code.matchAll(REQUIRES)) {
      if (specifier === undefined) continue;
      const found = resolveImport(specifier, next);
      if (typeof found === 'string') {
        imports[specifier] = found;
        waiting.push(found);
      } else for (const candidate of found) missing.add(candidate);
    }
    modules[next] = { file, code: made.code, imports };
  }
  return { entry: path, modules, missing: [...missing] };
}

/** `plugins/set.ts`. */
export function shownName(path: string, { path: directory, label }: BundleFolder): string {
  return join(label, relative(directory, path));
}

function readAndTransform(
  path: string,
  file: string,
  folder: BundleFolder,
  transform: Transform,
  reading: (path: string) => void,
): ReturnType<Transform> {
  reading(path);
  try {
    const source = readModule(path, folder, file);
    return extname(path) === '.json' ? jsonModule(source) : transform(source, path);
  } catch (thrown) {
    if (thrown instanceof LoadError) return { line: thrown.line, reason: thrown.reason };
    return { line: undefined, reason: `cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
  }
}

function readModule(path: string, folder: BundleFolder, file: string): string {
  const inside = realpathSync.native(folder.path) + sep;
  if (!realpathSync.native(path).startsWith(inside)) {
    const reason = `lies outside of ${folder.label}: put it (or a package in node_modules) inside, nothing else is read`;
    throw new LoadError(file, undefined, reason);
  }
  const status = statSync(path);
  if (!status.isFile()) throw new LoadError(file, undefined, 'is not a regular file');
  if (status.size > MAX_FILE_BYTES) throw new LoadError(file, undefined, `is larger than ${MAX_FILE_BYTES} bytes`);
  // A byte order mark is no part of the text.
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
}

function jsonModule(source: string): ReturnType<Transform> {
  try {
    JSON.parse(source);
    return { code: `module.exports = JSON.parse(${JSON.stringify(source)});` };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const position = /position (\d+)/.exec(reason)?.[1];
    const line = position === undefined ? undefined : source.slice(0, Number(position)).split('\n').length;
    return { line, reason: `is no valid JSON: ${reason}` };
  }
}

/** TypeScript is imported under the names it has (.ts), will have (.js), or none. The paths that were tried when there is none. */
function resolveImport(specifier: string, from: string): string | readonly string[] {
  const wanted = join(dirname(from), specifier);
  const candidates = [
    ...(/^\.{1,2}$/.test(basename(specifier)) ? [] : [wanted, wanted.replace(/\.(c|m)?js$/, '.$1ts')]),
    ...['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json'].map((ending) => `${wanted}.${ending}`),
    join(wanted, 'index.ts'),
    join(wanted, 'index.js'),
  ];
  const found = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  return found ?? [...new Set(candidates)];
}
