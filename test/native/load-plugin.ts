// Loads TypeScript types in the test's own process, by the same transform as the loader's thread.

import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import { type Bundle, makeBundle } from '../../src/native/bundle.js';
import { loadNativeType } from '../../src/native/native-type.js';
import type { LoadedType } from '../../src/objects/loaded-type.js';

export const PLUGINS = fileURLToPath(new URL('../../plugins', import.meta.url));

const jiti = createJiti(import.meta.url, { moduleCache: false, fsCache: false });

export function bundlePlugin(path: string, directory = PLUGINS): Bundle {
  return makeBundle(path, directory, (source, filename) => ({ code: jiti.transform({ source, filename, ts: true }) }));
}

const bundles = new Map<string, Bundle>();

/** One of the types that ship; transformed once, loaded anew each time. */
export function loadPlugin(name: string): LoadedType {
  const bundle = bundles.get(name) ?? bundlePlugin(`${PLUGINS}/${name}.ts`);
  bundles.set(name, bundle);
  return loadNativeType(bundle);
}
