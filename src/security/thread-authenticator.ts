// The users as a thread that serves clients knows them. Credentials that it has seen accepted, and passwords that lie plain in the file,
// it checks itself by a keyed hash, in microseconds. For all others it asks the main thread, so that no hash of scrypt delays another
// client. Not for that check (password-checker.ts).

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../operations/rights.js';
import { type Authenticator, Login } from './authenticator.js';
import { principalOf, type Role } from './role.js';

/** The facts about a user that threads get. */
interface KnownUser {
  readonly name: string;
  readonly role: Role;
  /** Of name and password, where the file has the password plain. */
  readonly digest: Uint8Array | undefined;
}

/** The content of the file that threads get; without functions, since data threads get a copy. */
export interface KnownUsers {
  /** Of the digests; the same for the life of the process. */
  readonly key: Uint8Array;
  readonly users: readonly KnownUser[];
}

export interface PasswordQuestion {
  /** By which the answer names it. */
  readonly id: string;
  readonly name: string;
  readonly password: string;
}

/** Questions that wait for the main thread: what a flood of wrong passwords sends beyond these is refused without a check. */
const MAX_WAITING = 1024;

interface ThreadUser {
  readonly principal: Principal;
  digest: Uint8Array | undefined;
}

/** Compared with where there is nothing to compare with, so that this takes as long. */
const NO_DIGEST = randomBytes(32);

export function credentialsDigest(key: Uint8Array, name: string, password: string): Buffer {
  // A name has no zero byte in it that the file could hold.
  return createHmac('sha256', key).update(`${name}\0${password}`, 'latin1').digest();
}

export class ThreadAuthenticator implements Authenticator {
  isForOwnClient = false;
  #users = new Map<string, ThreadUser>();
  #key: Uint8Array = NO_DIGEST;
  #hasHashes = false;
  /** By the question's id: those who ask the same wait for the same answer. */
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
    // Where any user has a hash, all others seem to have one as well.
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
