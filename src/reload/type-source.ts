// A type as text that is known to load, with what it defines: made by the loader, plain data on its way to the threads that serve.
// Not for watching files.

import type { LuaDefinition, ScriptLoader } from '../languages/lua/host/load-script.js';
import type { Bundle } from '../languages/typescript/bundle.js';
import { loadNativeType } from '../languages/typescript/typescript-type.js';
import { LoadError } from '../objects/types/load-error.js';
import type { LoadedType } from '../objects/types/loaded-type.js';

interface SourceFacts {
  readonly name: string;
  /** As shown to users, such as `scripts/set.lua`. */
  readonly file: string;
  readonly rank: number;
}

export type TypeSource =
  | (SourceFacts & { readonly language: 'lua'; readonly text: Uint8Array; readonly definition: LuaDefinition })
  | (SourceFacts & { readonly language: 'typescript'; readonly bundle: Bundle });

/** Makes types of scripts in this thread. */
export type LuaMaker = Pick<ScriptLoader, 'make'>;

/** Makes the type in this thread. Scripts run `ahead` of the first call, or with it. Synchronous, since promises do not settle in every
    data thread. Throws LoadError. */
export function makeType(source: TypeSource, scripts: LuaMaker, ahead: boolean): LoadedType {
  if (source.language === 'lua') return scripts.make(source.text, source.file, source.definition, ahead);
  const type = loadNativeType(source.bundle);
  if (type.name === source.name) return type;
  type.dispose();
  throw new LoadError(source.file, undefined, `is named ${source.name} at one load and ${type.name} at another`);
}
