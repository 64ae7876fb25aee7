// Loads a script, in the new style or in the original's. First it is examined in a thread that serves no clients; then each serving thread
// makes a type from the result.

import { deserialize } from 'node:v8';
import { LoadError } from '../../../objects/types/load-error.js';
import type { LoadedMethod, LoadedType } from '../../../objects/types/loaded-type.js';
import { checkManifest, type ManifestData } from '../../../objects/types/manifest.js';
import type { Settings } from '../../../objects/types/object-type.js';
import { LegacyScripts } from '../legacy/legacy-scripts.js';
import { LegacyType, type OriginalDefinition, originalDefinition } from '../legacy/legacy-type.js';
import type { TValue } from '../vm/fengari-types.js';
import { type Definition, isDefinition, looksLikeDefinition, readDefinition } from './definition.js';
import { type ExaminedScript, examinedScript, type LuaDefinition } from './examined-script.js';
import { LuaType } from './lua-type.js';
import { NO_MODULES } from './module-source.js';
import { Sandbox } from './sandbox.js';
import { loading } from './script-failure.js';

const WARM_UP_SCRIPT = `
local function change(self, list)
  for index, name in ipairs(list) do self[name] = index % 2 == 0 or name end
  for _, name in ipairs(list) do if self[name] == nil then error(name) end end
end
return { name = "warmup", methods = { run = { access = "upsert", run = function(self)
  change(self, json.decode('[' .. ('"field of one object",'):rep(200) .. '"last"]'))
end } } }`;

/** The reason why a file defines no type. */
interface NoType {
  readonly helper: string;
}

type ScriptSource = ExaminedScript & { readonly settings?: Settings | undefined };

/** Loads scripts of one thread; keeps the state that those in the original's style share. */
export class ScriptLoader {
  readonly #originals: LegacyScripts;

  /** Memory that a type may keep outside of its objects between calls; scripts in the original's style share one such limit. */
  constructor(private readonly typeMemoryBytes?: number) {
    this.#originals = new LegacyScripts(typeMemoryBytes);
  }

  /** A method of no loaded type, which changes and reads its object, so that V8 compiles the code for that. */
  warmUp(): LoadedMethod {
    return this.load(Buffer.from(WARM_UP_SCRIPT), 'warm-up.lua').methods.get('run') as LoadedMethod;
  }

  /** Examines and makes. Throws LoadError with file, line and reason; nothing has changed then. */
  load(source: Uint8Array, file: string): LoadedType {
    const found = this.examine(source, file);
    if ('helper' in found) throw new LoadError(file, undefined, found.helper);
    return this.make(found, true);
  }

  /** Runs the script, and the modules that it requires, to see what it defines. Throws LoadError. */
  examine(source: Uint8Array, file: string, modules = NO_MODULES): ExaminedScript | NoType {
    const sandbox = new Sandbox({ modules });
    const { definition, error } = examineNewStyle(sandbox, source, file);
    if (definition !== undefined) return examinedScript(source, file, definition, sandbox.required);
    if (sandbox.requiresModules) {
      // The original's style has no modules.
      if (error !== undefined) throw error;
      return noType(source, file);
    }
    const found = this.#identifyOriginal(source, file, error);
    return 'helper' in found ? found : examinedScript(source, file, found);
  }

  #identifyOriginal(source: Uint8Array, file: string, error: unknown): LuaDefinition | NoType {
    const script = { source, file };
    const { result, sandbox, before } = loading(file, () => this.#probe(script));
    // It ran without an error only because the original's style permits more.
    if (isDefinition(result)) throw error;
    refuseAlmostDefinition(source, file, result);
    const data = originalDefinition(file, sandbox, before);
    return data === undefined ? noType(source, file) : { style: 'original', data };
  }

  /** The type of a script that was examined. Without `ahead` the script is run when a method is first called. */
  make({ style, name, file, text, definition, modules, settings }: ScriptSource, ahead: boolean): LoadedType {
    if (style === 'original') {
      return new LegacyType(this.#originals, { source: text, file }, deserialize(definition) as OriginalDefinition);
    }
    const read = (): ManifestData => deserialize(definition) as ManifestData;
    const type = new LuaType({ name, file, text, definition: read, modules, settings }, this.typeMemoryBytes);
    if (ahead) type.ready();
    return type;
  }

  /** Most scripts load on their own; one that needs the globals of others gets a second try together with them. */
  #probe(script: { readonly source: Uint8Array; readonly file: string }) {
    try {
      return this.#originals.probe(script, false);
    } catch (error) {
      try {
        return this.#originals.probe(script, true);
      } catch {
        throw error;
      }
    }
  }
}

function refuseAlmostDefinition(source: Uint8Array, file: string, result: TValue): void {
  if (!looksLikeDefinition(result)) return;
  const { data, mistakes } = readDefinition(file, result);
  checkManifest(file, data, mistakes, { language: 'lua', text: source });
}

function noType(source: Uint8Array, file: string): NoType {
  if (/\bmethods\s*=\s*\{/.test(Buffer.from(source).toString('latin1'))) {
    throw new LoadError(file, undefined, 'returns no object type: its last line has to return the definition');
  }
  return { helper: 'defines no object type, since it returns no table with name and methods' };
}

/** A definition, or the mistakes in it. */
function examineNewStyle(
  sandbox: Sandbox,
  source: Uint8Array,
  file: string,
): { definition?: LuaDefinition; error?: unknown } {
  let read: Definition;
  try {
    const result = loading(file, () => sandbox.runChunk(source, file));
    if (sandbox.requiresModules) refuseAlmostDefinition(source, file, result);
    if (!isDefinition(result)) return {};
    read = readDefinition(file, result);
  } catch (error) {
    return { error };
  }
  const { data, mistakes } = read;
  checkManifest(file, data, mistakes, { language: 'lua', text: source });
  return { definition: { style: 'new', data: data as ManifestData } };
}
