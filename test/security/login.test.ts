// Logins in the text and the binary protocol, in pieces of any size, with verdicts that come later.

import { describe, expect, test } from 'vitest';
import { Outcome } from '../../src/protocols/run.js';
import { frame, Opcode, readFrames, storageExtras } from '../protocols/binary/frames.js';
import { BinaryHarness } from '../protocols/binary/harness.js';
import { statsOf } from '../protocols/text/harness.js';
import { usersOf } from './test-users.js';

/** A cheap hash of `secret`. */
const HASH = '$scrypt$ln=4,r=1,p=1$c2FsdHNhbHRzYWx0$VksxEyLHoBsoqwp29L/oQ8BWi1hZ2hT5s5wlYZjhgeA';
const USERS = 'ann:secret\nbob:read it:read\n';

const UNAUTHENTICATED = 'CLIENT_ERROR unauthenticated\r\n';
const FAILURE = 'CLIENT_ERROR authentication failure\r\n';
const BAD_TOKEN = 'CLIENT_ERROR bad authentication token format\r\n';
const LOGIN = 'set x 0 0 10\r\nann secret\r\n';

function serverWith(text: string) {
  const users = usersOf(text);
  const harness = new BinaryHarness({ authenticator: users.authenticator }, users.authenticator);
  return { harness, users };
}

function login(token: string): string {
  return `set x 0 0 ${token.length}\r\n${token}\r\n`;
}

describe('a client of the text protocol that has to log in', () => {
  test.each([1, 7, 65536])(
    'is refused everything but a set with its name and password (pieces of %i bytes)',
    (piece) => {
      const { harness } = serverWith(USERS);
      const requests = `get a\r\nversion\r\nadd a 0 0 1\r\nstats\r\nmg a v\r\n${login('x')}${login('ann wrong')}${LOGIN}get a\r\nset a 0 0 1\r\nx\r\nget a\r\n`;
      expect(harness.ask(requests, piece)).toBe(
        `${UNAUTHENTICATED.repeat(5)}${BAD_TOKEN}${FAILURE}STORED\r\nEND\r\nSTORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n`,
      );
      expect(statsAfterLogin(harness)).toEqual(['3', '1']);
    },
  );

  test.each([
    ['ann secret', true],
    ['  ann   secret', true],
    ['ann secret ', false],
    ['bob read it', true],
    ['ann', false],
    ['ann ', false],
    [' secret', false],
    ['', false],
    ['nobody secret', false],
    ['ann\tsecret', false],
  ])('by the token %j is let in: %s', (token, isLetIn) => {
    const { harness } = serverWith(USERS);
    const client = harness.connect();
    expect(client.send(login(token)) === 'STORED\r\n').toBe(isLetIn);
  });

  test('has the rights of its role', () => {
    const { harness } = serverWith(USERS);
    const client = harness.connect();
    expect(client.send(`${login('bob read it')}get a\r\nset a 0 0 1\r\nx\r\nversion\r\n`)).toBe(
      'STORED\r\nEND\r\nCLIENT_ERROR not permitted\r\nVERSION 1.2.3\r\n',
    );
  });

  test('gets an error if its block does not end where it should', () => {
    const { harness } = serverWith(USERS);
    expect(harness.ask('set x 0 0 10\r\nann secretxx')).toBe('CLIENT_ERROR bad command line termination\r\n');
  });

  test.each([
    ['a line without an end', 'x'.repeat(100_000), ''],
    ['a long block', `set x 0 0 2147483646\r\n${'x'.repeat(100_000)}`, BAD_TOKEN],
    ['a line that is shorter than any login', 'mn\r\nget a\r\n', ''],
    ['a meta line without an end', `mg ${'x'.repeat(100_000)}`, ''],
    ['a long block of ms', `ms x 2147483646\r\n${'x'.repeat(100_000)}`, UNAUTHENTICATED],
    [
      'endless commands, and then no more line ends',
      `${'mg a v\r\n'.repeat(9000)}${'x'.repeat(9000)}`,
      UNAUTHENTICATED.repeat(9000),
    ],
  ])('that sends %s is closed, and little of it is kept', (_, requests, reply) => {
    const { harness } = serverWith(USERS);
    const client = harness.connect();
    expect(client.send(requests, 500)).toBe(reply);
    expect(client.ended).toBe(Outcome.CLOSE);
    expect(client.longestRestBytes).toBeLessThan(4096);
  });

  test('is not in the middle of a request before its next one', () => {
    const { harness } = serverWith(USERS);
    const client = harness.connect();
    client.send('get a\r\n');
    expect(client.session.isMidRequest).toBe(false);
    client.send('set x 0 0 10\r\nann');
    expect(client.session.isMidRequest).toBe(true);
  });

  test('waits for the check of a hash, and what it has sent meanwhile is served then', async () => {
    const { harness, users } = serverWith(`ann:${HASH}\n`);
    const client = harness.connect();
    expect(client.send(`${LOGIN}get a\r\n`)).toBe('');
    expect(client.ended).toBeUndefined();
    await users.answer();
    expect(client.lateReply).toBe('STORED\r\nEND\r\n');
    const wrong = harness.connect();
    expect(wrong.send(`${login('nobody secret')}get a\r\n`)).toBe('');
    await users.answer();
    expect(wrong.lateReply).toBe(`${FAILURE}${UNAUTHENTICATED}`);
    expect(harness.ask(LOGIN)).toBe('STORED\r\n');
  });

  test('that sends much before the verdict is closed', () => {
    const { harness } = serverWith(`ann:${HASH}\n`);
    const client = harness.connect();
    client.send(`${LOGIN}${'x'.repeat(20_000)}`);
    expect(client.ended).toBe(Outcome.CLOSE);
  });

  test('may disconnect before the verdict', async () => {
    const { harness, users } = serverWith(`ann:${HASH}\n`);
    const client = harness.connect();
    client.send(LOGIN);
    client.session.resume = undefined;
    client.close();
    await users.answer();
    expect(client.lateReply).toBe('');
  });
});

function statsAfterLogin(harness: BinaryHarness): readonly (string | undefined)[] {
  const rows = harness.ask(`${LOGIN}stats\r\n`);
  return ['auth_cmds', 'auth_errors'].map((name) => new RegExp(`STAT ${name} (\\d+)`).exec(rows)?.[1]);
}

describe('a client of the binary protocol that has to log in', () => {
  const plain = (message: string) => frame(Opcode.saslAuth, { key: 'PLAIN', value: message });
  const statuses = (bytes: Buffer) => readFrames(bytes).replies.map(({ status }) => status);

  test.each([
    ['\0ann\0secret', 0],
    ['ann\0ann\0secret', 0],
    ['bob\0ann\0secret', 0x20],
    ['\0ann\0wrong', 0x20],
    ['\0nobody\0secret', 0x20],
    ['ann\0secret', 0x20],
    ['\0ann\0secret\0', 0x20],
    ['\0\0secret', 0x20],
    ['\0ann\0', 0x20],
    ['x', 0x20],
  ])('by the message %j gets the status %i', (message, status) => {
    const { harness } = serverWith(USERS);
    expect(statuses(harness.connectBinary().send(plain(message)))).toEqual([status]);
  });

  test.each([
    ['a set of almost 2 GB', frame(Opcode.set, { key: 'a', extras: storageExtras(), bodyLength: 2 ** 31 - 2 }), [0x20]],
    [
      'a set of 100,000 bytes',
      frame(Opcode.set, { key: 'a', extras: storageExtras(), value: 'x'.repeat(100_000) }),
      [0x20],
    ],
    ['a message of almost 2 GB', frame(Opcode.saslAuth, { key: 'PLAIN', bodyLength: 2 ** 31 - 2 }), [0x20]],
    ['a message of 50,000 bytes', plain('x'.repeat(50_000)), [4]],
    ['endless requests', Buffer.concat(Array<Buffer>(9000).fill(frame(Opcode.getkq, { key: 'a' }))), [0x20]],
  ])('and sends %s is closed, and little of it is kept', (_, request, answered) => {
    const { harness } = serverWith(USERS);
    const client = harness.connectBinary();
    const flood = Buffer.concat([request, Buffer.alloc(100_000, 'x')]);
    expect(statuses(client.send(flood, 500))).toEqual(answered);
    expect(client.ended).toBe(Outcome.CLOSE);
    expect(client.longestRestBytes).toBeLessThan(4096);
  });

  test('has the rights of its role', () => {
    const { harness } = serverWith(USERS);
    const client = harness.connectBinary();
    const set = frame(Opcode.set, { key: 'a', value: 'x', extras: storageExtras() });
    const requests = [plain('\0bob\0read it'), frame(Opcode.get, { key: 'a' }), set, frame(Opcode.noop)];
    expect(statuses(client.send(Buffer.concat(requests)))).toEqual([0, 1, 0x20, 0]);
  });

  test('loses its rights by a login that fails', () => {
    const { harness } = serverWith(USERS);
    const client = harness.connectBinary();
    const requests = [plain('\0ann\0secret'), plain('\0ann\0wrong'), frame(Opcode.get, { key: 'a' })];
    expect(statuses(client.send(Buffer.concat(requests)))).toEqual([0, 0x20, 0x20]);
    expect(client.ended).toBe(Outcome.CLOSE);
  });

  test('waits for the check of a hash, and what it has sent meanwhile is served then', async () => {
    const { harness, users } = serverWith(`ann:${HASH}\n`);
    const client = harness.connectBinary();
    const request = frame(Opcode.saslAuth, { key: 'PLAIN', value: '\0ann\0secret', opaque: 0x01020304 });
    expect(client.send(Buffer.concat([request, frame(Opcode.noop)]))).toHaveLength(0);
    await users.answer();
    const { replies } = readFrames(client.lateReply);
    expect(replies.map(({ opcode, status, opaque }) => [opcode, status, opaque])).toEqual([
      [Opcode.saslAuth, 0, 0x01020304],
      [Opcode.noop, 0, replies[1]?.opaque],
    ]);
  });
});

test('a server without users requires no login', () => {
  expect(statsOf(new BinaryHarness()).get('auth_cmds')).toBe('0');
});
