// Makes the server as it runs: whole programs in few files, in a form that V8 makes the most of. Both halves of that are measured: a
// get costs half of what the same modules cost one by one.
//
// A constant of the same file is a constant to V8; one of another module is looked up at each use.
//
// What a thread has one of is a constant to V8 as well, with all that its constructor sets and nothing changes later, where it is
// reached from a constant: `this` of an arrow function is one, `this` of a method is not. So the methods of the classes below are
// turned into arrow functions that each instance holds. They mean the same, for no class overrides a method of these.
//
// A field that is declared and then set has had two values, the first of them undefined, and is no constant. So tsconfig.json has
// fields only set (`useDefineForClassFields`), and what a constructor sets for good is `private readonly`, not `readonly #`.

import { readFileSync, rmSync } from 'node:fs';
import MagicString from 'magic-string';
import { build } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/** Classes of the request path of which a thread makes one instance. */
const ONCE = new Set([
  'Activity',
  'Allocator',
  'Arena',
  'ArenaTables',
  'ArgumentSlices',
  'Batch',
  'Bins',
  'Budget',
  'CasTokens',
  'Chains',
  'Clock',
  'CommandContext',
  'Compaction',
  'PendingFree',
  'ConnectionShares',
  'Connections',
  'TableStorage',
  'Context',
  'ItemRemover',
  'Engine',
  'EpollSet',
  'EpollTransport',
  'ExpiryWheel',
  'Fields',
  'ItemReclaimer',
  'GatherWriter',
  'Hash',
  'HashIndex',
  'IncrementalRehash',
  'Invocation',
  'Items',
  'Journal',
  'Lock',
  'LockedEngine',
  'Lookup',
  'LruList',
  'MethodCells',
  'Metrics',
  'ObjectCalls',
  'ObjectKeys',
  'ObjectMemory',
  'OutputBuffers',
  'InPlaceUpdate',
  'Pins',
  'TableLocations',
  'PlainItems',
  'ItemRewriter',
  'TableSerializer',
  'ReplyEncoder',
  'Reservations',
  'SpaceReclaimer',
  'SavedBytes',
  'MethodCache',
  'StringCache',
  'Store',
  'StoreItems',
  'TableLayout',
  'TableParts',
  'TextParser',
  'Timeouts',
  'Tokens',
  'Turn',
  'RunQueue',
  'Values',
  'VirtualKey',
  'TableReader',
  'WholeObjects',
  'TableWriter',
]);

const found = new Set();

const boundMethods = {
  name: 'bound-methods',
  transform(code, id) {
    const text = new MagicString(code);
    for (const statement of parseAst(code).body) {
      const declared = statement.declaration ?? statement;
      if (declared.type !== 'ClassDeclaration' || !ONCE.has(declared.id.name)) continue;
      found.add(declared.id.name);
      bindMethods(text, declared.body);
    }
    return text.hasChanged() ? { code: text.toString(), map: text.generateMap({ source: id, hires: true }) } : null;
  },
};

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

/** `name(parameters) { }` becomes `name = (parameters) => { };`. */
function bindMethods(text, { body }) {
  for (const { type, kind, static: isStatic, key, value } of body) {
    if (type !== 'MethodDefinition' || kind !== 'method' || isStatic || value.async || value.generator) continue;
    text.appendLeft(key.end, ' = ').appendLeft(value.body.start, '=> ').appendLeft(value.end, ';');
  }
}

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

for (const name of ONCE) if (!found.has(name)) throw new Error(`.bundle.mjs: there is no class ${name}`);
