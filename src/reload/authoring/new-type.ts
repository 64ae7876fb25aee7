// Writes a small working type with a test next to it, for `cacheismo new`. It never overwrites a file.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT_IN_NAME } from '../../objects/keys/introspection.js';
import type { Language } from '../../objects/types/loaded-type.js';
import { luaTemplate, testTemplate, typescriptTemplate } from './templates.js';

/** Why nothing was written. */
class NewTypeError extends Error {
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
  const file = join(directory, `${name}.${language === 'lua' ? 'lua' : 'ts'}`);
  const test = join(directory, `${name}.test.mjs`);
  const taken = [file, test].find(existsSync);
  if (taken !== undefined) throw new NewTypeError(`${taken} exists already`);
  mkdirSync(directory, { recursive: true });
  // The type last: a running server loads it immediately.
  writeFileSync(test, testTemplate(name));
  writeFileSync(file, language === 'lua' ? luaTemplate(name) : typescriptTemplate(name));
  return [file, test];
}
