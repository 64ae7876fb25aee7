// The users of the server: their file, and the authenticator that checks passwords.

import { PasswordChecker } from '../security/password-checker.js';
import { type PasswordQuestion, ThreadAuthenticator } from '../security/thread-authenticator.js';
import { readUserFile, roleNotice, UserFileError } from '../security/user-file.js';
import { StartError } from './start-error.js';

export class Users {
  readonly checker: PasswordChecker;
  /** What the user should know of the file that was read last. */
  notice: string | undefined;
  #own: ThreadAuthenticator | undefined;

  constructor(private readonly file: string) {
    const entries = readForStart(file);
    this.checker = new PasswordChecker(entries);
    this.notice = roleNotice(entries, file);
  }

  /** For the main thread, if it serves. */
  get authenticator(): ThreadAuthenticator {
    this.#own ??= new ThreadAuthenticator(this.checker.known, (question) => this.#ask(question));
    return this.#own;
  }

  /** Reloads the file and returns the number of users. Throws UserFileError; then nothing has changed. */
  reload(): number {
    const entries = readUserFile(this.file);
    this.checker.replace(entries);
    this.#own?.replace(this.checker.known);
    this.notice = roleNotice(entries, this.file);
    return entries.length;
  }

  #ask(question: PasswordQuestion): void {
    const { name, password } = question;
    this.checker.check(name, password).then((isRight) => this.#own?.decide(question, isRight));
  }
}

function readForStart(file: string) {
  try {
    return readUserFile(file);
  } catch (error) {
    if (!(error instanceof UserFileError)) throw error;
    throw new StartError(error.message);
  }
}
