// Run by the build: examines the types that ship. Not part of the server.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize } from 'node:v8';
import { PACKAGE_URL } from '../base/package-root.js';
import {
  fingerprint,
  PREPARED_FILE,
  type PreparedType,
  readPreparedCode,
} from '../languages/typescript/prepared-code.js';
import { type ExamineTools, examineFile } from './examine.js';
import { type TypeFolder, typeFilesOf } from './type-file.js';
import type { TypeSource } from './type-source.js';

const folders: readonly TypeFolder[] = (['lua', 'typescript'] as const).map((language, rank) => {
  const label = language === 'lua' ? 'scripts' : 'plugins';
  return { path: fileURLToPath(new URL(label, PACKAGE_URL)), language, label, rank };
});
/** What is prepared of a type, by the paths of its files. */
function preparedOf(path: string, source: TypeSource): (readonly [path: string, prepared: PreparedType])[] {
  const { name } = source;
  if (source.language === 'lua') {
    return [[path, { name, definition: { style: source.style, data: deserialize(source.definition) } }]];
  }
  const { entry, modules } = source.bundle;
  return Object.entries(modules).map(([module, { code }]) => [
    module,
    module === entry ? { name, code, config: source.config } : { name, code },
  ]);
}

const known = readPreparedCode();
const files = folders.flatMap((folder) => typeFilesOf(folder).map((path) => ({ folder, path })));
const modules = fileURLToPath(new URL('plugins/lib', PACKAGE_URL));
const paths = [...files.map(({ path }) => path), ...readdirSync(modules).map((name) => join(modules, name))];

if (!paths.every((path) => known[fingerprint(readFileSync(path))] !== undefined)) {
  // Loaded only when there is something to do.
  const { ScriptLoader } = await import('../languages/lua/host/load-script.js');
  const { transform } = await import('../languages/typescript/transform.js');
  const tools: ExamineTools = { scripts: () => new ScriptLoader(), transform: () => transform };
  const prepared: Record<string, PreparedType> = {};
  for (const { folder, path } of files) {
    const { depends, source, failure, helper } = await examineFile(folder, path, tools);
    if (source === undefined) throw new Error(`${path}: ${failure?.reason ?? helper}`);
    if (depends.length > 1 && source.language === 'lua') {
      throw new Error(`${path}: is recognised by its text, so it cannot share modules`);
    }
    for (const [module, made] of preparedOf(path, source)) prepared[fingerprint(readFileSync(module))] = made;
  }
  writeFileSync(fileURLToPath(PREPARED_FILE), JSON.stringify(prepared), { flag: 'w' });
}
