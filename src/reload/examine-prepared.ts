// Recognises types that ship by their text: they were examined when the package was built. Not for files that anybody has changed.

import type { LuaDefinition } from '../languages/lua/host/load-script.js';
import { makeBundle } from '../languages/typescript/bundle.js';
import { fingerprint, type PreparedCode } from '../languages/typescript/prepared-code.js';
import type { Examined } from './examine.js';
import { signatureOf } from './file-signature.js';
import { readTypeFile, shownName, type TypeFolder } from './type-file.js';

/** Undefined for whatever has to be examined. */
export function examinePrepared(folder: TypeFolder, path: string, prepared: PreparedCode): Examined | undefined {
  const depends = { [path]: signatureOf(path) };
  const { rank } = folder;
  const file = shownName(folder, path);
  try {
    const text = readTypeFile(folder, path);
    const known = text === false ? undefined : prepared[fingerprint(text)];
    if (text === false || known === undefined) return undefined;
    const { name, code, definition } = known;
    if (folder.language === 'lua') {
      return {
        path,
        depends,
        source: { language: 'lua', name, file, rank, text, definition: definition as LuaDefinition },
      };
    }
    const bundle = makeBundle(path, folder, () => ({ code: code ?? '' }));
    const isAlone = Object.keys(bundle.modules).length === 1 && bundle.missing.length === 0;
    return isAlone ? { path, depends, source: { language: 'typescript', name, file, rank, bundle } } : undefined;
  } catch {
    // Whatever is wrong with the file, examining it tells it better.
    return undefined;
  }
}
