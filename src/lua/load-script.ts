// Loads a file of scripts/, in the new style or in the original's, whichever it is. Not for reading files and not for
// putting types in force.

import type { LoadedType } from '../objects/loaded-type.js';
import { isDefinition } from './definition.js';
import { LuaType, loading } from './lua-type.js';
import { OriginalScripts } from './original/original-scripts.js';
import { OriginalType } from './original/original-type.js';

/** Loads scripts of one thread; keeps the state that those in the original's style share. */
export class ScriptLoader {
  readonly #originals: OriginalScripts;

  /** What a type may keep beside its objects from one call to the next; scripts in the original's style share as much. */
  constructor(private readonly typeMemoryBytes?: number) {
    this.#originals = new OriginalScripts(typeMemoryBytes);
  }

  /** Throws LoadError with file, line and reason; nothing has changed then. */
  load(source: Uint8Array, file: string): LoadedType {
    const script = { source, file };
    const probed = loading(file, () => this.#probe(script));
    if (isDefinition(probed.result)) return new LuaType(source, file, this.typeMemoryBytes);
    return new OriginalType(this.#originals, script, probed.sandbox, probed.before);
  }

  /** Most scripts load on their own; what needs the globals of others at once gets a second try among them. */
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
