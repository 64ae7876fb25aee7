// The users of the server: their file, and the authenticator that checks passwords.

import { PasswordChecker } from '../security/password-checker.js';
import { type PasswordQuestion, ThreadAuthenticator } from '../security/thread-authenticator.js';
import { readUserFile, UserFileError } from '../security/user-file.js';
import { StartError } from './start-error.js';

export class Users {
  readonly checker: PasswordChecker;
  #own: ThreadAuthenticator | undefined;

  constructor(private readonly file: string) {
    this.checker = new PasswordChecker(readForStart(file));
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
