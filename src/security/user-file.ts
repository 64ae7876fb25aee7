// The file of users: one line each, `user:password` as for memcached's -Y, or `user:$scrypt$...`, either followed by another colon and a
// role.
//
// A plain password may contain colons. The text after the last one is a role if it is a valid role, so a password that ends in `:read`
// needs a role after it.

import { withoutByteOrderMark } from '../base/byte-order-mark.js';
import { reasonOf } from '../base/error-reason.js';
import { readWholeFile } from '../base/whole-file.js';
import { HASH_MARK, type PasswordHash, parsePasswordHash } from './password-hash.js';
import { DEFAULT_ROLE, parseRole, ROLES_IN_WORDS, type Role, resemblesRole } from './role.js';

export interface UserEntry {
  /** A byte string, as all text of the file and of clients is here. */
  readonly name: string;
  readonly password: string | PasswordHash;
  readonly role: Role;
}

/** The file cannot be used: one line for the user, without any password. */
export class UserFileError extends Error {
  override readonly name = 'UserFileError';
}

/** memcached accepts 255 bytes of `user:password`. */
const MAX_LINE_BYTES = 1024;

const READ_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the server may not read it',
};

export function readUserFile(file: string): readonly UserEntry[] {
  let bytes: Buffer;
  try {
    bytes = readWholeFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new UserFileError(`${file}: could not be opened for reading: ${READ_REASONS[code] ?? reasonOf(error)}`, {
      cause: error,
    });
  }
  return parseUsers(bytes.toString('latin1'), file);
}

export function parseUsers(text: string, file: string): readonly UserEntry[] {
  const lines = withoutByteOrderMark(text).split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw new UserFileError(`${file}: has no users in it`);
  const lineOf = new Map<string, number>();
  return lines.map((line, index) => {
    const place = `${file} line ${index + 1}`;
    const entry = parseUser(line.replace(/\r$/, ''), place);
    const before = lineOf.get(entry.name);
    if (before !== undefined) throw new UserFileError(`${place}: names the same user as line ${before}`);
    lineOf.set(entry.name, index + 1);
    return entry;
  });
}

/** One line about the users whose password probably ends in a misspelt role, without any password; undefined if there are none. Each
    line of the file is an entry. */
export function roleNotice(entries: readonly UserEntry[], file: string): string | undefined {
  const lines = entries.flatMap((entry, index) => (mayLackRole(entry) ? [index + 1] : []));
  if (lines.length === 0) return undefined;
  const place = `${file} line${lines.length > 1 ? 's' : ''} ${shown(lines)}`;
  const effect =
    'the text after the last colon is not a role, so it belongs to the password, and the user may do everything';
  return `${place}: ${effect}; a role is ${ROLES_IN_WORDS}; if a password is meant, write :admin after it`;
}

function mayLackRole({ password, role }: UserEntry): boolean {
  // A role that was given is never this object.
  if (typeof password !== 'string' || role !== DEFAULT_ROLE) return false;
  const last = password.lastIndexOf(':');
  return last >= 0 && resemblesRole(password.slice(last + 1));
}

/** Further line numbers are counted, so that the log line stays short. */
const MOST_SHOWN = 20;

function shown(lines: readonly number[]): string {
  const more = lines.length > MOST_SHOWN ? ` and ${lines.length - MOST_SHOWN} more` : '';
  return `${lines.slice(0, MOST_SHOWN).join(', ')}${more}`;
}

/** A line of the file, without its end. */
export function parseUser(line: string, place: string): UserEntry {
  if (line === '') throw new UserFileError(`${place}: is empty; write user:password`);
  if (line.length > MAX_LINE_BYTES) throw new UserFileError(`${place}: is longer than ${MAX_LINE_BYTES} bytes`);
  if (/[\0-\x1f\x7f]/.test(line)) throw new UserFileError(`${place}: has a control character in it`);
  const colon = line.indexOf(':');
  if (colon < 1) throw new UserFileError(`${place}: must be user:password or user:password:role`);
  const name = line.slice(0, colon);
  // The text protocol sends name and password with a blank between them.
  if (name.includes(' ')) throw new UserFileError(`${place}: the user's name must not have a blank in it`);
  const rest = line.slice(colon + 1);
  const { password, role } = rest.startsWith(HASH_MARK) ? hashed(rest, place) : plain(rest);
  if (password === '') throw new UserFileError(`${place}: the password is missing`);
  return { name, password, role };
}

function plain(rest: string): Pick<UserEntry, 'password' | 'role'> {
  const last = rest.lastIndexOf(':');
  const role = last < 0 ? undefined : parseRole(rest.slice(last + 1));
  return role === undefined ? { password: rest, role: DEFAULT_ROLE } : { password: rest.slice(0, last), role };
}

function hashed(rest: string, place: string): Pick<UserEntry, 'password' | 'role'> {
  const [text, roleText, ...more] = rest.split(':') as [string, ...string[]];
  const password = parsePasswordHash(text);
  if (password === undefined) {
    throw new UserFileError(`${place}: the scrypt hash cannot be used; write one by cacheismo passwd`);
  }
  const role = roleText === undefined ? DEFAULT_ROLE : parseRole(roleText);
  if (role === undefined || more.length > 0) {
    throw new UserFileError(`${place}: the role must be ${ROLES_IN_WORDS}`);
  }
  return { password, role };
}
