// Which files of a directory define object types, and reading one whole without being led astray: regular files inside the
// directory only, of bounded size. Not for what the files say.

import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { LoadError } from '../objects/types/load-error.js';
import type { Language } from '../objects/types/loaded-type.js';

export interface TypeFolder {
  readonly path: string;
  readonly language: Language;
  /** What its files are called before users: `scripts`, `app/scripts`. */
  readonly label: string;
  /** Types of a lower rank shadow those of a higher one. */
  readonly rank: number;
  /** Its files ship with the server, and are known unless somebody has changed them. */
  readonly ships?: boolean;
}

export const MAX_FILE_BYTES = 1024 * 1024;

const EXTENSION: Readonly<Record<Language, string>> = { lua: '.lua', typescript: '.ts' };

/** Tests, declarations and settings of tools, which lie beside what they are about. */
const NO_TYPE = /[._-](test|spec|bench)\.[a-z]+$|\.(d|config|setup)\.[a-z]+$/;

/** Whether a file may define a type: directly in its folder, of the folder's language, no test, no declarations, not hidden. */
export function isTypeFile(folder: TypeFolder, path: string): boolean {
  const name = basename(path);
  return dirname(path) === folder.path && extname(name) === EXTENSION[folder.language] && !isPassedOver(name);
}

/** Hidden files, tests, declarations and settings. */
export function isPassedOver(name: string): boolean {
  return name.startsWith('.') || NO_TYPE.test(name);
}

/** All files of a folder that may define types; one named like its type, `p.ts`, comes before its copies, `p (copy).ts`. */
export function typeFilesOf(folder: TypeFolder): string[] {
  let names: string[];
  try {
    names = readdirSync(folder.path);
  } catch {
    return [];
  }
  return names
    .map((name) => join(folder.path, name))
    .filter((path) => isTypeFile(folder, path))
    .sort((one, other) => (stem(one) < stem(other) ? -1 : 1));
}

/** `set` of `scripts/set.lua`. */
export function stem(path: string): string {
  return basename(path, extname(path));
}

/** `scripts/set.lua`. */
export function shownName({ path: directory, label }: TypeFolder, path: string): string {
  return join(label, relative(directory, path));
}

/** The file's bytes. Throws LoadError, for a link that leads outside and a pipe as well; false when there is no such file. */
export function readTypeFile(folder: TypeFolder, path: string): Buffer | false {
  const shown = shownName(folder, path);
  let file: number;
  try {
    if (!realpathSync.native(path).startsWith(realpathSync.native(folder.path) + sep)) {
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
    return withoutHead(readWhole(file, shown), folder.language);
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

const NEW_LINE = 0x0a;
const HASH = 0x23;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** The text without a byte order mark and, of a script, without a `#!` line; its line end stays, so that lines keep their numbers. */
function withoutHead(text: Buffer, language: Language): Buffer {
  const rest = text.subarray(0, 3).equals(BYTE_ORDER_MARK) ? text.subarray(3) : text;
  if (language !== 'lua' || rest[0] !== HASH) return rest;
  const end = rest.indexOf(NEW_LINE);
  return end < 0 ? rest.subarray(rest.length) : rest.subarray(end);
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR');
}
