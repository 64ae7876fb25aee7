// Files in the directory of plugins that are not types, imports of plugins, and reports of mistakes.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { luaType, pluginType, Watched } from './watched.js';

let watched: Watched;

beforeEach(() => {
  watched = new Watched();
});

afterEach(() => watched.close());

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(watched.root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

const say = (type = 'greet') => watched.harness.get(`${type}:say:k`);

async function start(files: Readonly<Record<string, string>>): Promise<void> {
  write(files);
  await watched.reloader.start();
}

/** Makes a change and waits until the type returns the text. */
async function become(answer: string, files: Readonly<Record<string, string>>): Promise<void> {
  write(files);
  await expect.poll(() => say(), { timeout: 10_000, interval: 20 }).toBe(answer);
}

const warnings = () => watched.leveled.filter((line) => line.startsWith('warn ')).map((line) => line.slice(5));

describe('a plugin is loaded again', () => {
  test('when JSON that it imports changes', async () => {
    await start({
      'plugins/greet.ts': pluginType('greet', 'words.hello', "import words from './words.json';\n"),
      'plugins/words.json': '\uFEFF{ "hello": "one" }',
    });
    expect(say()).toBe('one');
    await become('two', { 'plugins/words.json': '{ "hello": "two" }' });
  });

  test.each(['word.js', 'word.mts', 'word.json'])('when the missing %s that it imports is created', async (name) => {
    const imported = name.endsWith('.json') ? 'word' : '{ word }';
    const value = name.endsWith('.json') ? 'word.word' : 'word';
    await start({ 'plugins/greet.ts': pluginType('greet', value, `import ${imported} from './${name}';\n`) });
    expect(warnings()).toEqual([`plugins/greet.ts:1: cannot find ./${name} (not loaded)`]);
    await become('mended', {
      [`plugins/${name}`]: name.endsWith('.json') ? '{ "word": "mended" }' : "export const word = 'mended';\n",
    });
  });

  test('when a module deep below its directory changes', async () => {
    const path = 'plugins/a/b/c/d/e/word.ts';
    await start({
      'plugins/greet.ts': pluginType('greet', 'word', "import { word } from './a/b/c/d/e/word.js';\n"),
      [path]: "export const word = 'one';\n",
    });
    await become('two', { [path]: "export const word = 'two';\n" });
  });

  test('when the error in a module that it imports is fixed', async () => {
    await start({
      'plugins/greet.ts': pluginType('greet', 'word', "import { word } from './word.js';\n"),
      'plugins/word.ts': 'export const word: string = ;\n',
    });
    expect(warnings()).toEqual([expect.stringMatching(/^plugins\/word\.ts:1: Unexpected token.* \(not loaded\)$/)]);
    await become('one', { 'plugins/word.ts': "export const word = 'one';\n" });
  });
});

describe('files that define no type', () => {
  test('are skipped with a line at debug level, and count as helpers when something imports them', async () => {
    await start({
      'plugins/greet.ts': pluginType('greet', 'word', "import { word } from './util.js';\n"),
      'plugins/util.ts': "export const word = 'helped';\n",
      'plugins/util2.ts': 'export default function help() { return 1; }\n',
      'plugins/greet_test.ts': "throw new Error('was run');\nexport default {};\n",
      'plugins/greet.spec.ts': "throw new Error('was run');\nexport default {};\n",
      'plugins/vitest.config.ts': "import { x } from 'no-such';\nexport default x();\n",
      'scripts/hello_spec.lua': 'describe("hello", function() end)\n',
      'scripts/util.lua': 'local function help() return 1 end\nreturn help\n',
    });
    expect(say()).toBe('helped');
    expect(warnings()).toEqual([]);
    expect(watched.leveled.filter((line) => line.startsWith('debug '))).toHaveLength(3);
    await become('better', { 'plugins/util.ts': "export const word = 'better';\n" });
  });

  test('do not replace the type of the file that has its name', async () => {
    await start({
      'plugins/greet (copy).ts': pluginType('greet', "'copy'"),
      'plugins/greet.ts': pluginType('greet', "'own'"),
    });
    expect(say()).toBe('own');
    expect(warnings()).toEqual([
      'plugins/greet (copy).ts: type greet is already defined by plugins/greet.ts (not loaded)',
    ]);
  });

  test('lose a type to the file that has its name when that is created later', async () => {
    await start({ 'scripts/greet (copy).lua': luaType('greet', 'copy') });
    await become('own', { 'scripts/greet.lua': luaType('greet', 'own') });
    rmSync(join(watched.scripts, 'greet.lua'));
    await expect.poll(() => say(), { timeout: 10_000 }).toBe('copy');
  });

  test('are logged once if their name or place may be a mistake', async () => {
    await start({
      'plugins/a.js': 'export default {};\n',
      'plugins/b.mts': 'export default {};\n',
      'scripts/sub/x.lua': luaType('x', 'x'),
      'plugins/greet.ts': pluginType('greet', 'word', "import { word } from './used.js';\n"),
      'plugins/used.js': "export const word = 'used';\n",
    });
    expect(warnings()).toEqual([
      'scripts/sub/x.lua: is ignored: object types here are .lua files directly in scripts',
      'plugins/a.js: is ignored: object types here are .ts files directly in plugins',
      'plugins/b.mts: is ignored: object types here are .ts files directly in plugins',
    ]);
    writeFileSync(join(watched.scripts, 'late.luau'), 'return {}\n');
    const late = 'scripts/late.luau: is ignored: object types here are .lua files directly in scripts';
    await expect.poll(() => warnings().at(-1), { timeout: 10_000 }).toBe(late);
  });
});

describe('a plugin may', () => {
  test.each([
    [
      'name modules in comments and strings',
      "// require('./old')\nconst s = \"require('./older')\";\n",
      "'' + s.length",
    ],
    ['know its place', '', '__dirname.length > 1 && __filename.endsWith("greet.ts")'],
    ['do without a module', "let opt = 'none';\ntry { opt = require('./opt'); } catch {}\n", 'opt'],
    ['ask for the path of a module', "const at = require.resolve('./word.js');\n", 'at.endsWith("word.ts")'],
  ])('%s', async (_what, head, answer) => {
    await start({
      'plugins/greet.ts': pluginType('greet', answer, head),
      'plugins/word.ts': "export const word = 'word';\n",
    });
    expect(warnings()).toEqual([]);
    expect(['18', 'true', 'none']).toContain(say());
  });

  test('begin with a byte order mark, and so may a module and a script', async () => {
    await start({
      'plugins/greet.ts': `\uFEFF${pluginType('greet', 'word', "import { word } from './word.js';\n")}`,
      'plugins/word.ts': "\uFEFFexport const word = 'marked';\n",
      'plugins/broken.ts': '\uFEFFexport default {};\nexport const word: string = ;\n',
      'scripts/hello.lua': `\uFEFF${luaType('hello', 'script')}`,
    });
    expect(warnings()).toEqual([expect.stringMatching(/^plugins\/broken\.ts:2: Unexpected token/)]);
    expect([say(), say('hello')]).toEqual(['marked', 'script']);
  });

  test('use a resource until the end of a block', async () => {
    const head =
      "let said = '';\nconst made = (name: string) => ({ [Symbol.dispose]() { said += name; } });\n" +
      "function twice(): string {\n  {\n    using one = made('1');\n    using two = made('2');\n  }\n  return said;\n}\n";
    await start({ 'plugins/greet.ts': pluginType('greet', 'twice()', head) });
    expect(warnings()).toEqual([]);
    expect(say()).toBe('21');
  });

  test('import a package whose exports allow only import', async () => {
    await start({
      'plugins/greet.ts': pluginType(
        'greet',
        'word + deep',
        "import word from 'modern';\nimport { deep } from 'modern/deep';\n",
      ),
      'node_modules/modern/package.json':
        '{ "name": "modern", "type": "module", "exports": { ".": { "import": "./main.js" }, "./*": { "import": "./lib/*.js" } } }',
      'node_modules/modern/main.js': "export default 'modern';\n",
      'node_modules/modern/lib/deep.js': "export const deep = ' deep';\n",
    });
    expect(warnings()).toEqual([]);
    expect(say()).toBe('modern deep');
  });

  test('take its type from a package', async () => {
    await start({
      'plugins/greet.ts': "export { greet as default } from 'acme';\n",
      'node_modules/acme/package.json': '{ "name": "acme", "main": "main.js" }',
      'node_modules/acme/main.js':
        "exports.greet = { name: 'greet', methods: { say: { access: 'create', run: () => 'acme' } } };\n",
    });
    expect(say()).toBe('acme');
  });
});

describe('a mistake in a plugin is reported with its place and the fix', () => {
  const typed = (text: string) => `import { defineType } from 'cacheismo';\n${text}`;
  test.each<[string, string | RegExp]>([
    [
      typed('export const greet = defineType({ name: "greet", methods: {} });'),
      /exports its object type as greet, not by default: write export default/,
    ],
    [
      typed('defineType({ name: "greet", methods: {} });'),
      'plugins/greet.ts: calls defineType but has no default export: write export default defineType({ ... }) (not loaded)',
    ],
    [
      "import { defineTyp } from 'cacheismo';\nexport default defineTyp({});",
      'plugins/greet.ts:2: cacheismo has no export defineTyp; did you mean defineType? (not loaded)',
    ],
    [
      "import { method } from 'cacheismo';\nexport default defineType({ name: 'greet', methods: { say: method({ access: 'create', run: () => 1 }) } });",
      "plugins/greet.ts:2: defineType is not defined: write import { defineType } from 'cacheismo' (not loaded)",
    ],
    [
      pluginType('greet', 'word', "import { word } from '../outside.js';\n"),
      /^outside\.ts: lies outside of plugins: put it .* inside/,
    ],
    [
      pluginType('greet', 'x', "import x from 'typed';\n"),
      /^plugins\/greet\.ts:1: package typed ships TypeScript \(\.ts\)/,
    ],
    [
      'setTimeout(() => {}, 1);\nexport default {};',
      /^plugins\/greet\.ts:1: setTimeout is not available in an object type: calls are synchronous/,
    ],
    [
      "import { setTimeout } from 'node:timers/promises';\nexport default setTimeout(1);",
      /node:timers\/promises is not available/,
    ],
    [
      typed('export default defineType({ name: "greet", methods: { say: { access: "read", run: async () => 1 } } });'),
      /methods\.say\.run must not be async/,
    ],
    ['Promise.reject(new Error("late"));\nexport default {};', /^plugins\/greet\.ts: late/],
    [
      'while (true) {}\nexport default {};',
      /^plugins\/greet\.ts: took longer than 1 s to load: its top level must end/,
    ],
    [
      'const kept = []; for (;;) kept.push(new Array(100000).fill({}));\nexport default kept;',
      /^plugins\/greet\.ts: (needs more than 256 MB of memory to load|took longer)/,
    ],
    ['process.exit(3);\nexport default {};', /^plugins\/greet\.ts:1: called process\.exit, which would end the server/],
  ])('%j', async (text, line) => {
    await start({
      'plugins/greet.ts': text,
      'outside.ts': "export const word = 'out';\n",
      'node_modules/typed/package.json': '{ "name": "typed", "main": "index.ts" }',
      'node_modules/typed/index.ts': 'export default 1 as number;\n',
      'plugins/after.ts': pluginType('after', "'loaded'"),
    });
    expect(warnings()).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)]);
    expect(say('after')).toBe('loaded');
  });
});
