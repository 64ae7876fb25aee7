// Files in `lib` that types of either language share: types are loaded again when one changes, is added or is removed.

import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Watched } from './watched.js';

let watched: Watched;

beforeEach(() => {
  watched = new Watched();
});

afterEach(() => watched.close());

interface Language {
  readonly language: string;
  readonly folder: string;
  /** The module's name in the folder, without its ending. */
  readonly ending: string;
  readonly type: (name: string, module?: string) => string;
  readonly module: (answer: string) => string;
  readonly importing: (module: string, name: string) => string;
  readonly broken: string;
}

const LANGUAGES: readonly Language[] = [
  {
    language: 'Lua',
    folder: 'scripts',
    ending: '.lua',
    type: (name, module = 'words') =>
      `local words = require "${module.replaceAll('/', '.')}"\nreturn {\n  name = "${name}", methods = { say = { access = "create", run = function() return words.say("${name}") end } },\n}\n`,
    module: (answer) => `return { say = function(name) return name .. " ${answer}" end }\n`,
    importing: (module) => `return require "${module}"\n`,
    broken: '\nreturn { = }\n',
  },
  {
    language: 'TypeScript',
    folder: 'plugins',
    ending: '.ts',
    type: (name, module = 'words') =>
      `import { defineType, method } from 'cacheismo';\nimport { say } from './lib/${module}.js';\nexport default defineType({\n  name: '${name}',\n  methods: { say: method({ access: 'create', run: () => say('${name}') }) },\n});\n`,
    module: (answer) => `export const say = (name: string): string => name + ' ${answer}';\n`,
    importing: (module) => `export { say } from './${module}.ts';\n`,
    broken: '\nexport const say = ;\n',
  },
];

describe.each(LANGUAGES)('modules of $language', ({ folder, ending, type, module, importing, broken }) => {
  const pathOf = (name: string) => join(watched.root, folder, `${name}${ending}`);

  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(pathOf(name)), { recursive: true });
      writeFileSync(pathOf(name), text);
    }
  }

  const say = (name: string) => watched.harness.get(`${name}:say:k`);
  const both = () => [say('one'), say('two')];
  const warnings = () => watched.leveled.filter((line) => line.startsWith('warn ')).map((line) => line.slice(5));

  async function become(expected: readonly string[], change: () => void): Promise<void> {
    change();
    await expect.poll(both, { timeout: 10_000, interval: 20 }).toEqual(expected);
  }

  test('change the types that use them, all together, and no others', async () => {
    write({
      one: type('one'),
      two: type('two'),
      other: type('other', 'more'),
      'lib/words': module('1'),
      'lib/more': module('m'),
    });
    await watched.reloader.start();
    expect([...both(), say('other')]).toEqual(['one 1', 'two 1', 'other m']);
    expect(warnings()).toEqual([]);
    const loads = watched.events.length;
    const seen = new Set<string>();
    const { events } = watched.reloader;
    events.on('reload', () => seen.add(both().join()));
    await become(['one 2', 'two 2'], () => write({ 'lib/words': module('2') }));
    expect([...seen]).toEqual(['one 2,two 2']);
    expect(watched.events.slice(loads).map(({ file }) => file)).toEqual([
      `${folder}/one${ending}`,
      `${folder}/two${ending}`,
    ]);
    expect(watched.harness.get('cacheismo:types')).toMatch(
      new RegExp(`^one \\S+ ${folder}/one\\${ending} version 2 .* uses ${folder}/lib/words\\${ending}$`, 'm'),
    );
  });

  test('change types through other modules, in folders below', async () => {
    write({
      one: type('one', 'deep/er'),
      two: type('two'),
      'lib/deep/er': module('1'),
      'lib/words': importing('lib', 'x'),
    });
    rmSync(pathOf('lib/words'));
    write({ 'lib/words': importing(folder === 'scripts' ? 'deep.er' : 'deep/er', 'say') });
    await watched.reloader.start();
    expect(both()).toEqual(['one 1', 'two 1']);
    await become(['one 2', 'two 2'], () => write({ 'lib/deep/er': module('2') }));
  });

  test('that are broken leave the versions running and are logged in one line', async () => {
    write({ one: type('one'), two: type('two'), 'lib/words': module('1') });
    await watched.reloader.start();
    const failed = [watched.next(`${folder}/one${ending}`, 'failed'), watched.next(`${folder}/two${ending}`, 'failed')];
    write({ 'lib/words': broken });
    await Promise.all(failed);
    expect(both()).toEqual(['one 1', 'two 1']);
    expect(warnings()).toEqual([
      expect.stringMatching(
        new RegExp(
          `^${folder}/lib/words\\${ending}:2: [Uu]nexpected .* \\(version 1 of one and version 1 of two keep running\\)$`,
        ),
      ),
    ]);
    await become(['one 2', 'two 2'], () => write({ 'lib/words': module('2') }));
  });

  test('that are removed leave the versions running until they are back', async () => {
    write({ one: type('one'), two: type('two'), 'lib/words': module('1') });
    await watched.reloader.start();
    const failed = [watched.next(`${folder}/one${ending}`, 'failed'), watched.next(`${folder}/two${ending}`, 'failed')];
    rmSync(join(watched.root, folder, 'lib'), { recursive: true });
    await Promise.all(failed);
    expect(both()).toEqual(['one 1', 'two 1']);
    expect(warnings()).toHaveLength(2);
    await become(['one 2', 'two 2'], () => write({ 'lib/words': module('2') }));
  });

  test('that are missing at the start load their types when they are added', async () => {
    write({ one: type('one'), two: type('two') });
    await watched.reloader.start();
    expect(both()).toEqual(['no call', 'no call']);
    await become(['one 1', 'two 1'], () => write({ 'lib/words': module('1') }));
  });

  test('that are replaced by a rename change their types', async () => {
    write({ one: type('one'), two: type('two'), 'lib/words': module('1') });
    await watched.reloader.start();
    await become(['one 2', 'two 2'], () => {
      write({ 'lib/.words': module('2') });
      renameSync(pathOf('lib/.words'), pathOf('lib/words'));
    });
  });

  test('are no types themselves, even if they look like one', async () => {
    write({ one: type('one'), 'lib/words': module('1'), 'lib/two': type('two') });
    await watched.reloader.start();
    expect(both()).toEqual(['one 1', 'no call']);
    expect(warnings()).toEqual([]);
  });

  test('outside of the folder are refused', async () => {
    writeFileSync(join(watched.root, `secret${ending}`), module('secret'));
    mkdirSync(join(watched.root, folder, 'lib'));
    symlinkSync(join(watched.root, `secret${ending}`), pathOf('lib/words'));
    write({ one: type('one') });
    await watched.reloader.start();
    expect(warnings()).toEqual([
      expect.stringMatching(
        new RegExp(`^${folder}/lib/words\\${ending}: lies outside of ${folder}: .* \\(not loaded\\)$`),
      ),
    ]);
  });
});
