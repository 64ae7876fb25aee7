// Loads a script, in the new style or in the original's. First it is examined in a thread that serves no clients; then each serving thread
// makes a type from the result.

import { deserialize } from 'node:v8';
import { LoadError } from '../../../objects/types/load-error.js';
import type { LoadedType } from '../../../objects/types/loaded-type.js';
import { checkManifest, type ManifestData } from '../../../objects/types/manifest.js';
import { LegacyScripts } from '../legacy/legacy-scripts.js';
import { LegacyType, type OriginalDefinition, originalDefinition } from '../legacy/legacy-type.js';
import { type Definition, isDefinition, looksLikeDefinition, readDefinition } from './definition.js';
import { type ExaminedScript, examinedScript, type LuaDefinition } from './examined-script.js';
import { LuaType, loading } from './lua-type.js';
import { Sandbox } from './sandbox.js';

/** The reason why a file defines no type. */
interface NoType {
  readonly helper: string;
}

/** Loads scripts of one thread; keeps the state that those in the original's style share. */
export class ScriptLoader {
  readonly #originals: LegacyScripts;

  /** Memory that a type may keep outside of its objects between calls; scripts in the original's style share one such limit. */
  constructor(private readonly typeMemoryBytes?: number) {
    this.#originals = new LegacyScripts(typeMemoryBytes);
  }

  /** Examines and makes. Throws LoadError with file, line and reason; nothing has changed then. */
  load(source: Uint8Array, file: string): LoadedType {
    const found = this.examine(source, file);
    if ('helper' in found) throw new LoadError(file, undefined, found.helper);
    return this.make(found, true);
  }

  /** Runs the script to see what it defines. Throws LoadError. */
  examine(source: Uint8Array, file: string): ExaminedScript | NoType {
    const found = this.#identify(source, file);
    return 'helper' in found ? found : examinedScript(source, file, found);
  }

  #identify(source: Uint8Array, file: string): LuaDefinition | NoType {
    const { definition, error } = examineNewStyle(source, file);
    if (definition !== undefined) return definition;
    const script = { source, file };
    const { result, sandbox, before } = loading(file, () => this.#probe(script));
    // It ran without an error only because the original's style permits more.
    if (isDefinition(result)) throw error;
    if (looksLikeDefinition(result)) {
      const { data: wrong, mistakes } = readDefinition(file, result);
      checkManifest(file, wrong, mistakes);
    }
    const data = originalDefinition(file, sandbox, before);
    if (data !== undefined) return { style: 'original', data };
    if (/\bmethods\s*=\s*\{/.test(Buffer.from(source).toString('latin1'))) {
      throw new LoadError(file, undefined, 'returns no object type: its last line has to return the definition');
    }
    return { helper: 'defines no object type' };
  }

  /** The type of a script that was examined. Without `ahead` the script is run when a method is first called. */
  make({ style, name, file, text, definition }: ExaminedScript, ahead: boolean): LoadedType {
    if (style === 'original') {
      return new LegacyType(this.#originals, { source: text, file }, deserialize(definition) as OriginalDefinition);
    }
    const read = (): ManifestData => deserialize(definition) as ManifestData;
    const type = new LuaType({ name, file, text, definition: read }, this.typeMemoryBytes);
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

/** A definition, or the mistakes in it. */
function examineNewStyle(source: Uint8Array, file: string): { definition?: LuaDefinition; error?: unknown } {
  let read: Definition;
  try {
    const result = loading(file, () => new Sandbox().runChunk(source, file));
    if (!isDefinition(result)) return {};
    read = readDefinition(file, result);
  } catch (error) {
    return { error };
  }
  const { data, mistakes } = read;
  checkManifest(file, data, mistakes);
  return { definition: { style: 'new', data: data as ManifestData } };
}
