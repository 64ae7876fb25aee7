// The users in a serving thread. It checks credentials that were accepted before, and plain passwords of the file, by a keyed hash, in
// microseconds. For all others it asks the main thread (password-checker.ts), so that scrypt delays no other client.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../operations/rights.js';
import { type Authenticator, Login } from './authenticator.js';
import { principalOf, type Role } from './role.js';

/** The data of a user that threads get. */
interface KnownUser {
  readonly name: string;
  readonly role: Role;
  /** The digest of name and password, if the file has the plain password. */
  readonly digest: Uint8Array | undefined;
}

/** The content of the file that threads get. It has no functions, since data threads get a structured clone. */
export interface KnownUsers {
  /** The key of the digests, the same for the life of the process. */
  readonly key: Uint8Array;
  readonly users: readonly KnownUser[];
}

export interface PasswordQuestion {
  /** The number that the answer repeats. */
  readonly id: string;
  readonly name: string;
  readonly password: string;
}

/** Logins that wait for the main thread: further ones, as in a flood of wrong passwords, are refused without a check. At 80 ms each, which
 * includes the pause after a wrong password, the last of 1,024 waits 80 s. */
const MAX_WAITING = 1024;

interface ThreadUser {
  readonly principal: Principal;
  digest: Uint8Array | undefined;
}

/** The digest to compare with if there is no other, so that the comparison takes as long. */
const NO_DIGEST = randomBytes(32);

export function credentialsDigest(key: Uint8Array, name: string, password: string): Buffer {
  // No name in the file contains a zero byte.
  return createHmac('sha256', key).update(`${name}\0${password}`, 'latin1').digest();
}

export class ThreadAuthenticator implements Authenticator {
  isForOwnClient = false;
  #users = new Map<string, ThreadUser>();
  #key: Uint8Array = NO_DIGEST;
  #hasHashes = false;
  /** By the question's id; clients with the same credentials wait for the same answer. */
  readonly #waiting = new Map<string, Login[]>();

  constructor(
    known: KnownUsers,
    private readonly ask: (question: PasswordQuestion) => void,
  ) {
    this.replace(known);
  }

  /** Called after the file was reloaded. Connected clients keep their rights. */
  replace({ key, users }: KnownUsers): void {
    this.#key = key;
    this.#users = new Map(
      users.map(({ name, role, digest }) => [name, { principal: principalOf(name, role), digest }]),
    );
    this.#hasHashes = users.some(({ digest }) => digest === undefined);
  }

  begin(name: string, password: string, onDecided: () => void): Login {
    const login = new Login(onDecided);
    const digest = credentialsDigest(this.#key, name, password);
    const user = this.#users.get(name);
    const isKnown = timingSafeEqual(digest, user?.digest ?? NO_DIGEST);
    if (isKnown && user !== undefined) login.accept(user.principal);
    // If any user has a hash, the time of a refusal must not show which users have one.
    else if (this.#hasHashes) this.#wait({ id: digest.toString('base64'), name, password }, login);
    else login.refuse();
    return login;
  }

  /** The main thread's answer. */
  decide({ id, name, password }: PasswordQuestion, isRight: boolean): void {
    const logins = this.#waiting.get(id);
    if (logins === undefined) return;
    this.#waiting.delete(id);
    const user = this.#users.get(name);
    if (isRight && user !== undefined) user.digest = credentialsDigest(this.#key, name, password);
    for (const login of logins) {
      if (isRight && user !== undefined) login.accept(user.principal);
      else login.refuse();
      login.tellDecided();
    }
  }

  #wait(question: PasswordQuestion, login: Login): void {
    const others = this.#waiting.get(question.id);
    if (others !== undefined) {
      others.push(login);
    } else if (this.#waiting.size >= MAX_WAITING) {
      login.refuse();
    } else {
      this.#waiting.set(question.id, [login]);
      this.ask(question);
    }
  }
}
