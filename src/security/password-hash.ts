// Passwords as scrypt hashes, written as `$scrypt$ln=14,r=8,p=1$SALT$HASH` (base64 without padding), which other tools write and read as
// well.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

export interface PasswordHash {
  /** log2 of scrypt's N. */
  readonly costLog2: number;
  readonly blockSize: number;
  readonly parallelism: number;
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

export const HASH_MARK = '$scrypt$';

/** A check takes 16 MiB and some 40 ms. It delays one login and is not repeated for the same credentials. */
const DEFAULT_COST = { costLog2: 14, blockSize: 8, parallelism: 1 } as const;
/** 128 bits, as the standards recommend for salts, and 256 bits of hash. */
const SALT_BYTES = 16;
const KEY_BYTES = 32;

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)={0,2}\$([A-Za-z0-9+/]+)={0,2}$/;

/** The most that a check may need. A file with a hash that needs more is refused. Choices: 256 MiB is 16 times the default. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;
const MAX_COST_LOG2 = 20;
const MAX_PARALLELISM = 16;
/** Shorter keys could be guessed; longer ones add nothing. */
const FEWEST_KEY_BYTES = 16;
const MOST_KEY_BYTES = 64;

/** Undefined for text that is not a hash, or for one that is too expensive to check. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, cost, block, parallel, salt, key] = match as unknown as [string, string, string, string, string, string];
  const hash = {
    costLog2: Number(cost),
    blockSize: Number(block),
    parallelism: Number(parallel),
    salt: new Uint8Array(Buffer.from(salt, 'base64')),
    key: new Uint8Array(Buffer.from(key, 'base64')),
  };
  const isUsable =
    hash.costLog2 >= 1 &&
    hash.costLog2 <= MAX_COST_LOG2 &&
    hash.blockSize >= 1 &&
    hash.parallelism >= 1 &&
    hash.parallelism <= MAX_PARALLELISM &&
    memoryOf(hash) <= MAX_MEMORY_BYTES &&
    hash.key.length >= FEWEST_KEY_BYTES &&
    hash.key.length <= MOST_KEY_BYTES;
  return isUsable ? hash : undefined;
}

/** Hashes a byte string. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, { ...DEFAULT_COST, salt, key: new Uint8Array(KEY_BYTES) });
  const { costLog2, blockSize, parallelism } = DEFAULT_COST;
  return `${HASH_MARK}ln=${costLog2},r=${blockSize},p=${parallelism}$${base64(salt)}$${base64(key)}`;
}

/** Takes as long for a wrong password as for the right one. */
export async function isPasswordOf(hash: PasswordHash, password: string): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.key);
}

function derive(password: string, hash: PasswordHash): Promise<Buffer> {
  const options = {
    N: 2 ** hash.costLog2,
    r: hash.blockSize,
    p: hash.parallelism,
    maxmem: 2 * memoryOf(hash) + 1024 * 1024,
  };
  return new Promise((resolve, reject) => {
    scrypt(Buffer.from(password, 'latin1'), hash.salt, hash.key.length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function memoryOf({ costLog2, blockSize, parallelism }: PasswordHash): number {
  return 128 * blockSize * (2 ** costLog2 + parallelism);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}
