// Bundles each program of the server into few files: V8 treats a constant of the same file as a constant, but looks up one of another
// module at each use. The build also binds the methods of per-thread singletons: .bound-methods.mjs. With both, a get costs half as much
// as with separate modules (measured).

import { readFileSync, rmSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'rolldown';
import { boundMethods } from './.bound-methods.mjs';
import { schemaOptions } from './dist/objects/types/value-check.js';

const { default: standaloneCode } = standalone;

const placeOfLoader = {
  name: 'place-of-loader',
  transform: (code) =>
    code.includes('import.meta.url')
      ? { code: code.replaceAll('import.meta.url', 'globalThis.loaderUrl'), map: null }
      : null,
};

/** The schema of definitions as compiled code, so that threads do not have to compile it. */
const compiledSchema = {
  name: 'compiled-schema',
  load(id) {
    if (!id.endsWith('/objects/types/type-schema.js')) return null;
    const { $schema: _dialect, ...schema } = JSON.parse(readFileSync('schemas/object-type.schema.json', 'utf8'));
    const { code: options, ...others } = schemaOptions(true);
    const ajv = new Ajv2020({ ...others, code: { ...options, source: true, esm: true } });
    const code = standaloneCode(ajv, ajv.compile(schema))
      .replace('export const validate = validate0;export default validate0;', '')
      .replaceAll('require("ajv/dist/runtime/ucs2length")', 'ucs2length');
    return `
      import ucs2length from 'ajv/dist/runtime/ucs2length.js';
      import { linearPattern } from './value-check.js';
      ${code}
      export const typeCheck = () => validate0;
    `;
  },
};

/** Loads ajv when a schema is first compiled, which a test cache needs for few types: its modules take more time than the rest. Not for
 * servers, whose files an upgrade may replace while they run. */
const lateAjv = {
  name: 'late-ajv',
  resolveId: (id) => (id === 'ajv/dist/2020.js' ? '\0late-ajv' : null),
  load: (id) =>
    id === '\0late-ajv'
      ? `import { createRequire } from 'node:module';
         const require = createRequire(import.meta.url);
         export function Ajv2020(options) { return new (require('ajv/dist/2020.js').Ajv2020)(options); }`
      : null,
};

const shared = {
  platform: 'node',
  // Packages are not bundled.
  external: (id) => !/^[./]/.test(id),
  plugins: [boundMethods, compiledSchema],
};

const output = { dir: 'dist/bundle', format: 'esm', sourcemap: true };

// Before the three bundles, which may be made at the same time.
rmSync(output.dir, { recursive: true, force: true });

await build([
  { ...shared, input: 'dist/app/cli.js', output: { ...output, chunkFileNames: '[name].js' } },
  { ...shared, input: 'dist/app/threads/data-thread.js', output: { ...output, codeSplitting: false } },
  {
    // What tests of types import: the languages are loaded with the first cache.
    ...shared,
    external: (id) => !/^[./\0]/.test(id) && id !== 'ajv/dist/2020.js',
    plugins: [...shared.plugins, lateAjv],
    input: 'dist/app/testing/testing.js',
    output: { ...output, chunkFileNames: 'testing-[name].js' },
  },
  { ...shared, input: 'dist/app/threads/watch-thread.js', output: { ...output, codeSplitting: false } },
  {
    ...shared,
    // Started from its text, which the server keeps in memory, since an upgrade may replace the files of a running server. So it contains
    // the light compiler and the checks of schemas, and resolves other files from the original place of this one.
    external: /^node:/,
    input: 'dist/reload/load-worker.js',
    plugins: [compiledSchema, placeOfLoader],
    output: { ...output, format: 'cjs', sourcemap: false, entryFileNames: '[name].cjs', codeSplitting: false },
  },
]);
