// Bundles each program of the server into few files: V8 treats a constant of the same file as a constant, and looks one of another module
// up at each use. The methods of per-thread singletons are bound on the way: .bound-methods.mjs. Both halves are measured: a get costs half
// of what the same modules cost one by one.

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

/** The schema of definitions as the code that checks them, in place of compiling it in each thread. */
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

const shared = {
  platform: 'node',
  // Packages stay what they are.
  external: (id) => !/^[./]/.test(id),
  plugins: [boundMethods, compiledSchema],
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
    plugins: [compiledSchema, placeOfLoader],
    output: { ...output, format: 'cjs', sourcemap: false, entryFileNames: '[name].cjs', codeSplitting: false },
  },
]);
