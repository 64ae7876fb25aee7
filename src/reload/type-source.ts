// A type that the loader has examined, as plain data for the serving threads.

import type { ExaminedScript } from '../languages/lua/host/examined-script.js';
import type { ScriptLoader } from '../languages/lua/host/load-script.js';
import type { Bundle } from '../languages/typescript/bundle.js';
import { loadNativeType } from '../languages/typescript/typescript-type.js';
import { LoadError } from '../objects/types/load-error.js';
import type { LoadedType } from '../objects/types/loaded-type.js';
import type { Settings } from '../objects/types/object-type.js';
import type { SettingSchemas } from '../objects/types/type-settings.js';

interface PluginSource {
  readonly language: 'typescript';
  readonly name: string;
  /** As shown to users, such as `plugins/set.ts`. */
  readonly file: string;
  readonly bundle: Bundle;
  /** The settings that it declares. */
  readonly config: SettingSchemas | undefined;
}

export type TypeSource = {
  readonly rank: number;
  /** The values of its settings; undefined if it has none. */
  readonly settings?: Settings | undefined;
} & (({ readonly language: 'lua' } & ExaminedScript) | PluginSource);

/** Makes types of scripts in this thread. */
export type LuaMaker = Pick<ScriptLoader, 'make'> & Partial<Pick<ScriptLoader, 'warmUp'>>;

/** Makes the type in this thread. Scripts run `ahead` of the first call, or with it. Synchronous, since promises do not settle in every
    data thread. Throws LoadError. */
export function makeType(source: TypeSource, scripts: LuaMaker, ahead: boolean): LoadedType {
  if (source.language === 'lua') return scripts.make(source, ahead);
  const type = loadNativeType(source.bundle, source.settings);
  if (type.name === source.name) return type;
  type.dispose();
  throw new LoadError(source.file, undefined, `is named ${source.name} at one load and ${type.name} at another`);
}

/** The same sources with the bytes of all scripts in one shared buffer, so that passing them to threads copies nothing. A module that several
    scripts require is in it once. */
export function shareBytes(sources: readonly TypeSource[]): TypeSource[] {
  const scripts = sources.filter((source) => source.language === 'lua');
  const modules = new Map<string, Uint8Array>();
  for (const script of scripts) for (const { text } of script.modules) modules.set(latin1Of(text), text);
  const all = [...scripts.flatMap(({ text, definition }) => [text, definition]), ...modules.values()];
  const shared = new Uint8Array(new SharedArrayBuffer(all.reduce((sum, { length }) => sum + length, 0)));
  let end = 0;
  const share = (bytes: Uint8Array): Uint8Array => {
    const at = end;
    end += bytes.length;
    shared.set(bytes, at);
    return shared.subarray(at, end);
  };
  for (const [key, text] of modules) modules.set(key, share(text));
  return sources.map((source) => {
    if (source.language !== 'lua') return source;
    const own = { text: share(source.text), definition: share(source.definition) };
    const required = source.modules.map(({ name, text }) => ({ name, text: modules.get(latin1Of(text)) ?? text }));
    return { ...source, ...own, modules: required };
  });
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
