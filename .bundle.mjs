// Bundles each program of the server into few files: V8 treats a constant of the same file as a constant, but looks up one of another
// module at each use. The build also binds the methods of per-thread singletons: .bound-methods.mjs. With both, a get costs half as much
// as with separate modules (measured).

import { copyFileSync, readFileSync, rmSync } from 'node:fs';
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

/** Evaluates ajv when a schema is first compiled, which a test cache needs for few types. */
const lateAjv = {
  name: 'late-ajv',
  resolveId: (id, importer) => (id === AJV && importer !== LATE_AJV ? LATE_AJV : null),
  load: (id) =>
    id === LATE_AJV ? `export function Ajv2020(options) { return new (require('${AJV}').Ajv2020)(options); }` : null,
};
const AJV = 'ajv/dist/2020.js';
const LATE_AJV = '\0late-ajv';

/** Makes Fengari, which is loaded by `require`, part of the bundle. */
const bundledFengari = {
  name: 'bundled-fengari',
  transform: (code, id) =>
    id.endsWith('/lua/vm/fengari.js')
      ? { code: code.replace('const require = createRequire(import.meta.url);', ''), map: null }
      : null,
};

/** Packages in the test kit, so that the build can compile them as well. */
const IN_KIT = ['ajv', 'fengari', 'sucrase'];
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const notInKit = Object.keys(dependencies).filter((name) => !IN_KIT.includes(name));

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
  { ...shared, input: 'dist/app/testing/package-entry.js', output: { ...output, entryFileNames: 'testing.js' } },
  {
    // What tests of types import, for dist/app/testing/package-entry.js: it takes the code that the build compiles, which V8 accepts for scripts.
    ...shared,
    external: (id) => notInKit.some((name) => id === name || id.startsWith(`${name}/`)),
    plugins: [...shared.plugins, lateAjv, bundledFengari],
    input: 'dist/app/testing/testing.js',
    output: {
      ...output,
      format: 'cjs',
      entryFileNames: 'testing-kit.cjs',
      chunkFileNames: 'testing-[name].cjs',
      // Reading the text takes a fifth of the time; names stay, for stack traces.
      minify: { compress: false, mangle: false, codegen: { asciiOnly: true } },
    },
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
  {
    // The dashboard, one module for browsers.
    input: 'src/dashboard/dashboard.ts',
    platform: 'browser',
    resolve: { extensionAlias: { '.js': ['.ts'] } },
    output: { dir: 'dist/dashboard', format: 'esm', minify: true, codeSplitting: false },
  },
]);

for (const name of ['dashboard.css', 'icon.svg', 'index.html'])
  copyFileSync(`src/dashboard/${name}`, `dist/dashboard/${name}`);
