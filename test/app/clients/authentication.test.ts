// Logins to the built server, with both transports: text, binary, hashes, roles, reloads of the file.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frame, Opcode, readFrames } from '../../protocols/binary/frames.js';
import { TestClient } from '../../transport/client.js';
import { runCommand, type ServerProcess, startPlain } from '../server-process.js';

/** The hash of `secret`; a check takes some milliseconds. */
const HASH = '$scrypt$ln=10,r=8,p=1$c2FsdHNhbHRzYWx0$kKK9QMYyJFkTvWSgfxT/+L00p5m6o9PGe7dS16tiJ2o';
const FAILURE = 'CLIENT_ERROR authentication failure\r\n';

let directory: string;
let users: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cacheismo-users-'));
  users = join(directory, 'users');
});

afterEach(() => rmSync(directory, { recursive: true }));

function connect({ port }: ServerProcess): Promise<TestClient> {
  return TestClient.connect({ host: '127.0.0.1', port });
}

function login(token: string): string {
  return `set x 0 0 ${token.length}\r\n${token}\r\n`;
}

async function tryLogin(server: ServerProcess, token: string): Promise<string> {
  const client = await connect(server);
  const reply = await client.ask(login(token), '\r\n');
  client.destroy();
  return reply;
}

async function trySasl(server: ServerProcess, message: string): Promise<number | undefined> {
  const client = await connect(server);
  client.send(frame(Opcode.saslAuth, { key: 'PLAIN', value: message }));
  await client.until(() => client.bytes.length >= 24);
  const status = readFrames(client.bytes).replies[0]?.status;
  client.destroy();
  return status;
}

describe.each(['epoll', 'net'] as const)('with the transport %s', (transport) => {
  const start = (...flags: string[]) => startPlain('--transport', transport, '-t', '2', ...flags);

  test('a client logs in with a plain or a hashed password, and has the rights of its role', async () => {
    writeFileSync(users, `ann:secret\nbob:${HASH}:read\n`);
    await using server = await start('-Y', users);
    expect(await tryLogin(server, 'ann secret')).toBe('STORED\r\n');
    expect(await tryLogin(server, 'ann wrong')).toBe(FAILURE);
    expect(await tryLogin(server, 'nobody secret')).toBe(FAILURE);
    const bob = await connect(server);
    expect(await bob.ask(`get a\r\n`, '\r\n')).toBe('CLIENT_ERROR unauthenticated\r\n');
    expect(await bob.ask(`${login('bob wrong')}${login('bob secret')}get a\r\nflush_all\r\n`, 'permitted\r\n')).toBe(
      `${FAILURE}STORED\r\nEND\r\nCLIENT_ERROR not permitted\r\n`,
    );
    const stats = (await bob.ask('stats\r\n', 'END\r\n')) + (await bob.ask('stats settings\r\n', 'END\r\n'));
    expect(stats).toContain(`STAT auth_cmds 5\r\nSTAT auth_errors 3\r\n`);
    expect(stats).toContain(`STAT auth_enabled_sasl no\r\nSTAT auth_enabled_ascii ${users}\r\n`);
    expect(stats).toContain('STAT binding_protocol ascii\r\n');
    bob.destroy();
  });

  test('many clients that log in at the same time with a hashed password are served, and those with a wrong one are refused', async () => {
    writeFileSync(users, `ann:${HASH}\n`);
    await using server = await start('-Y', users);
    const tokens = Array.from({ length: 20 }, (_, index) => (index % 4 === 0 ? `ann wrong${index}` : 'ann secret'));
    const replies = await Promise.all(tokens.map((token) => tryLogin(server, token)));
    expect(replies).toEqual(tokens.map((token) => (token === 'ann secret' ? 'STORED\r\n' : FAILURE)));
  });

  test('-S lets clients of the binary protocol log in by SASL, and -Y in addition those of the text protocol', async () => {
    writeFileSync(users, `ann:${HASH}\n`);
    for (const flags of [
      ['-S', '-o', `sasl_pwdb=${users}`],
      ['-S', '-Y', users],
    ]) {
      await using server = await start(...flags);
      expect(await trySasl(server, '\0ann\0secret')).toBe(0);
      expect(await trySasl(server, '\0ann\0wrong')).toBe(0x20);
      const text = await connect(server);
      text.send('get a\r\n');
      await text.until(() => text.text !== '' || text.hasEnded || text.isClosed);
      expect(text.text).toBe(flags.includes('-Y') ? 'CLIENT_ERROR unauthenticated\r\n' : '');
      text.destroy();
    }
  });

  test('SIGHUP reloads the file of users; a file that cannot be used changes nothing', async () => {
    writeFileSync(users, 'ann:secret\n');
    await using server = await start('-Y', users);
    const old = await connect(server);
    expect(await old.ask(login('ann secret'), '\r\n')).toBe('STORED\r\n');
    writeFileSync(users, 'ann:secret\nbob\n');
    server.child.kill('SIGHUP');
    expect((await server.logged(/^SIGHUP/)).msg).toBe(
      `SIGHUP: the old users stay: ${users} line 2: must be user:password or user:password:role`,
    );
    expect(await tryLogin(server, 'ann secret')).toBe('STORED\r\n');
    writeFileSync(users, `bob:${HASH}\n`);
    server.child.kill('SIGHUP');
    await server.logged(/^SIGHUP: 1 users reloaded/);
    expect(await tryLogin(server, 'ann secret')).toBe(FAILURE);
    expect(await tryLogin(server, 'bob secret')).toBe('STORED\r\n');
    expect(await old.ask('get a\r\n', 'END\r\n')).toBe('END\r\n');
    old.destroy();
  });

  test('a misspelt role is named in one line at each load of the file, and no password is', async () => {
    writeFileSync(users, 'ann:hunter2:reed\n');
    await using server = await start('-Y', users);
    const notices = () => server.log.filter(({ msg }) => /is not a role/.test(msg)).map(({ msg }) => msg);
    const line = expect.stringMatching(/ line 1: .* a role is read, write, admin or methods/);
    expect(notices()).toEqual([line]);
    server.child.kill('SIGHUP');
    await expect.poll(notices, { timeout: 5000 }).toEqual([line, line]);
    expect(JSON.stringify(server.log)).not.toContain('hunter2');
  });

  test('a flood of wrong passwords delays no client that has logged in', async () => {
    // A check takes 16 times as long as of the other hash.
    writeFileSync(users, `ann:plain\nbob:${HASH.replace('ln=10', 'ln=14')}\n`);
    await using server = await start('-Y', users);
    const served = await connect(server);
    expect(await served.ask(login('ann plain'), '\r\n')).toBe('STORED\r\n');
    const attackers = await Promise.all(Array.from({ length: 50 }, () => connect(server)));
    for (const [index, attacker] of attackers.entries()) attacker.send(login(`bob wrong${index}`));
    let answered = 0;
    while (attackers.some(({ text }) => text !== '') === false) {
      expect(await served.ask('get a\r\n', 'END\r\n')).toBe('END\r\n');
      answered++;
    }
    expect(answered).toBeGreaterThan(5);
    for (const client of [served, ...attackers]) client.destroy();
  });
});

describe('a start', () => {
  test.each([
    ['a:b\nnothing\n', ' line 2: must be user:password or user:password:role'],
    ['a:b\n\n', ' line 2: is empty; write user:password'],
    ['', ': has no users in it'],
    [undefined, ': could not be opened for reading: there is no such file'],
  ])('with the file %j is refused in one line', async (text, message) => {
    if (text !== undefined) writeFileSync(users, text);
    for (const flags of [
      ['-Y', users],
      ['-S', '-o', `sasl_pwdb=${users}`],
    ]) {
      expect(await runCommand(['-p', '0', ...flags])).toEqual({
        code: 64,
        output: '',
        errors: `cacheismo: ${users}${message}\n`,
      });
    }
  });

  test('on all addresses without TLS and login logs one warning', async () => {
    await using server = await startPlain('-l', '0.0.0.0');
    const warnings = server.log.filter(({ msg }) => msg.includes('everybody who can connect'));
    expect(warnings).toHaveLength(1);
  });
});

describe('passwd', () => {
  test('writes a name and a password in any letters as clients send them', async () => {
    expect(await passwd([users, 'jörg'], 'schlüssel\n')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^added jörg in /),
    });
    expect(await passwd([users, '日本'], 'пароль\n')).toMatchObject({ code: 0 });
    expect(await passwd([users, 'jörg'], 'other\n')).toMatchObject({
      output: expect.stringMatching(/^changed jörg in /),
    });
    await using server = await startPlain('-Y', users);
    expect(await tryLogin(server, Buffer.from('日本 пароль').toString('latin1'))).toBe('STORED\r\n');
    expect(await tryLogin(server, Buffer.from('jörg other').toString('latin1'))).toBe('STORED\r\n');
  });

  async function passwd(args: readonly string[], input: string) {
    return runCommand(['passwd', ...args], {}, input);
  }

  test('writes a line with the hash of the password', async () => {
    const { code, output } = await passwd(['ann'], 'top secret\n');
    expect(code).toBe(0);
    expect(output).toMatch(/^ann:\$scrypt\$ln=14,r=8,p=1\$\S+\n$/);
    writeFileSync(users, output);
    await using server = await startPlain('-Y', users);
    expect(await tryLogin(server, 'ann top secret')).toBe('STORED\r\n');
    expect(await tryLogin(server, 'ann secret')).toBe(FAILURE);
  });

  test('adds a user to a file that only its owner may read, and changes one without touching the others or the role', async () => {
    const added = await passwd([users, 'ann', '--role', 'read,set.*'], 'one');
    expect(added).toMatchObject({ code: 0, errors: '' });
    expect(added.output).toContain(`added ann in ${users}`);
    expect(statSync(users).mode & 0o777).toBe(0o600);
    const first = readFileSync(users, 'utf8');
    expect(first).toMatch(/^ann:\S+:read,set\.\*\n$/);
    writeFileSync(users, `${first}bob:plain:read\ncarl:x:y\n`);
    for (const user of ['ann', 'bob', 'carl']) expect(await passwd([users, user], 'two\n')).toMatchObject({ code: 0 });
    const lines = readFileSync(users, 'utf8').split('\n');
    expect(lines.map((line) => line.replace(/\$scrypt\$[^:]*/, 'HASH'))).toEqual([
      'ann:HASH:read,set.*',
      'bob:HASH:read',
      'carl:HASH',
      '',
    ]);
    expect(lines[0]).not.toBe(first.trimEnd());
  });

  test.each([
    [['ann'], '', 'the password is empty'],
    [['a b'], 'x', '"a b": the user\'s name must not have a blank in it'],
    [
      ['ann', '--role', 'root'],
      'x',
      '--role root: must be read, write, admin or methods such as set.*,quota.addandcheck',
    ],
    [[], 'x', "missing required argument 'user'; see cacheismo passwd --help"],
  ])('%j with the input %j is refused', async (args, input, message) => {
    expect(await passwd(args, input)).toEqual({
      code: args.length === 0 ? 64 : 1,
      output: '',
      errors: `cacheismo: ${message}\n`,
    });
  });
});
