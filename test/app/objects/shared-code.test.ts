// Modules in `lib` and settings of types, in the built server and its commands, in both languages.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTestCache } from '../../../src/app/testing/testing.js';
import { LineClient } from '../line-client.js';
import { runCommand, startOnAllProcessors } from '../server-process.js';
import { TypeFolders } from '../type-folders.js';

const SCRIPT = `local words = require "words.polite"
return { name = "ask", config = { word = { type = "string", minLength = 1, default = "tea" } }, methods = {
  say = { access = "create", run = function(self, args, call) return words.please(call.config.word) end },
} }
`;

const PLUGIN = `import { defineType, method } from 'cacheismo';
import { please } from './lib/polite.js';
export default defineType<{ n: number }, { word: string }>({
  name: 'beg',
  config: { word: { type: 'string', minLength: 1, default: 'tea' } },
  methods: { say: method({ access: 'create', run: (_self, _args, call) => please(call.config.word) }) },
});
`;

const luaModule = (word: string) => `return { please = function(what) return what .. ", ${word}" end }\n`;
const tsModule = (word: string) => `export const please = (what: string): string => what + ', ${word}';\n`;

class Project extends TypeFolders {
  constructor() {
    super();
    mkdirSync(join(this.scripts, 'lib/words'), { recursive: true });
    mkdirSync(join(this.plugins, 'lib'));
    this.script('ask.lua', SCRIPT).plugin('beg.ts', PLUGIN);
    this.say('please');
  }

  say(word: string): void {
    this.script('lib/words/polite.lua', luaModule(word)).plugin('lib/polite.ts', tsModule(word));
  }

  config(content: object): readonly string[] {
    const path = join(this.root, 'cacheismo.config.json');
    writeFileSync(path, JSON.stringify(content));
    return [...this.flags, '--config', path];
  }
}

describe.each(['epoll', 'net'])('a server with the transport %s', (transport) => {
  test('gives types their settings, checks them when a type is saved, and reloads types of a changed module', async () => {
    using project = new Project();
    const flags = project.config({ types: { ask: { word: 'milk' }, beg: { word: 'ale' }, aks: {} } });
    await using server = await startOnAllProcessors([...flags, '--transport', transport]);
    using client = await LineClient.connect(server.port);
    const both = async () => [await client.get('ask:say:k'), await client.get('beg:say:k')];
    expect(await both()).toEqual(['milk, please', 'ale, please']);
    const warnings = server.log.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
    expect(warnings).toEqual([`${flags.at(-1)}: types.aks: there is no object type of this name; did you mean ask?`]);
    project.say('now');
    await expect.poll(both, { timeout: 10_000 }).toEqual(['milk, now', 'ale, now']);
    project.script('ask.lua', SCRIPT.replace('minLength = 1', 'enum = { "tea", "cocoa" }'));
    const line = 'types.ask.word must be one of tea, cocoa, says scripts/ask.lua (version 2 keeps running)';
    expect((await server.logged(/cocoa/)).msg).toBe(`${flags.at(-1)}: ${line}`);
    expect(await both()).toEqual(['milk, now', 'ale, now']);
  });

  test('does not load a type whose settings are wrong, and says why in one line', async () => {
    using project = new Project();
    const flags = project.config({ types: { ask: { word: 5 }, beg: { wrod: 'ale' }, set: { size: 1 } } });
    await using server = await startOnAllProcessors([...flags, '--transport', transport]);
    using client = await LineClient.connect(server.port);
    const warnings = server.log.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
    expect(warnings.map((line) => line.replace(`${flags.at(-1)}: `, '')).sort()).toEqual([
      'types.ask.word must be string, says scripts/ask.lua (not loaded)',
      'types.beg.wrod is no setting of plugins/beg.ts; did you mean word? (not loaded)',
      'types.set.size is no setting of cacheismo/plugins/set.ts, which has none (not loaded)',
      'types.set.size is no setting of cacheismo/scripts/set.lua, which has none (not loaded)',
    ]);
    expect(await client.get('ask:say:k')).toBe('END');
    expect(await client.get('map:new:k')).toBe('CREATED');
  });
});

test('a configuration whose types are no settings stops the start', async () => {
  using project = new Project();
  for (const [content, line] of [
    [{ types: 5 }, 'types 5: must be names of object types, such as gcra,lease'],
    [{ types: { ask: 5 } }, 'types.ask: must hold settings by name, such as limit: 10'],
    [{ typse: {} }, 'typse: unknown option; did you mean types?'],
  ] as const) {
    const flags = project.config(content);
    const { code, errors } = await runCommand([...flags, '-p', '0', '-u', 'root']);
    expect([code, errors]).toEqual([64, `cacheismo: ${flags.at(-1)}: ${line}\n`]);
  }
});

test('cacheismo check and cacheismo test use the modules, and the settings of the configuration file', async () => {
  using project = new Project();
  const dialogue = (name: string) => `> get ${name}:say:k\nVALUE ${name}:say:k 0 12\nmilk, please\nEND\n`;
  project.script('ask.dialogue', dialogue('ask')).plugin('beg.dialogue', dialogue('beg'));
  const config = (content: object) => ({ CACHEISMO_CONFIG: project.config(content).at(-1) });
  const milk = config({ types: { ask: { word: 'milk' }, beg: { word: 'milk' }, other: {} } });
  expect(await runCommand(['test', project.scripts, project.plugins], milk)).toEqual({
    code: 0,
    output: '2 dialogues, 2 exchanges: all replies are as expected\n',
    errors: '',
  });
  const checked = await runCommand(['check', project.scripts, project.plugins], milk);
  expect(checked).toMatchObject({ code: 0, errors: '' });
  expect(checked.output).toMatch(/ask is fine\n[\s\S]*beg is fine\n/);
  const wrong = await runCommand(['check', project.scripts], config({ types: { ask: { word: '' } } }));
  expect(wrong).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/types\.ask\.word must have at least 1 bytes/),
  });
  expect(await runCommand(['test', project.scripts], config({ types: { ask: 5 } }))).toMatchObject({
    code: 1,
    output: expect.stringMatching(/types\.ask: must hold settings by name/),
  });
  project.script('lib/words/polite.lua', '\nreturn {');
  const broken = await runCommand(['check', join(project.scripts, 'ask.lua')]);
  expect(broken).toMatchObject({
    code: 1,
    errors: expect.stringContaining(`cacheismo: ${join(project.scripts, 'lib/words/polite.lua')}:2: `),
  });
  const named = await runCommand(['check', join(project.plugins, 'lib/polite.ts')]);
  expect(named).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/a module is checked with the types that use/),
  });
});

test('a test cache takes settings of types, and refuses wrong ones', async () => {
  using project = new Project();
  const types = [join(project.scripts, 'ask.lua'), join(project.plugins, 'beg.ts')];
  const cache = await createTestCache({ types, config: { types: { ask: { word: 'milk' } } } });
  expect([await cache.call('ask:say:k'), await cache.call('beg:say:k')]).toEqual(['milk, please', 'tea, please']);
  cache.close();
  const refused = (settings: object) => createTestCache({ types, config: { types: settings } });
  await expect(refused({ ask: { word: 5 } })).rejects.toThrow(
    /^createTestCache: types\.ask\.word must be string, says /,
  );
  await expect(refused({ aks: {} })).rejects.toThrow(
    'createTestCache: types.aks: there is no object type of this name; did you mean ask?',
  );
});
