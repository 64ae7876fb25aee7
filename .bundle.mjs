// Bundles each program of the server into few files: V8 treats a constant of the same file as a constant, and looks one of another module
// up at each use. The methods of per-thread singletons are bound on the way: .bound-methods.mjs. Both halves are measured: a get costs half
// of what the same modules cost one by one.

import { readFileSync, rmSync } from 'node:fs';
import { build } from 'rolldown';
import { boundMethods } from './.bound-methods.mjs';

const placeOfLoader = {
  name: 'place-of-loader',
  transform: (code) =>
    code.includes('import.meta.url')
      ? { code: code.replaceAll('import.meta.url', 'globalThis.loaderUrl'), map: null }
      : null,
};

const schemaAsText = {
  name: 'schema-as-text',
  load(id) {
    if (!id.endsWith('/objects/types/type-schema.js')) return null;
    const schema = JSON.stringify(readFileSync('schemas/object-type.schema.json', 'utf8'));
    return `export const readTypeSchema = () => ${schema};`;
  },
};

const shared = {
  platform: 'node',
  // Packages stay what they are.
  external: (id) => !/^[./]/.test(id),
  plugins: [boundMethods],
};

const output = { dir: 'dist/bundle', format: 'esm', sourcemap: true };

// Before all three, which may be made at the same time.
rmSync(output.dir, { recursive: true, force: true });

await build([
  { ...shared, input: 'dist/app/cli.js', output: { ...output, chunkFileNames: '[name].js' } },
  { ...shared, input: 'dist/app/threads/data-thread.js', output: { ...output, codeSplitting: false } },
  { ...shared, input: 'dist/app/threads/watch-thread.js', output: { ...output, codeSplitting: false } },
  {
    ...shared,
    // Started from its text, which the server keeps in memory: an upgrade may replace the files below a running server. So it holds the
    // light compiler and the checks of schemas, and what it takes from files it finds from where this one lay.
    external: /^node:/,
    input: 'dist/reload/load-worker.js',
    plugins: [schemaAsText, placeOfLoader],
    output: { ...output, format: 'cjs', sourcemap: false, entryFileNames: '[name].cjs', codeSplitting: false },
  },
]);
