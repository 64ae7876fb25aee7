// Recognises types that ship by their text: they were examined when the package was built.

import { examinedScript, type LuaDefinition } from '../languages/lua/host/examined-script.js';
import { makeBundle } from '../languages/typescript/bundle.js';
import { fingerprint, type PreparedCode } from '../languages/typescript/prepared-code.js';
import { shownName } from '../objects/types/contained-file.js';
import { type GivenSettings, settingsOf } from '../objects/types/type-settings.js';
import type { Examined } from './examine.js';
import { signatureFrom } from './file-signature.js';
import { readTypeFile, type TypeFolder } from './type-file.js';

/** Undefined for a file that has to be examined. */
export function examinePrepared(
  folder: TypeFolder,
  path: string,
  prepared: PreparedCode,
  given: GivenSettings,
): Examined | undefined {
  const { rank } = folder;
  const file = shownName(folder, path);
  try {
    const read = readTypeFile(folder, path);
    const known = read === undefined ? undefined : prepared[fingerprint(read.bytes)];
    if (read === undefined || known === undefined) return undefined;
    const { bytes, status, isLink } = read;
    const facts = { path, isLink, depends: [[path, signatureFrom(status)]] } as const;
    const { name, code, config, definition } = known;
    if (folder.language === 'lua') {
      const script = examinedScript(bytes, file, definition as LuaDefinition);
      return { ...facts, source: { language: 'lua', rank, settings: settingsOf(script, given), ...script } };
    }
    const bundle = makeBundle(
      path,
      folder,
      () => ({ code: code ?? '' }),
      () => read,
    );
    const isAlone = Object.keys(bundle.modules).length === 1 && bundle.missing.length === 0;
    if (!isAlone) return undefined;
    const settings = settingsOf({ name, file, config }, given);
    return { ...facts, source: { language: 'typescript', name, file, rank, config, settings, bundle } };
  } catch {
    // If the file has an error, examining it gives the better message.
    return undefined;
  }
}
