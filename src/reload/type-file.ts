// Which files of a directory define object types, and reading one whole without being led astray: regular files inside the
// directory only, of bounded size. Not for what the files say.

import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, extname, relative, sep } from 'node:path';
import { LoadError } from '../objects/load-error.js';
import type { Language } from '../objects/loaded-type.js';

export interface TypeFolder {
  readonly path: string;
  readonly language: Language;
}

export const MAX_FILE_BYTES = 1024 * 1024;

const EXTENSION: Readonly<Record<Language, string>> = { lua: '.lua', typescript: '.ts' };

/** Whether a file defines a type: directly in its folder, of the folder's language, no test, no declarations, not hidden. */
export function isTypeFile(folder: TypeFolder, path: string): boolean {
  const name = basename(path);
  return (
    dirname(path) === folder.path &&
    extname(name) === EXTENSION[folder.language] &&
    !name.startsWith('.') &&
    !/\.(test|d)\.[a-z]+$/.test(name)
  );
}

/** `scripts/set.lua`: the folder's own name stays in front. */
export function shownName(folder: TypeFolder, path: string): string {
  return relative(dirname(folder.path), path);
}

/** The file's bytes. Throws LoadError, for a link that leads outside and a pipe as well; false when there is no such file. */
export function readTypeFile(folder: TypeFolder, path: string): Buffer | false {
  const shown = shownName(folder, path);
  let file: number;
  try {
    if (!realpathSync(path).startsWith(realpathSync(folder.path) + sep)) {
      throw new LoadError(shown, undefined, 'is a link that leads outside its directory');
    }
    // Opening a pipe without O_NONBLOCK would wait for a writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    if (thrown instanceof LoadError) throw thrown;
    if (isMissing(thrown)) return false;
    throw new LoadError(shown, undefined, `cannot be read: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
  try {
    return readWhole(file, shown);
  } finally {
    closeSync(file);
  }
}

function readWhole(file: number, shown: string): Buffer {
  const status = fstatSync(file);
  if (!status.isFile()) throw new LoadError(shown, undefined, 'is not a regular file');
  if (status.size > MAX_FILE_BYTES) throw new LoadError(shown, undefined, `is larger than ${MAX_FILE_BYTES} bytes`);
  const bytes = Buffer.alloc(status.size);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(file, bytes, length, bytes.length - length, length);
  }
  return bytes.subarray(0, length);
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR');
}
