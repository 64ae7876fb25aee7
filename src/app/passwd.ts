// The subcommand passwd: writes a user with the hash of a password to the file of users, or to the output.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { withoutByteOrderMark } from '../base/byte-order-mark.js';
import { reasonOf } from '../base/error-reason.js';
import { utf8Encode } from '../base/latin1.js';
import { readWholeFile } from '../base/whole-file.js';
import { hashPassword } from '../security/password-hash.js';
import { parseRole, ROLES_IN_WORDS } from '../security/role.js';
import { parseUser, parseUsers, UserFileError } from '../security/user-file.js';
import { wrongValue } from './config/wrong-value.js';
import { StartError } from './start-error.js';

const FAILED = 1;
const OWNER_ONLY = 0o600;

interface PasswdOptions {
  readonly file: string | undefined;
  readonly user: string;
  /** The third field; if it is missing, the user keeps the one it has. */
  readonly role: string | undefined;
}

/** Returns what to print, as a byte string. */
export async function writeUser({ file, user, role }: PasswdOptions): Promise<string> {
  if (role !== undefined && parseRole(role) === undefined) {
    throw wrongValue({ label: '--role', text: role }, ROLES_IN_WORDS, FAILED);
  }
  const before = file !== undefined && existsSync(file) ? readLines(file) : [];
  const name = utf8Encode(user);
  const index = before.findIndex((line) => line.startsWith(`${name}:`));
  const password = await readPassword(user);
  const kept = index < 0 || role !== undefined ? role : roleIn(before[index]);
  const fields = [name, await hashPassword(password), ...(kept === undefined ? [] : [kept])];
  const line = fields.join(':');
  refuseBy(() => parseUser(line, JSON.stringify(user)));
  if (file === undefined) return `${line}\n`;
  const after = index < 0 ? [...before, line] : before.with(index, line);
  const text = after.map((each) => `${each}\n`).join('');
  refuseBy(() => parseUsers(text, file));
  replaceFile(file, text);
  const change = `${index < 0 ? 'added' : 'changed'} ${user} in ${file}`;
  return utf8Encode(`${change}; a running server reads the file when it gets SIGHUP\n`);
}

function readLines(file: string): string[] {
  try {
    return withoutByteOrderMark(readWholeFile(file).toString('latin1'))
      .split(/\r?\n/)
      .filter((line) => line !== '');
  } catch (error) {
    throw new StartError(`${file}: ${reasonOf(error)}`, FAILED, { cause: error });
  }
}

/** Parses a line like the server does, so that text after a hash, or after a plain password in the form of a role, is kept. */
function roleIn(line: string): string | undefined {
  const [entry] = parseUsers(line, '');
  const last = line.slice(line.lastIndexOf(':') + 1);
  const isRole =
    entry !== undefined && (typeof entry.password !== 'string' || line !== `${entry.name}:${entry.password}`);
  return isRole && !last.startsWith('$') ? last : undefined;
}

function refuseBy(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof UserFileError)) throw error;
    throw new StartError(error.message, FAILED);
  }
}

/** Replaces the file in one step, so that a server that reads it meanwhile finds the old or the new version. */
function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(temporary, text, { encoding: 'latin1', mode: OWNER_ONLY, flag: 'wx' });
    if (existsSync(file)) chmodSync(temporary, statSync(file).mode & 0o777);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new StartError(`${file}: ${reasonOf(error)}`, FAILED, { cause: error });
  }
}

async function readPassword(user: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return checked((await readAll(stdin)).split('\n', 1)[0]?.replace(/\r$/, '') ?? '');
  const ask = async (prompt: string) => {
    const hidden = readHidden(stdin);
    // The prompt is printed last: by then the input is hidden.
    stderr.write(prompt);
    const text = await hidden;
    stderr.write('\n');
    return text;
  };
  const password = checked(await ask(`password of ${user}: `));
  if ((await ask('again: ')) !== password) throw new StartError('the two passwords differ', FAILED);
  return password;
}

function checked(password: string): string {
  if (password === '') throw new StartError('the password is empty', FAILED);
  return password;
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('latin1');
}

const ENTER = /[\r\n\x04]/;
const INTERRUPT = '\x03';
const ERASE = /^[\b\x7f]$/;
/** A character of UTF-8, or a byte that is none. */
const LAST_CHARACTER = /(?:[\xc0-\xff][\x80-\xbf]+|[\s\S])$/;

/** Reads a line from a terminal without echo. */
function readHidden(terminal: ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = '';
    const end = (): void => {
      terminal.off('data', take).setRawMode(false).pause();
    };
    const take = (bytes: Buffer): void => {
      for (const character of bytes.toString('latin1')) {
        if (ENTER.test(character) || character === INTERRUPT) {
          end();
          if (character === INTERRUPT) reject(new StartError('interrupted', FAILED));
          else resolve(line);
          return;
        }
        line = ERASE.test(character) ? line.replace(LAST_CHARACTER, '') : line + character;
      }
    };
    terminal.setRawMode(true).resume().on('data', take);
  });
}
