// Requires a package of node_modules for a plugin as Node's own import would: it also loads packages that export only to `import`. Modules
// of the plugin's own directory: bundle.ts.

import { existsSync, readFileSync } from 'node:fs';
import type { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { withoutByteOrderMark } from '../../base/byte-order-mark.js';

const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default']);

type Require = ReturnType<typeof createRequire>;

/** Throws the error of `require`, with the fix if it is known. */
export function requirePackage(specifier: string, from: string, require: Require): unknown {
  try {
    return require(specifier);
  } catch (thrown) {
    const code = (thrown as { code?: unknown } | undefined)?.code;
    if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
      const path = importPath(specifier, from);
      if (path !== undefined) return require(path);
    }
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION' || shipsTypeScript(specifier, from)) {
      throw new Error(
        `package ${specifier} ships TypeScript (.ts): it has to ship JavaScript, or be copied beside the plugin`,
      );
    }
    throw thrown;
  }
}

/** The file that `import` would load. */
function importPath(specifier: string, from: string): string | undefined {
  const found = packageOf(specifier, from);
  if (found === undefined) return undefined;
  const { directory, subpath } = found;
  const { exports } = readManifest(directory);
  const target = targetOf(exports, subpath);
  return target === undefined ? undefined : join(directory, target);
}

function readManifest(directory: string): Record<string, unknown> {
  return JSON.parse(withoutByteOrderMark(readFileSync(join(directory, 'package.json'), 'utf8')));
}

function packageOf(specifier: string, from: string): { directory: string; subpath: string } | undefined {
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const directory = join(folder, 'node_modules', name);
    if (existsSync(join(directory, 'package.json'))) return { directory, subpath: `.${rest ?? ''}` };
    if (folder === dirname(folder)) return undefined;
  }
}

function targetOf(exports: unknown, subpath: string): string | undefined {
  const paths =
    isRecord(exports) && Object.keys(exports).some((key) => key.startsWith('.')) ? exports : { '.': exports };
  if (paths[subpath] !== undefined) return conditional(paths[subpath]);
  for (const [pattern, target] of Object.entries(paths)) {
    const [before, after] = pattern.split('*');
    if (before === undefined || after === undefined) continue;
    if (!subpath.startsWith(before) || !subpath.endsWith(after)) continue;
    return conditional(target)?.replaceAll('*', subpath.slice(before.length, subpath.length - after.length));
  }
  return undefined;
}

function conditional(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map(conditional).find((path) => path !== undefined);
  if (!isRecord(target)) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    const found = CONDITIONS.has(condition) ? conditional(value) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Node does not strip types from files of packages. */
function shipsTypeScript(specifier: string, from: string): boolean {
  const found = packageOf(specifier, from);
  if (found === undefined) return false;
  try {
    const manifest = readManifest(found.directory);
    const main = targetOf(manifest.exports, found.subpath) ?? manifest.main ?? 'index.js';
    return typeof main === 'string' && (/\.[cm]?ts$/.test(main) || isTypeScriptOnly(join(found.directory, main)));
  } catch {
    return false;
  }
}

function isTypeScriptOnly(path: string): boolean {
  return !existsSync(path) && existsSync(join(dirname(path), 'index.ts'));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
