// Users without a file, checked like in the server.

import { PasswordChecker } from '../../src/security/password-checker.js';
import { type PasswordQuestion, ThreadAuthenticator } from '../../src/security/thread-authenticator.js';
import { parseUsers } from '../../src/security/user-file.js';

export interface TestUsers {
  readonly authenticator: ThreadAuthenticator;
  readonly checker: PasswordChecker;
  /** The questions of the thread to the main thread. */
  readonly questions: readonly PasswordQuestion[];
  /** Answers all questions. */
  answer(): Promise<void>;
  replace(text: string): void;
}

export function usersOf(text: string): TestUsers {
  const checker = new PasswordChecker(parseUsers(text, 'users'), () => Promise.resolve());
  const questions: PasswordQuestion[] = [];
  const authenticator = new ThreadAuthenticator(checker.known, (question) => questions.push(question));
  return {
    authenticator,
    checker,
    questions,
    async answer() {
      for (const question of questions.splice(0)) {
        authenticator.decide(question, await checker.check(question.name, question.password));
      }
    },
    replace(newText) {
      checker.replace(parseUsers(newText, 'users'));
      authenticator.replace(checker.known);
    },
  };
}
