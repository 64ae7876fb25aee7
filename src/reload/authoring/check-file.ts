// Loads and validates one file without a server, for `cacheismo check`. Not for running its methods.

import { basename, dirname, extname, resolve } from 'node:path';
import type { Transformer } from '../../native/transformer.js';
import { LoadError } from '../../objects/load-error.js';
import type { LoadedType } from '../../objects/loaded-type.js';
import { isTypeFile, type TypeFolder } from '../type-file.js';
import { compileTypeSource, type LoadLua, readTypeSource } from '../type-source.js';

export interface CheckedType {
  readonly name: string;
  readonly file: string;
  /** One line for each method, such as `put write (member string)`. */
  readonly methods: readonly string[];
}

/** Rejects with LoadError, whose message is the line to show. */
export async function checkFile(path: string, transformer: Transformer, loadLua: LoadLua): Promise<CheckedType> {
  const type = await loadFile(path, transformer, loadLua);
  const methods = [...type.methods.values()].map(({ name, access, plan }) => {
    const parameters = plan.parameters.map((parameter) => {
      const shown = `${parameter.name} ${parameter.schema.type}`;
      return parameter.optional ? `[${shown} = ${String(parameter.defaultValue)}]` : shown;
    });
    return `${name} ${access} (${parameters.join(', ')})`;
  });
  const checked = { name: type.name, file: type.file, methods };
  type.dispose();
  return checked;
}

/** The type that a file outside any watched directory defines. */
export async function loadFile(path: string, transformer: Transformer, loadLua: LoadLua): Promise<LoadedType> {
  const full = resolve(path);
  const folder: TypeFolder = { path: dirname(full), language: extname(full) === '.lua' ? 'lua' : 'typescript' };
  if (!isTypeFile(folder, full))
    throw new LoadError(basename(full), undefined, 'is neither a .lua nor a .ts object type');
  const source = await readTypeSource(folder, full, transformer);
  if (source === undefined) throw new LoadError(path, undefined, 'does not exist');
  return compileTypeSource(source, loadLua);
}
