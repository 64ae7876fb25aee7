// A TypeScript object type as text that a data thread can run: the file and its imports from its directory, each as CommonJS. The loader
// makes it and sends it to every thread. Running it: run-bundle.ts.

import { statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import {
  type ContainedFile,
  type ContainingFolder,
  readContained,
  shownName,
} from '../../objects/types/contained-file.js';
import { LoadError } from '../../objects/types/load-error.js';
import { placeIn } from './source-place.js';

interface BundledModule {
  /** As shown to users, such as `plugins/set.ts`. */
  readonly file: string;
  readonly code: string;
  /** Relative import specifiers and the path of the module that each refers to; those without a file are left out. */
  readonly imports: Readonly<Record<string, string>>;
  /** The reason why it cannot be run, for the module that imports it. */
  readonly failure?: { readonly line: number | undefined; readonly reason: string };
}

export interface Bundle {
  /** Path of the module that defines the type. */
  readonly entry: string;
  /** By path. */
  readonly modules: Readonly<Record<string, BundledModule>>;
  /** Paths where an import was looked up and not found. */
  readonly missing: readonly string[];
}

/** CommonJS of a module, or the place of its syntax error. */
export type Transform = (
  source: string,
  path: string,
) => { code: string } | { line: number | undefined; reason: string };

/** Reads a module; undefined when there is no such file. Throws LoadError. */
type ReadModule = (path: string) => Pick<ContainedFile, 'bytes'> | undefined;

/** Names that a plugin's modules see in place of the global ones. */
export const REPLACED_GLOBALS = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'] as const;

/** A module's code as the text of a function. The function's head is on the first line, so that line numbers are those of the source,
    which the transform keeps. The outer function's names can be declared again by the module. */
export function functionText(code: string): string {
  const inner = `function (exports, require, module, __filename, __dirname) {${code}\n}`;
  return `(function (${REPLACED_GLOBALS.join(', ')}) { return ${inner} })`;
}

/** A choice: a plugin with more modules is probably importing a whole project by mistake. */
const MAX_MODULES = 1000;

/** The transform's output for import declarations. It also matches in comments and strings, which only adds a module that is never
    required: an error is reported when a module is required. */
const REQUIRES = /\brequire(?:\.resolve)?\(\s*["'](\.{1,2}(?:\/[^"'\n]*)?)["']\s*\)/g;

/** Transforms a file of the folder and its imports from there. Throws LoadError for the file itself; an error in a module that
 * it imports becomes part of the bundle. */
export function makeBundle(
  path: string,
  folder: ContainingFolder,
  transform: Transform,
  read: ReadModule = (module) => readModule(folder, module),
): Bundle {
  const modules: Record<string, BundledModule> = {};
  const missing = new Set<string>();
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (modules[next] !== undefined) continue;
    const file = shownName(folder, next);
    if (Object.keys(modules).length === MAX_MODULES) {
      throw new LoadError(file, undefined, `imports more than ${MAX_MODULES} modules`);
    }
    const made = readAndTransform(next, transform, read);
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

export function readModule(folder: ContainingFolder, path: string): ContainedFile | undefined {
  const advice = 'put it (or a package in node_modules) inside, nothing else is read';
  return readContained(folder, path, `lies outside of ${folder.label}: ${advice}`);
}

function readAndTransform(path: string, transform: Transform, read: ReadModule): ReturnType<Transform> {
  try {
    const file = read(path);
    if (file === undefined) return { line: undefined, reason: 'cannot be read: it is no longer there' };
    const source = file.bytes.toString('utf8');
    return extname(path) === '.json' ? jsonModule(source) : transform(source, path);
  } catch (thrown) {
    if (thrown instanceof LoadError) return { line: thrown.line, reason: thrown.reason };
    return { line: undefined, reason: `cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
  }
}

function jsonModule(source: string): ReturnType<Transform> {
  try {
    JSON.parse(source);
    return { code: `module.exports = JSON.parse(${JSON.stringify(source)});` };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const [, what, position] = /^(.*?)(?: in JSON)? at position (\d+)/s.exec(message) ?? [];
    if (position === undefined) return { line: undefined, reason: `is no valid JSON: ${message}` };
    const before = source.slice(0, Number(position)).split('\n');
    const place = placeIn(source, before.length, (before.at(-1) ?? '').length + 1);
    return { line: before.length, reason: `is no valid JSON: ${what} ${place}` };
  }
}

/** TypeScript is imported with the extension of the source (.ts), of the output (.js), or none. Returns the paths that were tried if there
 * is no file. */
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
