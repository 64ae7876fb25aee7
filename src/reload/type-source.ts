// A type that the loader has examined, as plain data for the serving threads.

import type { ExaminedScript } from '../languages/lua/host/examined-script.js';
import type { ScriptLoader } from '../languages/lua/host/load-script.js';
import type { Bundle } from '../languages/typescript/bundle.js';
import { loadNativeType } from '../languages/typescript/typescript-type.js';
import { LoadError } from '../objects/types/load-error.js';
import type { LoadedType } from '../objects/types/loaded-type.js';

interface PluginSource {
  readonly language: 'typescript';
  readonly name: string;
  /** As shown to users, such as `plugins/set.ts`. */
  readonly file: string;
  readonly bundle: Bundle;
}

export type TypeSource = { readonly rank: number } & (({ readonly language: 'lua' } & ExaminedScript) | PluginSource);

/** Makes types of scripts in this thread. */
export type LuaMaker = Pick<ScriptLoader, 'make'>;

/** Makes the type in this thread. Scripts run `ahead` of the first call, or with it. Synchronous, since promises do not settle in every
    data thread. Throws LoadError. */
export function makeType(source: TypeSource, scripts: LuaMaker, ahead: boolean): LoadedType {
  if (source.language === 'lua') return scripts.make(source, ahead);
  const type = loadNativeType(source.bundle);
  if (type.name === source.name) return type;
  type.dispose();
  throw new LoadError(source.file, undefined, `is named ${source.name} at one load and ${type.name} at another`);
}

/** The same sources with the bytes of all scripts in one shared buffer, so that passing them to threads copies nothing. */
export function shareBytes(sources: readonly TypeSource[]): TypeSource[] {
  const scripts = sources.filter((source) => source.language === 'lua');
  const size = scripts.reduce((sum, { text, definition }) => sum + text.length + definition.length, 0);
  const shared = new Uint8Array(new SharedArrayBuffer(size));
  let end = 0;
  const share = (bytes: Uint8Array): Uint8Array => {
    const at = end;
    end += bytes.length;
    shared.set(bytes, at);
    return shared.subarray(at, end);
  };
  return sources.map((source) =>
    source.language === 'lua' ? { ...source, text: share(source.text), definition: share(source.definition) } : source,
  );
}
