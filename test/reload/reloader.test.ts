// Hot reload over real directories: every test waits for the reload's event, none for a fixed time.

import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { luaType, Watched } from './watched.js';

let watched: Watched;

beforeEach(() => {
  watched = new Watched();
});

afterEach(() => watched.close());

function script(name: string, text: string): void {
  writeFileSync(join(watched.scripts, name), text);
}

function plugin(name: string, text: string): void {
  writeFileSync(join(watched.plugins, name), text);
}

function say(type: string): string {
  return watched.harness.get(`${type}:say:k`);
}

const saying = (name: string, answer: string, imports = '') => `${imports}
import { defineType, method } from 'cacheismo';
const answer: string = ${answer};
export default defineType({
  name: '${name}',
  methods: {
    new: method({ access: 'create', run: () => 'CREATED' }),
    say: method({ access: 'read', run: () => answer }),
  },
});
`;

describe('scripts', () => {
  test('are loaded at the start, replaced after a save, and unloaded after removal', async () => {
    script('greet.lua', luaType('greet', 'hello'));
    await watched.reloader.start();
    expect(say('greet')).toBe('hello');

    const saved = watched.next('scripts/greet.lua', 'loaded');
    script('greet.lua', luaType('greet', 'good day'));
    expect((await saved).message).toBe('scripts/greet.lua: version 2 of greet is live');
    expect(say('greet')).toBe('good day');

    const added = watched.next('scripts/part.lua', 'loaded');
    script('part.lua', luaType('part', 'bye'));
    await added;
    expect(say('part')).toBe('bye');

    const removed = watched.next('scripts/part.lua', 'removed');
    rmSync(join(watched.scripts, 'part.lua'));
    await removed;
    expect(say('part')).toBe('no call');
    expect(say('greet')).toBe('good day');
  });

  test('that fail leave the old version running, with one log line for each save', async () => {
    script('greet.lua', luaType('greet', 'hello'));
    await watched.reloader.start();
    const failed = watched.next('scripts/greet.lua', 'failed');
    script('greet.lua', 'return {\n  name = "greet",\n  = 1\n}');
    await failed;
    expect(say('greet')).toBe('hello');
    const line = "scripts/greet.lua:3: unexpected symbol near '=' (version 1 keeps running)";
    expect(watched.logged.filter((logged) => logged.includes('unexpected'))).toEqual([line]);
    expect(watched.harness.get('cacheismo:types')).toContain(`error ${line}`);
    const again = watched.next('scripts/greet.lua', 'failed');
    script('greet.lua', 'return {\n  name = "greet", -- saved again\n  = 1\n}');
    await again;
    expect(watched.logged.filter((logged) => logged.includes('unexpected'))).toEqual([line, line]);

    const mended = watched.next('scripts/greet.lua', 'loaded');
    script('greet.lua', luaType('greet', 'good day'));
    await mended;
    expect(say('greet')).toBe('good day');
    expect(watched.harness.get('cacheismo:types')).not.toContain('keeps running');
  });

  test('that are saved in two steps are loaded once they are complete', async () => {
    script('greet.lua', luaType('greet', 'hello'));
    await watched.reloader.start();
    const saved = watched.next('scripts/greet.lua');
    const path = join(watched.scripts, 'greet.lua');
    truncateSync(path);
    const file = openSync(path, 'w');
    const text = luaType('greet', 'errand');
    writeSync(file, text.slice(0, 50));
    writeSync(file, text.slice(50), 50);
    closeSync(file);
    expect((await saved).outcome).toBe('loaded');
    expect(say('greet')).toBe('errand');
    expect(watched.logged.filter((line) => line.includes('keeps running'))).toEqual([]);
  });

  test('that are truncated, and written after a file has normally settled, are not judged while they are empty', async () => {
    // Long rounds, so that a busy machine writes in the second one as well.
    const settleMs = 500;
    watched.restart({ settleMs });
    script('greet.lua', luaType('greet', 'hello'));
    await watched.reloader.start();
    const saved = watched.next('scripts/greet.lua');
    truncateSync(join(watched.scripts, 'greet.lua'));
    await new Promise((resolve) => setTimeout(resolve, settleMs * 1.5));
    script('greet.lua', luaType('greet', 'errand'));
    expect((await saved).outcome).toBe('loaded');
    expect(watched.logged.filter((line) => line.includes('keeps running'))).toEqual([]);
  });

  test('that stay empty are refused', async () => {
    script('greet.lua', luaType('greet', 'hello'));
    await watched.reloader.start();
    const failed = watched.next('scripts/greet.lua', 'failed');
    truncateSync(join(watched.scripts, 'greet.lua'));
    expect((await failed).message).toMatch(/^scripts\/greet\.lua: defines no object type.*version 1 keeps running/);
  });

  test('that are replaced by an atomic rename are reloaded', async () => {
    script('greet.lua', luaType('greet', 'hello'));
    await watched.reloader.start();
    const saved = watched.next('scripts/greet.lua', 'loaded');
    script('.greet.lua.swap', luaType('greet', 'renamed'));
    renameSync(join(watched.scripts, '.greet.lua.swap'), join(watched.scripts, 'greet.lua'));
    await saved;
    expect(say('greet')).toBe('renamed');
  });

  test('that are renamed keep their type under the new file', async () => {
    script('greet.lua', luaType('greet', 'hello'));
    await watched.reloader.start();
    const loaded = watched.next('scripts/welcome.lua', 'loaded');
    renameSync(join(watched.scripts, 'greet.lua'), join(watched.scripts, 'welcome.lua'));
    await loaded;
    expect(say('greet')).toBe('hello');
    expect(watched.logged.filter((line) => line.includes('already defined'))).toEqual([]);
  });

  test('of the same name: the second is refused, and loaded when the first is removed', async () => {
    script('a.lua', luaType('greet', 'from a'));
    script('b.lua', luaType('greet', 'from b'));
    await watched.reloader.start();
    expect(say('greet')).toBe('from a');
    expect(watched.logged).toContain('scripts/b.lua: type greet is already defined by scripts/a.lua (not loaded)');
    const loaded = watched.next('scripts/b.lua', 'loaded');
    rmSync(join(watched.scripts, 'a.lua'));
    await loaded;
    expect(say('greet')).toBe('from b');
  });

  test('are loaded once after a burst of events', async () => {
    await watched.reloader.start();
    const loaded = watched.next('scripts/greet.lua', 'loaded');
    for (let step = 0; step < 50; step++) script('greet.lua', luaType('greet', `hello ${step}`));
    await loaded;
    expect(say('greet')).toBe('hello 49');
    expect(watched.events.filter((event) => event.file === 'scripts/greet.lua')).toHaveLength(1);
  });

  test('are all loaded and all replaced when there are hundreds', async () => {
    const names = [...Array(300).keys()].map((number) => `type${number}`);
    for (const name of names) script(`${name}.lua`, luaType(name, 'first'));
    await watched.reloader.start();
    expect(names.map(say)).toEqual(names.map(() => 'first'));
    const changed = names.map((name) => watched.next(`scripts/${name}.lua`, 'loaded'));
    for (const name of names) script(`${name}.lua`, luaType(name, 'second'));
    await Promise.all(changed);
    expect(names.map(say)).toEqual(names.map(() => 'second'));
  });

  test('that are not scripts are skipped or refused', async () => {
    const outside = join(watched.root, 'outside.lua');
    writeFileSync(outside, luaType('outside', 'secret'));
    symlinkSync(outside, join(watched.scripts, 'link.lua'));
    execFileSync('mkfifo', [join(watched.scripts, 'pipe.lua')]);
    script('large.lua', `large\n${'x'.repeat(1024 * 1024)}`);
    mkdirSync(join(watched.scripts, 'folder.lua'));
    script('notes.txt', luaType('notes', 'no'));
    script('greet.test.lua', luaType('tested', 'no'));
    script('.hidden.lua', luaType('hidden', 'no'));
    script('greet.lua', luaType('greet', 'hello'));
    symlinkSync(join(watched.scripts, 'greet.lua'), join(watched.scripts, 'same.lua'));
    await watched.reloader.start();
    expect(watched.logged.sort()).toEqual([
      'scripts/folder.lua: is not a regular file (not loaded)',
      'scripts/greet.lua: version 1 of greet is live',
      'scripts/large.lua: is larger than 1048576 bytes (not loaded)',
      'scripts/link.lua: is a link that leads outside its directory (not loaded)',
      'scripts/pipe.lua: is not a regular file (not loaded)',
      'scripts/same.lua: type greet is already defined by scripts/greet.lua (not loaded)',
    ]);
    expect(say('greet')).toBe('hello');
  });
});

describe('types that are named as served', () => {
  test('are served, and no others; a file that gets such a name is served from then on', async () => {
    watched.restart({ served: ['greet', 'later', 'broken', 'nowhere'] });
    script('greet.lua', luaType('greet', 'hello'));
    script('other.lua', luaType('other', 'hello'));
    script('broken.lua', 'return {');
    await watched.reloader.start();
    expect([say('greet'), say('other')]).toEqual(['hello', 'no call']);
    expect(watched.reloader.definedTypes).toEqual(['greet', 'other']);
    // One that failed may define its type when it is mended.
    expect(watched.reloader.undefinedTypes).toEqual(['later', 'nowhere']);
    const renamed = watched.next('scripts/other.lua', 'loaded');
    script('other.lua', luaType('later', 'hi'));
    await renamed;
    expect(say('later')).toBe('hi');
    const removed = watched.next('scripts/greet.lua', 'removed');
    script('greet.lua', luaType('unnamed', 'hello'));
    await removed;
    expect([say('greet'), say('unnamed')]).toEqual(['no call', 'no call']);
  });
});

describe('plugins', () => {
  test('are shadowed by a script of the same type, and active again when it is removed', async () => {
    plugin('greet.ts', saying('greet', "'from a plugin'"));
    await watched.reloader.start();
    expect(watched.harness.get('greet:new:k')).toBe('CREATED');
    expect(say('greet')).toBe('from a plugin');
    const shadowed = watched.next('scripts/greet.lua', 'loaded');
    script('greet.lua', luaType('greet', 'from a script'));
    await shadowed;
    expect(say('greet')).toBe('from a script');
    const removed = watched.next('scripts/greet.lua', 'removed');
    rmSync(join(watched.scripts, 'greet.lua'));
    expect((await removed).message).toBe('scripts/greet.lua: was removed; plugins/greet.ts now defines greet');
    expect(say('greet')).toBe('from a plugin');
  });

  test('that do not parse, do not import or throw are refused with file and line', async () => {
    plugin('greet.ts', saying('greet', "'hello'"));
    await watched.reloader.start();
    watched.harness.get('greet:new:k');
    const reasons: string[] = [];
    for (const text of [
      'const a = 1;\nconst b = ;\n',
      saying('greet', "'x'", "import { lost } from './lost.js'; lost();"),
      saying('greet', "'x'", "import { lost } from 'no-such-package'; lost();"),
      'export const a = 1;\n\nthrow new Error("at line three");\nexport default {};\n',
      'export default 7;\n',
      'export default { name: "greet", methods: { say: { access: "own", run: () => 1 } } };\n',
      'export default { name: "greet", methods: { say: { access: "read" } } };\n',
      'export default { name: "Greet", methods: { say: { access: "read", run: () => 1 } } };\n',
      'export default { name: "cacheismo", methods: { say: { access: "read", run: () => 1 } } };\n',
    ]) {
      const failed = watched.next('plugins/greet.ts', 'failed');
      plugin('greet.ts', text);
      reasons.push((await failed).message);
      expect(say('greet')).toBe('hello');
    }
    expect(reasons.map((reason) => reason.replace(/Require stack.*/, ''))).toEqual([
      'plugins/greet.ts:2: Unexpected token at column 11: const b = ; (version 1 keeps running)',
      'plugins/greet.ts:1: cannot find ./lost.js (version 1 keeps running)',
      "plugins/greet.ts:1: Cannot find module 'no-such-package' (version 1 keeps running)",
      'plugins/greet.ts:3: at line three (version 1 keeps running)',
      'plugins/greet.ts: has no object type as its default export (version 1 keeps running)',
      "plugins/greet.ts:1: methods.say.access must be one of create, read, write, upsert, not 'own' (version 1 keeps running)",
      'plugins/greet.ts:1: methods.say.run must be a function (version 1 keeps running)',
      "plugins/greet.ts:1: name must be lower case letters, digits and _, starting with a letter, not 'Greet': did you mean greet? (version 1 keeps running)",
      'plugins/greet.ts: type name cacheismo is taken by the server (version 1 keeps running)',
    ]);
  });

  test('are reloaded when what they import changes', async () => {
    mkdirSync(join(watched.plugins, 'shared'));
    plugin('shared/words.ts', "export const word: string = 'one';\n");
    plugin('greet.ts', saying('greet', 'word', "import { word } from './shared/words.js';"));
    await watched.reloader.start();
    watched.harness.get('greet:new:k');
    expect(say('greet')).toBe('one');
    const loaded = watched.next('plugins/greet.ts', 'loaded');
    plugin('shared/words.ts', "export const word: string = 'two';\n");
    await loaded;
    expect(say('greet')).toBe('two');
  });
});
