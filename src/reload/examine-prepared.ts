// Recognises types that ship, and the modules that they import, by their text: they were examined when the package was built.

import { examinedScript, type LuaDefinition } from '../languages/lua/host/examined-script.js';
import { type Bundle, makeBundle, readModule } from '../languages/typescript/bundle.js';
import { fingerprint, type PreparedCode } from '../languages/typescript/prepared-code.js';
import { shownName } from '../objects/types/contained-file.js';
import { type GivenSettings, settingsOf } from '../objects/types/type-settings.js';
import type { Dependencies, Examined } from './examine.js';
import { signatureFrom } from './file-signature.js';
import { readTypeFile, type TypeFolder } from './type-file.js';

/** Whether the build has examined the file, without the modules that it imports. */
export function isPrepared(folder: TypeFolder, path: string, prepared: PreparedCode): boolean {
  const file = readTypeFile(folder, path);
  return file !== undefined && prepared[fingerprint(file.bytes)] !== undefined;
}

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
    const { name, config, definition } = known;
    if (folder.language === 'lua') {
      const depends: Dependencies = [[path, signatureFrom(status)]];
      const script = examinedScript(bytes, file, definition as LuaDefinition);
      return {
        path,
        isLink,
        depends,
        source: { language: 'lua', rank, settings: settingsOf(script, given), ...script },
      };
    }
    const { bundle, depends } = preparedBundle(folder, path, prepared);
    if (bundle === undefined) return undefined;
    const settings = settingsOf({ name, file, config }, given);
    return { path, isLink, depends, source: { language: 'typescript', name, file, rank, config, settings, bundle } };
  } catch {
    // If the file has an error, examining it gives the better message.
    return undefined;
  }
}

/** No bundle if a module of it is not prepared. */
function preparedBundle(
  folder: TypeFolder,
  path: string,
  prepared: PreparedCode,
): { readonly bundle: Bundle | undefined; readonly depends: Dependencies } {
  const depends: [string, string][] = [];
  const bundle = makeBundle(
    path,
    folder,
    (source) => {
      const code = prepared[fingerprint(source)]?.code;
      return code === undefined ? { line: undefined, reason: 'is not prepared' } : { code };
    },
    (module) => {
      const read = readModule(folder, module);
      if (read !== undefined) depends.push([module, signatureFrom(read.status)]);
      return read;
    },
  );
  const isWhole =
    bundle.missing.length === 0 && Object.values(bundle.modules).every(({ failure }) => failure === undefined);
  return { bundle: isWhole ? bundle : undefined, depends };
}
