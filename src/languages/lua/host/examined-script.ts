// A script that has been examined, as bytes that threads can share. It does not load Lua: the main thread and the build handle such scripts
// as well.

import { serialize } from 'node:v8';
import type { ManifestData } from '../../../objects/types/manifest.js';
import type { SettingSchemas } from '../../../objects/types/type-settings.js';
import type { OriginalDefinition } from '../legacy/legacy-type.js';
import type { ScriptModule } from './module-source.js';

/** What a script defines, as plain data. */
export type LuaDefinition =
  | { readonly style: 'new'; readonly data: ManifestData }
  | { readonly style: 'original'; readonly data: OriginalDefinition };

export interface ExaminedScript {
  readonly style: LuaDefinition['style'];
  readonly name: string;
  /** As shown to users, such as `scripts/set.lua`. */
  readonly file: string;
  readonly text: Uint8Array;
  /** What the script defines, in the form of structured clones: most threads never read it. */
  readonly definition: Uint8Array;
  /** The modules that the script requires. */
  readonly modules: readonly ScriptModule[];
  /** The settings that it declares. */
  readonly config: SettingSchemas | undefined;
}

export function examinedScript(
  text: Uint8Array,
  file: string,
  { style, data }: LuaDefinition,
  modules: readonly ScriptModule[] = [],
): ExaminedScript {
  const config = 'config' in data ? data.config : undefined;
  return { style, name: data.name, file, text, definition: serialize(data), modules, config };
}
