// Loads TypeScript types in the test's own process, by the same transform as the loader's thread.

import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bundle, makeBundle } from '../../../src/languages/typescript/bundle.js';
import { transform } from '../../../src/languages/typescript/transform.js';
import { loadNativeType } from '../../../src/languages/typescript/typescript-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';

export const PLUGINS = fileURLToPath(new URL('../../../plugins', import.meta.url));

export function bundlePlugin(path: string, directory = PLUGINS): Bundle {
  return makeBundle(path, { path: directory, label: basename(directory) }, transform);
}

const bundles = new Map<string, Bundle>();

/** One of the types that ship; transformed once, loaded again each time. */
export function loadPlugin(name: string): LoadedType {
  const bundle = bundles.get(name) ?? bundlePlugin(`${PLUGINS}/${name}.ts`);
  bundles.set(name, bundle);
  return loadNativeType(bundle);
}
