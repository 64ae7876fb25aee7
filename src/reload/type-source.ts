// A type as text, ready to be compiled by a data thread: made on the control plane, plain data on its way between threads.
// Not for watching files.

import type { Bundle } from '../native/bundle.js';
import { loadNativeType } from '../native/native-type.js';
import type { Transformer } from '../native/transformer.js';
import type { LoadedType } from '../objects/loaded-type.js';
import { readTypeFile, shownName, type TypeFolder } from './type-file.js';

export type TypeSource =
  | { readonly language: 'lua'; readonly file: string; readonly text: Uint8Array }
  | { readonly language: 'typescript'; readonly file: string; readonly bundle: Bundle };

/** Compiles a Lua script in this thread. Throws LoadError. */
export type LoadLua = (source: Uint8Array, file: string) => LoadedType;

/** Reads a file, and transforms it if it is TypeScript. Rejects with LoadError; undefined when there is no such file. */
export async function readTypeSource(
  folder: TypeFolder,
  path: string,
  transformer: Transformer,
): Promise<TypeSource | undefined> {
  const file = shownName(folder, path);
  const text = readTypeFile(folder, path);
  if (text === false) return undefined;
  if (folder.language === 'lua') return { language: 'lua', file, text };
  return { language: 'typescript', file, bundle: await transformer.bundle(path, folder.path) };
}

/** Compiles and validates, aside from what runs. Synchronous, since promises do not settle in every data thread. */
export function compileTypeSource(source: TypeSource, loadLua: LoadLua): LoadedType {
  return source.language === 'lua' ? loadLua(source.text, source.file) : loadNativeType(source.bundle);
}
