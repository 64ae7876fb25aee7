// Bundles each program of the server into few files: V8 treats a constant of the same file as a constant, but looks up one of another
// module at each use. The build also binds the methods of per-thread singletons: .bound-methods.mjs. With both, a get costs half as much
// as with separate modules (measured).

import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import MagicString from 'magic-string';
import { build } from 'rolldown';
import { parseSync, Visitor } from 'rolldown/utils';
import { boundMethods } from './.bound-methods.mjs';
import { schemaModules } from './.compiled-schemas.mjs';

const placeOfLoader = {
  name: 'place-of-loader',
  transform: (code) =>
    code.includes('import.meta.url')
      ? { code: code.replaceAll('import.meta.url', 'globalThis.loaderUrl'), map: null }
      : null,
};

const compiledSchemas = await schemaModules();

/** Modules that compile schemas by ajv, replaced by what they would compile: evaluating ajv and compiling take 100 ms of a cold start. */
const compiledSchema = {
  name: 'compiled-schema',
  load: (id) => compiledSchemas.find(([place]) => id.endsWith(place))?.[1] ?? null,
};

const AJV = 'ajv/dist/2020.js';
const LATE_AJV = '\0late-ajv';

/** Evaluates ajv when a schema is first compiled, which types need only if ajv has to check their arguments. */
const lateAjv = {
  name: 'late-ajv',
  resolveId: (id, importer) => (id === AJV && importer !== LATE_AJV ? LATE_AJV : null),
  load: (id) =>
    id === LATE_AJV ? `export function Ajv2020(options) { return new (require('${AJV}').Ajv2020)(options); }` : null,
};

/** Makes Fengari, which is loaded by `require`, part of the bundle. */
const bundledFengari = {
  name: 'bundled-fengari',
  transform: (code, id) =>
    id.endsWith('/lua/vm/fengari.js')
      ? { code: code.replace('const require = createRequire(import.meta.url);', ''), map: null }
      : null,
};

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Everything is part of the bundle but Node's own modules and the packages of the server that are not in the list. */
const allBut = (bundled) => {
  const others = Object.keys(dependencies).filter((name) => !bundled.includes(name));
  return (id, importer) =>
    id.startsWith('node:') ||
    (!(id === AJV && importer !== LATE_AJV) &&
      !id.startsWith('ajv/dist/runtime/') &&
      others.some((name) => id === name || id.startsWith(`${name}/`)));
};

const shared = {
  platform: 'node',
  // On a busy machine rolldown warns that plugins take long.
  checks: { bundlerTimings: false },
  // Packages are not bundled.
  external: (id, importer) => !/^[./\0]/.test(id) && (id !== AJV || importer === LATE_AJV),
  plugins: [boundMethods, compiledSchema, lateAjv],
};

const output = { dir: 'dist/bundle', format: 'esm', sourcemap: true };

/** Replaces `import()` of packages by a call of what src/app/compiled-files.ts passes to each file. */
const importByCall = {
  name: 'import-by-call',
  renderChunk(code) {
    const text = new MagicString(code);
    const visit = ({ start }) => text.update(start, start + 'import'.length, '__import');
    new Visitor({ ImportExpression: visit }).visit(parseSync('chunk.js', code).program);
    return text.hasChanged() ? { code: text.toString(), map: text.generateMap({ hires: true }) } : null;
  },
};

/** All that a request passes through where the main thread serves: in one file, as its constants are. */
const SERVER = /\/dist\/(arena|base|objects|observability|operations|protocols|security|store|tables|transport)\//;

/** For files whose code the build keeps (.compile-bundle.cjs), which V8 accepts for scripts only. Lines stay, for stack traces. */
const compilable = {
  format: 'cjs',
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: false, asciiOnly: true } },
};

// Before the three bundles, which may be made at the same time.
rmSync(output.dir, { recursive: true, force: true });

await build([
  { ...shared, input: 'dist/app/cli.js', output: { ...output, codeSplitting: false } },
  {
    ...shared,
    external: allBut(['chokidar', 'commander', 'lilconfig', 'pino', 'reflect-metadata', 'tsyringe']),
    plugins: [...shared.plugins, importByCall],
    input: 'dist/app/main.js',
    output: {
      ...output,
      ...compilable,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name].cjs',
      codeSplitting: { groups: [{ name: 'server', test: SERVER }] },
    },
  },
  {
    ...shared,
    external: allBut(['ajv', 'fengari']),
    plugins: [...shared.plugins, bundledFengari, importByCall],
    input: 'dist/app/threads/data-thread.js',
    output: { ...output, ...compilable, entryFileNames: '[name].cjs', codeSplitting: false },
  },
  {
    ...shared,
    input: 'dist/app/threads/data-thread-entry.js',
    output: { ...output, format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
  },
  { ...shared, input: 'dist/app/testing/package-entry.js', output: { ...output, entryFileNames: 'testing.js' } },
  {
    // What tests of types import, for dist/app/testing/package-entry.js: it takes the code that the build compiles, which V8 accepts for scripts.
    ...shared,
    external: allBut(['ajv', 'fengari', 'sucrase']),
    plugins: [...shared.plugins, bundledFengari, importByCall],
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
