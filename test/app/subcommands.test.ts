// The subcommands for authors of object types, run as a user runs them.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand, startProcess } from './server-process.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cacheismo-subcommands-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('the type that cacheismo new writes passes cacheismo check and its own test on a running server', async () => {
  for (const language of ['lua', 'ts']) {
    const name = `points_${language}`;
    const written = await runCommand(['new', language, name, '--directory', directory]);
    const file = join(directory, `${name}.${language}`);
    expect(written).toEqual({
      code: 0,
      output: `wrote ${file}\nwrote ${join(directory, `${name}.test.mjs`)}\n`,
      errors: '',
    });
    const checked = await runCommand(['check', file]);
    expect(checked).toMatchObject({ code: 0, errors: '' });
    expect(checked.output).toContain(`${name} is fine\n`);
    expect(checked.output).toContain('  add write (who string, [points integer = 1])\n');
  }
  await using server = await startProcess(['--scripts', directory, '--plugins', directory]);
  const call = (key: string) => runCommand(['call', key, '-p', String(server.port)]);
  for (const name of ['points_lua', 'points_ts']) {
    expect(await call(`${name}:new:today`)).toEqual({ code: 0, output: 'CREATED\n', errors: '' });
    expect(await call(`${name}:add:today:ann:5`)).toMatchObject({ output: '5\n' });
  }
});

test('cacheismo new notes that a type replaces a shipped type of the same name', async () => {
  const { code, output } = await runCommand(['new', 'ts', 'quota', '--directory', directory]);
  expect(code).toBe(0);
  expect(output).toMatch(/^wrote .*\nwrote .*\n.*scripts\/quota\.lua defines quota, too; scripts replace plugins/);
});

describe('cacheismo call', () => {
  test('shows errors in one line', async () => {
    await using server = await startProcess();
    const port = String(server.port);
    await runCommand(['call', 'set:new:k', '-p', port]);
    expect(await runCommand(['call', 'set:put:k', '-p', port, '-h', '127.0.0.1'])).toEqual({
      code: 1,
      output: '',
      errors: 'cacheismo: CLIENT_ERROR set:put: member is required\n',
    });
    expect(await runCommand(['call', 'nothing', '-p', port])).toMatchObject({
      code: 3,
      errors: 'cacheismo: there is no value\n',
    });
  });

  test('sends a data block, and finds the port in the environment', async () => {
    await using server = await startProcess();
    const environment = { CACHEISMO_PORT: String(server.port) };
    expect(await runCommand(['call', 'set:new:k'], environment)).toMatchObject({ code: 0 });
    expect(await runCommand(['call', 'set:put:k', '--data', 'a b:c'], environment)).toEqual({
      code: 0,
      output: 'STORED\n',
      errors: '',
    });
    expect(await runCommand(['call', 'set:exists:k:a b:c'.replace(' ', '%20')], environment)).toMatchObject({
      output: 'EXISTS\n',
    });
  });

  test('names the address where no server answers', async () => {
    const { code, errors } = await runCommand(['call', 'set:new:k', '-p', '1']);
    expect(code).toBe(1);
    expect(errors).toMatch(/^cacheismo: 127\.0\.0\.1:1: .*ECONNREFUSED.*\n$/);
  });
});

describe('cacheismo check', () => {
  test('reports every file of a directory, and ends with an error', async () => {
    const good = (name: string) =>
      `return { name = "${name}", methods = { new = { access = "create", run = function() return "x" end } } }`;
    writeFileSync(join(directory, 'a.lua'), good('a'));
    writeFileSync(join(directory, 'b.lua'), 'return {\n  name = 5 5\n}\n');
    writeFileSync(join(directory, 'c.lua'), good('cacheismo'));
    writeFileSync(join(directory, 'd.lua'), good('a'));
    writeFileSync(join(directory, 'loop.lua'), 'while true do end');
    writeFileSync(join(directory, 'loop.ts'), 'while (true) {}\nexport default {};\n');
    writeFileSync(join(directory, 'util.ts'), 'export const one = 1;\n');
    const { code, output, errors } = await runCommand(['check', directory]);
    expect(code).toBe(1);
    expect(output).toMatch(/\/a\.lua: a is fine\n/);
    expect(output).toMatch(/\/util\.ts: .*: passed over\n/);
    expect(errors.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^cacheismo: .*\/b\.lua:2: /),
      expect.stringMatching(/\/c\.lua: type name cacheismo is taken by the server$/),
      expect.stringMatching(/\/d\.lua: type a is already defined by .*\/a\.lua$/),
      expect.stringMatching(/\/loop\.lua: takes more than \d+ steps$/),
      expect.stringMatching(/\/loop\.ts: took longer than 1 s to load: its top level must end$/),
    ]);
  });
});

describe('a wrong subcommand gets one error line', () => {
  test('for a file that does not load', async () => {
    const file = join(directory, 'wrong.lua');
    writeFileSync(file, 'return {\n  name = 5 5\n}\n');
    const { code, output, errors } = await runCommand(['check', file]);
    expect([code, output]).toEqual([1, '']);
    expect(errors).toMatch(/^cacheismo: .*wrong\.lua:2: .*\n$/);
  });

  test.each([
    [['check'], 64, "missing required argument 'files'; see cacheismo check --help"],
    [['new', 'perl', 'x'], 64, 'new perl: must be lua or ts'],
    [
      ['new', 'lua', '../x'],
      1,
      "../x cannot be a type's name: at most 32 lower case letters, digits and _, starting with a letter",
    ],
    [['call', 'k', '-p', '1e3'], 64, '-p 1e3: must be an integer from 1 to 65535'],
    [
      ['call', 'a b'],
      1,
      '127.0.0.1:11211: a key has 1 to 250 bytes and no blanks; write %20 for a blank in an argument',
    ],
  ])('for the arguments %j', async (args, code, line) => {
    expect(await runCommand(args)).toEqual({ code, output: '', errors: `cacheismo: ${line}\n` });
  });
});

test('each subcommand prints its usage, and the help lists all of them', async () => {
  const help = (await runCommand(['--help'])).output;
  for (const name of ['check', 'new', 'call']) {
    expect(help).toContain(`\n  ${name} `);
    const { code, output } = await runCommand([name, '--help']);
    expect(code).toBe(0);
    expect(output).toContain(`Usage: cacheismo ${name} `);
  }
});
