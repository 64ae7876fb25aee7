// Loads Lua types in the test's own process.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';

export const SCRIPTS = fileURLToPath(new URL('../../../scripts', import.meta.url));

/** One of the types that ship. */
export function loadScript(name: string): LoadedType {
  return loadLuaType(readFileSync(`${SCRIPTS}/${name}.lua`), `scripts/${name}.lua`);
}
