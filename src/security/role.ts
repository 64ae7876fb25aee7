// The role in the third field of a user's line: `read`, `write`, `admin`, names of types and methods, or several of these.

import { ALL_RIGHTS, type CallList, type Principal, Right } from '../operations/rights.js';

/** Has no functions, since data threads get a structured clone. */
export interface Role {
  readonly rights: number;
  /** `type.method` or `type.*`. */
  readonly calls: readonly string[];
}

/** The role of a user whose line has no third field: the rights of every user of memcached. */
export const DEFAULT_ROLE: Role = { rights: ALL_RIGHTS, calls: [] };

const RIGHTS_OF: Readonly<Record<string, number>> = {
  read: Right.read,
  write: Right.read | Right.write,
  admin: ALL_RIGHTS,
};

const CALL = /^[a-z][a-z0-9_]{0,31}\.(?:\*|[a-zA-Z][a-zA-Z0-9_]{0,31})$/;

/** Undefined for text that is not a role. */
export function parseRole(text: string): Role | undefined {
  const words = text.split(',');
  const calls = words.filter((word) => CALL.test(word));
  let rights = calls.length > 0 ? Right.call : 0;
  for (const word of words) {
    if (calls.includes(word)) continue;
    if (!Object.hasOwn(RIGHTS_OF, word)) return undefined;
    rights |= RIGHTS_OF[word];
  }
  return { rights, calls };
}

export const ROLES_IN_WORDS = 'read, write, admin or methods such as set.*,quota.addandcheck';

/** Words of letters, or names of methods, however they are separated: a role with a mistake in it looks like this. */
const RESEMBLING = /^\s*[a-z][\w-]*(\.(\*|\w*))?(\s*[,;|+ ]\s*[a-z][\w-]*(\.(\*|\w*))?)*\s*$/i;
/** No word of a role is shorter. */
const LEAST_LENGTH = 3;

/** Whether text that is not a role was probably meant as one. */
export function resemblesRole(text: string): boolean {
  return text.trim().length >= LEAST_LENGTH && RESEMBLING.test(text);
}

export function principalOf(name: string, { calls, rights }: Role): Principal {
  return { name, rights, calls: calls.length === 0 ? undefined : new NamedCalls(calls) };
}

const ALL_METHODS = '*';

class NamedCalls implements CallList {
  readonly #methodsOf = new Map<string, Set<string>>();

  constructor(calls: readonly string[]) {
    for (const call of calls) {
      const [type, method] = call.split('.') as [string, string];
      const methods = this.#methodsOf.get(type);
      if (methods === undefined) this.#methodsOf.set(type, new Set([method]));
      else methods.add(method);
    }
  }

  allows(type: string, method: string): boolean {
    const methods = this.#methodsOf.get(type);
    return methods !== undefined && (methods.has(method) || methods.has(ALL_METHODS));
  }
}
