// The functions of the subcommands check, init, new and call.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDialogueFiles } from '../../src/app/testing/dialogue-files.js';
import { callMethod } from '../../src/client/client.js';
import { ScriptLoader } from '../../src/languages/lua/host/load-script.js';
import { checkFiles, loadFile } from '../../src/reload/authoring/check-file.js';
import { initProject } from '../../src/reload/authoring/init-project.js';
import { newType } from '../../src/reload/authoring/new-type.js';
import { Loader } from '../../src/reload/loader.js';
import { CallHarness } from '../objects/call-harness.js';

const directory = mkdtempSync(join(tmpdir(), 'cacheismo-authoring-'));
const loader = new Loader();
const scripts = new ScriptLoader();

afterAll(async () => {
  await loader.close();
  rmSync(directory, { recursive: true });
});

describe.each(['lua', 'typescript'] as const)('a new type in %s', (language) => {
  const name = `points_${language}`;

  test('works unchanged, with a dialogue and a test next to it', async () => {
    const files = newType(language, name, directory).map((path) => basename(path));
    const type = `${name}.${language === 'lua' ? 'lua' : 'ts'}`;
    expect(files).toEqual([type, `${name}.dialogue`, `${name}.test.mjs`]);
    const path = join(directory, files[0]);
    const [checked] = await checkFiles([path], loader, scripts);
    expect([...(checked?.methods ?? [])].sort()).toEqual([
      'add write (who string, [points integer = 1])',
      'get read (who string)',
      'new create ()',
    ]);
    const harness = new CallHarness([await loadFile(path, loader, scripts)]);
    const calls = ['new:k', 'add:k:ann', 'add:k:ann:4', 'get:k:ann', 'get:k:bob', 'add:k::'];
    expect(calls.map((call) => harness.get(`${name}:${call}`))).toEqual([
      'CREATED',
      '1',
      '5',
      '5',
      'END',
      `CLIENT_ERROR ${name}:add: who must have at least 1 bytes`,
    ]);
  });

  test('does not overwrite existing files', () => {
    expect(() => newType(language, name, directory)).toThrow('exists already');
  });
});

describe('cacheismo init', () => {
  const init = (place: string) => initProject(place, '1.2.3').map((line) => line.replaceAll(`${place}/`, ''));
  const manifestOf = (place: string) => JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as object;

  test('makes a directory with a type in each language, its dialogue and settings', async () => {
    const place = join(directory, 'My Types');
    expect(init(place)).toEqual([
      'wrote tsconfig.json',
      'wrote .luarc.json',
      'wrote scripts/visits.lua',
      'wrote scripts/visits.dialogue',
      'wrote plugins/crate.ts',
      'wrote plugins/crate.dialogue',
      'wrote .gitignore',
      'wrote package.json',
    ]);
    expect(readFileSync(join(place, '.gitignore'), 'utf8')).toBe('node_modules/\n');
    expect(manifestOf(place)).toMatchObject({ name: 'my-types', private: true, dependencies: { cacheismo: '^1.2.3' } });
    const checked = await checkFiles([join(place, 'scripts'), join(place, 'plugins')], loader, scripts);
    expect(checked.map(({ name, failures }) => [name, failures])).toEqual([
      ['visits', undefined],
      ['crate', undefined],
    ]);
    const lines: string[] = [];
    expect(await runDialogueFiles([join(place, 'scripts'), join(place, 'plugins')], (line) => lines.push(line))).toBe(
      true,
    );
    expect(lines).toEqual(['2 dialogues, 7 exchanges: all replies are as expected']);
    expect(() => init(place)).toThrow(
      'tsconfig.json exists already: init overwrites nothing: run it in another directory',
    );
  });

  test('adds to a package.json what it does not have, and keeps the rest', () => {
    const place = join(directory, 'present');
    mkdirSync(place);
    const present = { scripts: { test: 'mine', start: 'x' }, dependencies: { cacheismo: 'file:a.tgz', ajv: '8' } };
    writeFileSync(join(place, 'package.json'), JSON.stringify(present));
    writeFileSync(join(place, '.gitignore'), 'mine\n');
    expect(init(place).at(-1)).toBe('added to package.json: type, scripts.check, devDependencies.typescript');
    expect(readFileSync(join(place, '.gitignore'), 'utf8')).toBe('mine\n');
    expect(manifestOf(place)).toMatchObject({ ...present, type: 'module' });
  });

  test('writes nothing if package.json is not JSON', () => {
    const place = join(directory, 'broken');
    mkdirSync(place);
    writeFileSync(join(place, 'package.json'), '{');
    expect(() => init(place)).toThrow('package.json is not JSON: correct or remove it, then run cacheismo init again');
    expect(readdirSync(place)).toEqual(['package.json']);
  });
});

describe('cacheismo new and check refuse', () => {
  test('the name of the built-in type, with the reason', () => {
    expect(() => newType('ts' as 'typescript', 'cacheismo', directory)).toThrow('the server has a type of that name');
  });

  test('names that no type can have', () => {
    for (const name of ['Set', '1st', '', 'a-b', '../a', 'cacheismo']) {
      expect(() => newType('lua', name, directory)).toThrow("cannot be a type's name");
    }
  });

  test('files that do not load, with one line', async () => {
    const path = join(directory, 'broken.lua');
    writeFileSync(path, 'return {\n  name = \n}\n');
    writeFileSync(join(directory, 'a.py'), '');
    const paths = [path, ...['none.ts', 'a.py', 'absent'].map((name) => join(directory, name))];
    const lines = (await checkFiles(paths, loader, scripts)).flatMap(({ failures = [] }) => failures);
    expect(lines.sort()).toEqual([
      expect.stringMatching(/a\.py: is neither a \.lua nor a \.ts object type$/),
      expect.stringMatching(/absent: does not exist$/),
      expect.stringMatching(/broken\.lua:3: /),
      expect.stringMatching(/none\.ts: does not exist$/),
    ]);
  });
});

test.each([
  [
    'lua',
    `return {
  name = "many", metods = {},
  methods = {
    one = { access = "raed", run = 1 },
    two = { access = "read", parameters = { { name = "n", type = "number", default = "a" } }, run = function() end },
  },
}
`,
  ],
  [
    'ts',
    `export default {
  name: 'many', metods: {},
  methods: {
    one: { access: 'raed', run: 1 },
    two: { access: 'read', parameters: { n: { type: 'numbr' } }, run: () => 1 },
  },
};
`,
  ],
])('all mistakes of a definition in .%s are told together', async (extension, text) => {
  const path = join(directory, `many.${extension}`);
  writeFileSync(path, text);
  const [checked] = await checkFiles([path], loader, scripts);
  const [line = '', ...others] = checked?.failures ?? [];
  expect(others).toEqual([]);
  expect(line).toContain('methods.one.run must be a function');
  expect(line).toContain('did you mean methods?');
  expect(line).toContain('methods.one.access must be one of create, read, write');
  expect(line).toMatch(/methods\.two\.parameters\.n/);
});

describe('a call over a socket', () => {
  let server: Server;
  let port: number;
  const replies: Readonly<Record<string, string>> = {
    'get set:count:k\r\n': 'VALUE set:count:k 0 2\r\n12\r\nEND\r\n',
    'get set:getall:k\r\n': 'VALUE set:getall:k 0 6\r\nEND\r\n\u00ff\r\nEND\r\n',
    'get set:put:k\r\n': 'CLIENT_ERROR set:put: member is required\r\n',
    'get nothing\r\n': 'END\r\n',
  };

  beforeAll(async () => {
    server = createServer((socket) => {
      // One byte at a time: replies come in pieces.
      socket.on('data', (data) => {
        for (const byte of Buffer.from(replies[data.toString('latin1')] ?? '', 'latin1')) socket.write(Buffer.of(byte));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterAll(() => server.close());

  test('returns the value, the miss or the error', async () => {
    expect(await callMethod('set:count:k', { port })).toEqual({ value: '12', error: undefined });
    expect(await callMethod('set:getall:k', { port })).toEqual({ value: 'END\r\n\u00ff', error: undefined });
    expect(await callMethod('nothing', { port })).toEqual({ value: undefined, error: undefined });
    expect(await callMethod('set:put:k', { port })).toEqual({
      value: undefined,
      error: 'CLIENT_ERROR set:put: member is required',
    });
  });

  test('rejects invalid keys, and servers that are silent or absent', async () => {
    await expect(callMethod('a b', { port })).rejects.toThrow('no blanks');
    await expect(callMethod('x'.repeat(251), { port })).rejects.toThrow('250');
    await expect(callMethod('silence', { port, timeoutMs: 50 })).rejects.toThrow('no answer within 50 ms');
    await expect(callMethod('a', { port: 1 })).rejects.toThrow('ECONNREFUSED');
  });
});

test('the stubs for editors name every method of the host', () => {
  const stubs = readFileSync(new URL('../../schemas/cacheismo.d.lua', import.meta.url), 'utf8');
  for (const name of [
    'open',
    'expire',
    'pin',
    'unpin',
    'abandon',
    'log',
    'refuse',
    'ttlSeconds',
    'json.encode',
    'json.decode',
    'json.array',
    'json.null',
    'getHashMap',
    'executeReadOnly',
    'executeReadWrite',
    'executeNew',
    'writeStringAsValue',
  ]) {
    expect(stubs).toContain(name);
  }
});
