// Loads Lua with the first script: most tests of plugins have none, and Lua takes longer to load than the rest of a test cache.

import { assert } from '../../base/assert.js';
import type { ScriptLoader } from '../../languages/lua/host/load-script.js';
import type { LuaMaker } from '../../reload/type-source.js';

export class LateLua implements LuaMaker {
  #loader: ScriptLoader | undefined;

  constructor(private readonly typeMemoryBytes: number) {}

  async loader(): Promise<ScriptLoader> {
    const { ScriptLoader } = await import('../../languages/lua/host/load-script.js');
    this.#loader ??= new ScriptLoader(this.typeMemoryBytes);
    return this.#loader;
  }

  readonly make: LuaMaker['make'] = (script, ahead) => {
    assert(this.#loader !== undefined, 'a script is examined before it is made');
    return this.#loader.make(script, ahead);
  };
}
