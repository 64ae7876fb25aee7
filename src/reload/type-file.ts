// Which files of a directory may define object types, by their names.

import { readdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { type ContainedFile, readContained } from '../objects/types/contained-file.js';
import type { Language } from '../objects/types/loaded-type.js';

export interface TypeFolder {
  readonly path: string;
  readonly language: Language;
  /** The folder's name in messages to users: `scripts`, `app/scripts`. */
  readonly label: string;
  /** Types of a lower rank shadow those of a higher one. */
  readonly rank: number;
  /** Its files ship with the server and are examined only if they were changed. */
  readonly ships?: boolean;
}

const EXTENSION: Readonly<Record<Language, string>> = { lua: '.lua', typescript: '.ts' };

/** Names of tests, declarations and settings of tools, which lie next to types. */
const NO_TYPE = /[._-](test|spec|bench)\.[a-z]+$|\.(d|config|setup)\.[a-z]+$/;

/** Whether a file may define a type: it is directly in its folder, in the folder's language, and no test, declaration or hidden file. */
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

/** The first line of a script is removed if it is for the shell (`#!`); its line end stays, so that lines keep their numbers. Undefined
 * when there is no such file. Throws LoadError. */
export function readTypeFile(folder: TypeFolder, path: string): ContainedFile | undefined {
  const file = readContained(folder, path, 'is a link that leads outside its directory');
  if (file === undefined || folder.language !== 'lua') return file;
  return { ...file, bytes: withoutShellLine(file.bytes) };
}

const NEW_LINE = 0x0a;
const HASH = 0x23;

function withoutShellLine(text: Buffer): Buffer {
  if (text[0] !== HASH) return text;
  const end = text.indexOf(NEW_LINE);
  return end < 0 ? text.subarray(text.length) : text.subarray(end);
}
