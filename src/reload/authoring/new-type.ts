// Writes a small working type with its dialogue and a test, for `cacheismo new`. It never overwrites a file.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reasonOf } from '../../base/error-reason.js';
import { BUILT_IN_NAME } from '../../objects/keys/introspection.js';
import type { Language } from '../../objects/types/loaded-type.js';
import { dialogueTemplate, luaTemplate, testTemplate, typescriptTemplate } from './templates.js';

/** Why nothing was written. */
export class NewTypeError extends Error {
  override readonly name = 'NewTypeError';
}

/** Writes the files and returns their paths. Throws NewTypeError. */
export function newType(language: Language, name: string, directory: string): readonly string[] {
  if (name === BUILT_IN_NAME)
    throw new NewTypeError(`${name} cannot be a type's name: the server has a type of that name`);
  if (!/^[a-z][a-z0-9_]{0,31}$/.test(name)) {
    const rule = 'at most 32 lower case letters, digits and _, starting with a letter';
    throw new NewTypeError(`${name} cannot be a type's name: ${rule}`);
  }
  const typeName = `${name}.${language === 'lua' ? 'lua' : 'ts'}`;
  const type = language === 'lua' ? luaTemplate(name) : typescriptTemplate(name);
  const files = new Map([
    [typeName, type],
    [`${name}.dialogue`, dialogueTemplate(name)],
    [`${name}.test.mjs`, testTemplate(name, typeName)],
  ]);
  return writeNew(directory, files);
}

/** Writes files by their names and returns their paths. Throws NewTypeError, before anything is written if one of them exists. */
export function writeNew(
  directory: string,
  files: ReadonlyMap<string, string>,
  advice = 'delete it, or choose another place or name',
): readonly string[] {
  const paths = [...files.keys()].map((name) => join(directory, name));
  const taken = paths.find(existsSync);
  if (taken !== undefined) throw new NewTypeError(`${taken} exists already: ${advice}`);
  // The type, which comes first, is written last: a running server loads it immediately.
  for (const [name, text] of [...files].reverse()) {
    const path = join(directory, name);
    try {
      makeFolder(dirname(path));
      writeFileSync(path, text);
    } catch (error) {
      throw new NewTypeError(`${path} cannot be written: ${reasonOf(error)}`, { cause: error });
    }
  }
  return paths;
}

/** Not `recursive: true`: with that Node never returns where a folder that exists refuses to hold another, as /proc does. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}
