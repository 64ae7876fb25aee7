// Warns once about each file that may be meant as an object type but has the wrong extension or is in a subdirectory. Files that other
// types import are left out.

import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { MODULE_FOLDER } from '../languages/lua/host/module-source.js';
import { shownName } from '../objects/types/contained-file.js';
import type { LoadedFiles } from './loaded-files.js';
import { isPassedOver, type TypeFolder } from './type-file.js';

/** Endings of programs in the two languages. */
const PROGRAM = /\.([cm]?[jt]sx?|lua|luau)$/;

const EXPECTED = {
  lua: 'object types here are .lua files',
  typescript: 'object types here are .ts files',
} as const;

/** Folders in which scripts are no types. */
const OTHER_FOLDERS = ['node_modules', MODULE_FOLDER];

export class IgnoredFiles {
  readonly #mentioned = new Set<string>();

  constructor(private readonly log: (message: string) => void) {}

  look(folder: TypeFolder, files: LoadedFiles): void {
    const expected = folder.language === 'lua' ? '.lua' : '.ts';
    for (const { name, isDirectory } of entriesOf(folder.path)) {
      const path = join(folder.path, name);
      if (isDirectory && folder.language === 'lua' && !OTHER_FOLDERS.includes(name) && !name.startsWith('.')) {
        for (const inside of entriesOf(path)) {
          if (!inside.isDirectory && extname(inside.name) === '.lua') {
            this.#mention(folder, join(path, inside.name), `directly in ${folder.label}`);
          }
        }
      }
      if (isDirectory || extname(name) === expected || !PROGRAM.test(name) || isPassedOver(name)) continue;
      if (files.dependentsOf(path) !== undefined) continue;
      this.#mention(folder, path, `directly in ${folder.label}`);
    }
  }

  #mention(folder: TypeFolder, path: string, where: string): void {
    if (this.#mentioned.has(path)) return;
    this.#mentioned.add(path);
    this.log(`${shownName(folder, path)}: is ignored: ${EXPECTED[folder.language]} ${where}`);
  }
}

function entriesOf(path: string): { name: string; isDirectory: boolean }[] {
  try {
    return readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isDirectory: entry.isDirectory(),
    }));
  } catch {
    return [];
  }
}
