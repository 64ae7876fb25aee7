// The users in the main thread: checks passwords against the hashes of the file, one after another and outside of the serving threads.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPasswordOf, type PasswordHash } from './password-hash.js';
import { credentialsDigest, type KnownUsers } from './thread-authenticator.js';
import type { UserEntry } from './user-file.js';

/** The size of HMAC-SHA-256's output, beyond which a longer key adds nothing. */
const KEY_BYTES = 32;

export class PasswordChecker {
  readonly #key = new Uint8Array(randomBytes(KEY_BYTES));
  #hashes = new Map<string, PasswordHash>();
  #allHashes: readonly PasswordHash[] = [];
  /** The running checks, each of which waits for the one before it. */
  #last: Promise<unknown> = Promise.resolve();
  /** The data that serving threads need. */
  known!: KnownUsers;

  constructor(
    entries: readonly UserEntry[],
    private readonly pause: (milliseconds: number) => Promise<unknown> = sleep,
  ) {
    this.replace(entries);
  }

  replace(entries: readonly UserEntry[]): void {
    const users = entries.map(({ name, password, role }) => ({
      name,
      role,
      digest: typeof password === 'string' ? new Uint8Array(credentialsDigest(this.#key, name, password)) : undefined,
    }));
    this.known = { key: this.#key, users };
    this.#hashes = new Map(
      entries.flatMap(({ name, password }) => (typeof password === 'string' ? [] : [[name, password] as const])),
    );
    this.#allHashes = [...this.#hashes.values()];
  }

  /** Takes as long for a user that does not exist, or has no hash, as for one with a hash. */
  check(name: string, password: string): Promise<boolean> {
    const checked = this.#last.then(() => this.#check(name, password));
    // After a wrong password it pauses for as long as the check took, so that a flood of them uses half of a processor.
    this.#last = checked.then(({ isRight, milliseconds }) => (isRight ? undefined : this.pause(milliseconds)));
    return checked.then(({ isRight }) => isRight);
  }

  async #check(name: string, password: string): Promise<{ isRight: boolean; milliseconds: number }> {
    const startMs = performance.now();
    const own = this.#hashes.get(name);
    const hash = own ?? this.#hashLike(name);
    const isEqual = hash !== undefined && (await isPasswordOf(hash, password).catch(() => false));
    // Refused if the file was reloaded meanwhile and has another hash.
    const isRight = isEqual && own !== undefined && own === this.#hashes.get(name);
    return { isRight, milliseconds: performance.now() - startMs };
  }

  /** One of the file's hashes, always the same for a name, since the cost of a check differs from user to user. */
  #hashLike(name: string): PasswordHash | undefined {
    const number = credentialsDigest(this.#key, name, '').readUInt32LE();
    return this.#allHashes[number % this.#allHashes.length];
  }
}
