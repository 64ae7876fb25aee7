// The file of users and the check of passwords.

import { describe, expect, test } from 'vitest';
import { Verdict } from '../../src/security/authenticator.js';
import { hashPassword, parsePasswordHash } from '../../src/security/password-hash.js';
import { DEFAULT_ROLE, parseRole } from '../../src/security/role.js';
import { parseUsers, readUserFile, roleNotice } from '../../src/security/user-file.js';
import { usersOf } from './test-users.js';

/** A cheap hash of `secret`. */
const HASH = '$scrypt$ln=4,r=1,p=1$c2FsdHNhbHRzYWx0$VksxEyLHoBsoqwp29L/oQ8BWi1hZ2hT5s5wlYZjhgeA';

function entriesOf(text: string) {
  return parseUsers(text, 'users').map(({ name, password, role }) => [name, password, role]);
}

describe('a file of users', () => {
  test("has memcached's format: user:password, with or without a last line end", () => {
    expect(entriesOf('foo:bar\nbaz:long pass!\r\n')).toEqual([
      ['foo', 'bar', DEFAULT_ROLE],
      ['baz', 'long pass!', DEFAULT_ROLE],
    ]);
    expect(entriesOf('foo:bar')).toEqual([['foo', 'bar', DEFAULT_ROLE]]);
    expect(parseUsers(Array.from({ length: 100 }, (_, index) => `u${index}:p\n`).join(''), 'users')).toHaveLength(100);
  });

  test('may begin with a byte order mark, which belongs to no name', () => {
    expect(entriesOf('\xef\xbb\xbffoo:bar\n')).toEqual([['foo', 'bar', DEFAULT_ROLE]]);
  });

  test('may have a role after the password, which may contain colons', () => {
    const read = parseRole('read');
    expect(
      entriesOf('a:x:read\nb:x:y\nc:x:y:read\nd:x:read:admin\ne:x:set.*,quota.addandcheck\nf::x\ng:x:read:\n'),
    ).toEqual([
      ['a', 'x', read],
      ['b', 'x:y', DEFAULT_ROLE],
      ['c', 'x:y', read],
      ['d', 'x:read', DEFAULT_ROLE],
      ['e', 'x', parseRole('set.*,quota.addandcheck')],
      ['f', ':x', DEFAULT_ROLE],
      ['g', 'x:read:', DEFAULT_ROLE],
    ]);
  });

  test('may have the hash of a password', () => {
    const [[, password, role]] = entriesOf(`a:${HASH}:write\n`) as [[string, object, object]];
    expect(password).toMatchObject({ costLog2: 4, blockSize: 1, parallelism: 1 });
    expect(role).toEqual(parseRole('write'));
  });

  test.each([
    ['', 'users: has no users in it'],
    ['a:b\n\nc:d\n', 'users line 2: is empty; write user:password'],
    ['a:b\nnothing\n', 'users line 2: must be user:password or user:password:role'],
    [':x\n', 'users line 1: must be user:password or user:password:role'],
    ['a:\n', 'users line 1: the password is missing'],
    ['a::read\n', 'users line 1: the password is missing'],
    ['a b:x\n', "users line 1: the user's name must not have a blank in it"],
    ['a:x\nb:y\na:z\n', 'users line 3: names the same user as line 1'],
    ['a:x\ty\n', 'users line 1: has a control character in it'],
    [`a:${'x'.repeat(2000)}\n`, 'users line 1: is longer than 1024 bytes'],
    ['a:$scrypt$nonsense\n', 'users line 1: the scrypt hash cannot be used; write one by cacheismo passwd'],
    [
      `a:${HASH.replace('ln=4', 'ln=30')}\n`,
      'users line 1: the scrypt hash cannot be used; write one by cacheismo passwd',
    ],
    [
      `a:${HASH}:raed\n`,
      'users line 1: the role must be read, write, admin or methods such as set.*,quota.addandcheck',
    ],
  ])('%j is refused with one line that names file and line, and no password', (text, message) => {
    expect(() => parseUsers(text, 'users')).toThrow(message);
  });

  test('with words after a plain password that are no role has one notice, which names lines and roles, and no password', () => {
    const noticeOf = (text: string) => roleNotice(parseUsers(text, 'users'), 'users');
    const notice = (place: string) =>
      `users ${place}: the text after the last colon is not a role, so it belongs to the password, and the user may do everything; a role is ` +
      'read, write, admin or methods such as set.*,quota.addandcheck; if a password is meant, write :admin after it';
    for (const end of ['reed', 'READ', 'read ', 'read,wirte', 'set.', 'set.*;quota.add', 'Set.put', 'read-only']) {
      expect(noticeOf(`a:x:read\nb:hunter2:${end}\n`)).toBe(notice('line 2'));
    }
    expect(noticeOf('a:x:reed\nb:y\nc:z:rite\n')).toBe(notice('lines 1, 3'));
    expect(noticeOf(Array.from({ length: 25 }, (_, index) => `u${index}:p:reed\n`).join(''))).toContain(
      ', 20 and 5 more: ',
    );
    for (const line of [
      'a:x',
      'a:x:y',
      'a:x:write',
      'a:x:reed:admin',
      'a:12:34',
      'a:p:w!rd',
      'a:x:read:',
      `a:${HASH}`,
    ]) {
      expect(noticeOf(`${line}\n`)).toBeUndefined();
    }
  });

  test('that does not exist is refused', () => {
    expect(() => readUserFile('/nowhere/users')).toThrow(
      '/nowhere/users: could not be opened for reading: there is no such file',
    );
    expect(() => readUserFile('/dev/zero')).toThrow(
      '/dev/zero: could not be opened for reading: is not a regular file',
    );
  });
});

describe('a hash', () => {
  test('has its own salt, and can be parsed again', async () => {
    const [one, other] = [await hashPassword('secret'), await hashPassword('secret')];
    expect(one).toMatch(/^\$scrypt\$ln=14,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    expect(parsePasswordHash(one)).toMatchObject({ costLog2: 14, blockSize: 8, parallelism: 1 });
  });
});

const verdictOf = (users: ReturnType<typeof usersOf>, name: string, password: string) =>
  users.authenticator.begin(name, password, () => {}).verdict;

describe('a plain password in the file', () => {
  test('is checked by the serving thread', () => {
    const users = usersOf('ann:secret:read\nbob:other\n');
    const login = users.authenticator.begin('ann', 'secret', () => {});
    expect(login.verdict).toBe(Verdict.accepted);
    expect(login.principal).toMatchObject({ name: 'ann', rights: 1 });
    for (const [name, password] of [
      ['ann', 'other'],
      ['ann', 'secre'],
      ['ann', 'secret '],
      ['bob', 'secret'],
      ['nobody', 'secret'],
      ['', ''],
      ['constructor', 'secret'],
      ['ann', 'secret:read'],
    ] as const)
      expect(verdictOf(users, name, password)).toBe(Verdict.refused);
    expect(users.questions).toEqual([]);
  });
});

describe('a hashed password in the file', () => {
  test('is checked by the main thread, and by the serving thread when it is used again', async () => {
    const users = usersOf(`ann:${HASH}\n`);
    let decided = 0;
    const login = users.authenticator.begin('ann', 'secret', () => decided++);
    expect(login.verdict).toBe(Verdict.pending);
    await users.answer();
    expect([login.verdict, login.principal.name, decided]).toEqual([Verdict.accepted, 'ann', 1]);
    expect(verdictOf(users, 'ann', 'secret')).toBe(Verdict.accepted);
    expect(users.questions).toEqual([]);
  });

  test('takes as long to guess for users that do not exist, and for those with a plain password', async () => {
    const users = usersOf(`ann:${HASH}\nbob:plain\n`);
    const attempts = ['ann', 'bob', 'nobody'].map((name) => users.authenticator.begin(name, 'wrong', () => {}));
    expect(attempts.map(({ verdict }) => verdict)).toEqual([0, 0, 0]);
    expect(users.questions.map(({ name }) => name)).toEqual(['ann', 'bob', 'nobody']);
    await users.answer();
    expect(attempts.map(({ verdict }) => verdict)).toEqual([2, 2, 2]);
    expect(verdictOf(users, 'bob', 'plain')).toBe(Verdict.accepted);
  });

  test('is checked once for all clients that send it at the same time', async () => {
    const users = usersOf(`ann:${HASH}\n`);
    const logins = Array.from({ length: 10 }, () => users.authenticator.begin('ann', 'secret', () => {}));
    expect(users.questions).toHaveLength(1);
    await users.answer();
    expect(logins.map(({ verdict }) => verdict)).toEqual(Array(10).fill(Verdict.accepted));
  });

  test('is refused without a check when too many are waiting', () => {
    const users = usersOf(`ann:${HASH}\n`);
    for (let index = 0; index < 1024; index++) expect(verdictOf(users, 'ann', `wrong${index}`)).toBe(Verdict.pending);
    expect(verdictOf(users, 'ann', 'one more')).toBe(Verdict.refused);
  });

  test('is not accepted if it was replaced while it was checked', async () => {
    const users = usersOf(`ann:${HASH}\n`);
    const login = users.authenticator.begin('ann', 'secret', () => {});
    const checked = users.checker.check('ann', 'secret');
    users.replace(`ann:${HASH.replace('c2Fsd', 'd2Fsd')}\n`);
    expect(await checked).toBe(false);
    await users.answer();
    expect(login.verdict).toBe(Verdict.refused);
  });
});

describe('the main thread', () => {
  test('pauses after a wrong password for as long as the check took', async () => {
    const { PasswordChecker } = await import('../../src/security/password-checker.js');
    const rests: number[] = [];
    const checker = new PasswordChecker(parseUsers(`ann:${HASH}\n`, 'users'), async (milliseconds) => {
      rests.push(milliseconds);
    });
    expect(
      await Promise.all([checker.check('ann', 'x'), checker.check('nobody', 'y'), checker.check('ann', 'secret')]),
    ).toEqual([false, false, true]);
    expect(rests).toHaveLength(2);
    expect(Math.min(...rests)).toBeGreaterThan(0);
  });
});

describe('a reloaded file', () => {
  test('makes the server forget the credentials that it had accepted', async () => {
    const users = usersOf(`ann:${HASH}\n`);
    users.authenticator.begin('ann', 'secret', () => {});
    await users.answer();
    users.replace('ann:new\n');
    expect(verdictOf(users, 'ann', 'secret')).toBe(Verdict.refused);
    expect(verdictOf(users, 'ann', 'new')).toBe(Verdict.accepted);
  });
});
