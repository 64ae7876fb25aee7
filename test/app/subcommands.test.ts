// The subcommands for authors of object types, run as a user runs them.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { certificateFolder, issue, keyText } from '../transport/tls/certificates.js';
import { runCommand, startProcess } from './server-process.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cacheismo-subcommands-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('the type that cacheismo new writes passes cacheismo check and its dialogue, and runs on a server', async () => {
  for (const language of ['lua', 'ts']) {
    const name = `points_${language}`;
    const written = await runCommand(['new', language, name, '--directory', directory]);
    const file = join(directory, `${name}.${language}`);
    expect(written).toEqual({
      code: 0,
      output: ['', '.dialogue', '.test.mjs']
        .map((ending) => `wrote ${ending === '' ? file : join(directory, name + ending)}\n`)
        .join(''),
      errors: '',
    });
    const checked = await runCommand(['check', file]);
    expect(checked).toMatchObject({ code: 0, errors: '' });
    expect(checked.output).toContain(`${name} is fine\n`);
    expect(checked.output).toContain('  add write (who string, [points integer = 1])\n');
  }
  expect(await runCommand(['test', directory])).toEqual({
    code: 0,
    output: '2 dialogues, 10 exchanges: all replies are as expected\n',
    errors: '',
  });
  await using server = await startProcess(['--scripts', directory, '--plugins', directory]);
  const call = (key: string) => runCommand(['call', key, '-p', String(server.port)]);
  for (const name of ['points_lua', 'points_ts']) {
    expect(await call(`${name}:new:today`)).toEqual({ code: 0, output: 'CREATED\n', errors: '' });
    expect(await call(`${name}:add:today:ann:5`)).toMatchObject({ output: '5\n' });
  }
});

test.skipIf(!existsSync('/proc/self'))(
  'a folder that cannot be made is named, where Node itself would never return',
  async () => {
    for (const args of [
      ['init', '/proc/types'],
      ['new', 'lua', 'points', '--directory', '/proc/types'],
    ]) {
      expect(await runCommand(args)).toEqual({
        code: 1,
        output: '',
        errors: expect.stringMatching(/^cacheismo: \/proc\/types\/\S+ cannot be written: no such file or directory\n$/),
      });
    }
  },
);

test('names of files in any letters are printed as they are', async () => {
  const place = join(directory, '日本');
  const { output } = await runCommand(['new', 'lua', 'points', '--directory', place]);
  expect(output).toContain(`wrote ${place}/points.lua\n`);
  expect((await runCommand(['check', place])).output).toContain('日本/points.lua: points is fine\n');
});

test('cacheismo new notes that a type replaces a shipped type of the same name', async () => {
  const { code, output } = await runCommand(['new', 'ts', 'quota', '--directory', directory]);
  expect(code).toBe(0);
  expect(output).toMatch(
    /^wrote .*\nwrote .*\nwrote .*\n.*scripts\/quota\.lua defines quota, too; scripts replace plugins/,
  );
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

  test('names a type that is not loaded, a near one, and where types come from', async () => {
    writeFileSync(join(directory, 'visits.lua'), 'return { name = 5 5 }');
    await using server = await startProcess(['--scripts', directory, '--scripts', 'scripts']);
    const port = String(server.port);
    const call = async (...args: string[]) => {
      const { code, output, errors } = await runCommand(['call', '-p', port, ...args]);
      expect(output).toBe('');
      return [code, errors.replace(/^cacheismo: /, '')];
    };
    const places = "types are the files of the server's --scripts and --plugins, by default ./scripts and ./plugins\n";
    const [missing, unloaded] = await call('sett:put:k:a');
    expect(missing).toBe(1);
    expect(unloaded).toMatch(
      /^type sett is not loaded; did you mean set\?; loaded are .*cacheismo, .*map, .*quota, .*set, .*swcounter.*; /,
    );
    expect(String(unloaded)).toContain(places);
    const [code, failed] = await call('visits:add:k');
    expect(code).toBe(1);
    expect(failed).toMatch(/^type visits is not loaded; error .*visits\.lua:1: .* \(not loaded\); loaded are /);
    expect(await call('set:putt:k:a')).toEqual([
      1,
      expect.stringMatching(/^type set has no method putt; did you mean put\?; its methods are .*\bput\b/),
    ]);
    // What would be stored as a plain value is not sent.
    expect(await call('sett:put:k', '--data', 'a')).toEqual([1, expect.stringMatching(/^type sett is not loaded/)]);
    expect(await call('sett:put:k')).toEqual([1, expect.stringMatching(/^type sett is not loaded/)]);
    expect(await call('map:get:k')).not.toEqual([1, expect.stringMatching(/is not loaded/)]);
    await runCommand(['call', 'map:new:k', '-p', port]);
    expect((await runCommand(['call', 'map:get:k:city', '-p', port])).errors).not.toContain('is not loaded');
  });

  test('finds the type after a prefix that the server skips', async () => {
    await using server = await startProcess(['--virtual-prefix', 'app:', '--virtual-prefix-required']);
    const call = (key: string) => runCommand(['call', key, '-p', String(server.port)]);
    expect(await call('app:set:new:k')).toMatchObject({ output: 'CREATED\n' });
    expect((await call('app:sett:new:k')).errors).toMatch(/^cacheismo: type sett is not loaded; did you mean set\?/);
    expect((await call('app:set:nw:k')).errors).toMatch(/set has no method nw; did you mean new\?; it has new, /);
    expect(await call('set:nothing:k')).toMatchObject({ code: 3, errors: 'cacheismo: there is no value\n' });
  });

  test('logs in by a flag or the environment, and names the missing part', async () => {
    const users = join(directory, 'users');
    writeFileSync(users, 'ann:a:secret\nbob:other:set.count\n');
    await using server = await startProcess(['-Y', users]);
    const call = (args: string[], environment = {}) =>
      runCommand(['call', ...args, '-p', String(server.port)], environment);
    expect(await call(['set:new:k', '--user', 'ann:a:secret'])).toMatchObject({ output: 'CREATED\n' });
    expect(await call(['set:put:k', '--data', 'x'], { CACHEISMO_USER: 'ann:a:secret' })).toMatchObject({
      output: 'STORED\n',
    });
    expect(await call(['set:count:k', '--user', 'bob:other'])).toMatchObject({ output: '1\n' });
    expect(await call(['set:putt:k:x', '--user', 'bob:other'])).toMatchObject({ code: 1 });
    const address = `127.0.0.1:${server.port}`;
    expect(await call(['set:new:k'])).toMatchObject({
      code: 1,
      errors: 'cacheismo: CLIENT_ERROR unauthenticated; log in by --user name:password\n',
    });
    expect(await call(['set:new:k', '--user', 'ann:wrong'])).toMatchObject({
      code: 1,
      errors: `cacheismo: ${address}: the user ann is not accepted: CLIENT_ERROR authentication failure\n`,
    });
    expect(await call(['set:new:k', '--user', 'ann'])).toMatchObject({
      code: 64,
      errors: 'cacheismo: --user: must be name:password\n',
    });
  });

  test('leaves no password on a server that requires no login', async () => {
    await using server = await startProcess();
    const port = String(server.port);
    expect(await runCommand(['call', 'set:new:k', '-p', port, '--user', 'ann:secret'])).toMatchObject({ code: 0 });
    expect(await runCommand(['call', 'login', '-p', port])).toMatchObject({ code: 3 });
  });

  test('uses TLS with the given authority, and explains a failure', async () => {
    using folder = certificateFolder();
    const certificate = issue({ name: 'server' });
    const chain = folder.put('chain.pem', certificate.certificate);
    const key = folder.put('key.pem', keyText(certificate));
    const files = `ssl_chain_cert=${chain},ssl_key=${key}`;
    await using server = await startProcess(['-Z', '-o', files]);
    await using plain = await startProcess(['--no-objects']);
    const call = (port: number, ...flags: string[]) => runCommand(['call', 'set:new:k', '-p', String(port), ...flags]);
    expect(await call(server.port, '--tls', '--ca', chain)).toMatchObject({ output: 'CREATED\n' });
    expect((await call(server.port, '--tls')).errors).toMatch(/--ca FILE\n$/);
    expect((await call(server.port)).errors).toMatch(/; if it speaks TLS, add --tls\n$/);
    expect((await call(plain.port, '--tls')).errors).toMatch(/: the server does not speak TLS on this port\n$/);
    expect(await call(server.port, '--ca', '/nowhere.pem')).toMatchObject({
      code: 64,
      errors: expect.stringMatching(/^cacheismo: --ca \/nowhere\.pem: no such file/),
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
      expect.stringMatching(/\/loop\.lua: takes more than \d+ steps while it is loaded$/),
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
  for (const name of ['check', 'test', 'init', 'new', 'call']) {
    expect(help).toContain(`\n  ${name} `);
    const { code, output } = await runCommand([name, '--help']);
    expect(code).toBe(0);
    expect(output).toContain(`Usage: cacheismo ${name} `);
  }
});

describe('cacheismo test', () => {
  test('ends with 0 if all replies are as expected, else with 1 and the differences', async () => {
    const type = join(directory, 'hello.lua');
    const hello = (text: string) =>
      `return { name = "hello", methods = { say = { access = "create", run = function() return "${text}" end } } }`;
    writeFileSync(type, hello('hello'));
    writeFileSync(join(directory, 'hello.dialogue'), '> get hello:say:k\nVALUE hello:say:k 0 5\nhello\nEND\n');
    expect(await runCommand(['test', type])).toEqual({
      code: 0,
      output: '1 dialogue, 1 exchange: all replies are as expected\n',
      errors: '',
    });
    writeFileSync(type, hello('hallo'));
    const { code, output, errors } = await runCommand(['test', type]);
    expect([code, errors]).toEqual([1, 'cacheismo: dialogues failed\n']);
    expect(output).toContain(
      'hello.dialogue:3: another reply to get hello:say:k\n  expected: hello\n  got:      hallo\n',
    );
  });
});
