// Makes a directory of object types ready for an editor, for `cacheismo init`. It overwrites nothing, and adds to a package.json only what
// that does not have.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { withoutByteOrderMark } from '../../base/byte-order-mark.js';
import { NewTypeError, writeNew } from './new-type.js';
import {
  CRATE_DIALOGUE,
  CRATE_TS,
  GITIGNORE,
  LUARC,
  packageFields,
  TSCONFIG,
  VISITS_DIALOGUE,
  VISITS_LUA,
} from './project-templates.js';

type Fields = Record<string, unknown>;

/** Returns a line for each file. Throws NewTypeError. */
export function initProject(directory: string, version: string): readonly string[] {
  const manifest = readManifest(join(directory, 'package.json'));
  const files = new Map([
    ['tsconfig.json', TSCONFIG],
    ['.luarc.json', LUARC],
    ['scripts/visits.lua', VISITS_LUA],
    ['scripts/visits.dialogue', VISITS_DIALOGUE],
    ['plugins/crate.ts', CRATE_TS],
    ['plugins/crate.dialogue', CRATE_DIALOGUE],
  ]);
  if (!existsSync(join(directory, '.gitignore'))) files.set('.gitignore', GITIGNORE);
  const written = writeNew(directory, files, 'init overwrites nothing: run it in another directory').map(
    (path) => `wrote ${path}`,
  );
  return [...written, writeManifest(directory, manifest, version)];
}

/** Undefined if there is none. */
function readManifest(path: string): Fields | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const content: unknown = JSON.parse(withoutByteOrderMark(readFileSync(path, 'utf8')));
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as Fields;
  } catch {
    // Told below, with what to do.
  }
  throw new NewTypeError(`${path} is not JSON: correct or remove it, then run cacheismo init again`);
}

function writeManifest(directory: string, manifest: Fields | undefined, version: string): string {
  const path = join(directory, 'package.json');
  const fields: Fields = manifest ?? { name: packageName(directory), private: true };
  const added: string[] = [];
  if (fields.type === undefined) {
    fields.type = 'module';
    added.push('type');
  }
  for (const [section, rows] of Object.entries(packageFields(version))) {
    const present = { ...(fields[section] as Fields | undefined) };
    for (const [name, value] of Object.entries(rows)) {
      // npm init writes a test that only fails.
      if (present[name] !== undefined && !/no test specified/.test(String(present[name]))) continue;
      present[name] = value;
      added.push(`${section}.${name}`);
    }
    fields[section] = present;
  }
  if (added.length > 0) writeFileSync(path, `${JSON.stringify(fields, null, 2)}\n`);
  if (manifest === undefined) return `wrote ${path}`;
  return added.length === 0 ? `${path} has everything already` : `added to ${path}: ${added.join(', ')}`;
}

/** npm accepts lower case letters, digits and dashes. */
function packageName(directory: string): string {
  const name = basename(resolve(directory))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return name.replace(/^-|-$/g, '') || 'types';
}
