// Puts arguments that were given by name in the order in which a key has them, by the declaration that the server sends.

import type { CallArgument } from './key-of-call.js';

export type NamedArguments = { readonly [name: string]: CallArgument | undefined };

interface DeclaredParameter {
  readonly name: string;
  readonly default?: string | number | boolean;
}

/** The reply to `get cacheismo:declaration:TYPE`, parsed. */
export interface Declaration {
  readonly name: string;
  readonly missing: 'value' | 'miss' | 'empty';
  readonly methods: Readonly<Record<string, { readonly parameters: readonly DeclaredParameter[] }>>;
}

/** The arguments up to the last one that was given; defaults stand for those before it that were not. Throws a TypeError for a method or a
 * name that the type does not have, for a missing argument, and for arguments without names. */
export function inOrder(declaration: Declaration, method: string, given: NamedArguments): CallArgument[] {
  const { name: type, methods } = declaration;
  if (!Object.hasOwn(methods, method)) {
    throw new TypeError(`${type} has no method ${method}; it has ${Object.keys(methods).join(', ')}`);
  }
  const { parameters } = methods[method];
  const names = parameters.map(({ name }) => name);
  if (!areNamed(given)) {
    const form = names.length === 0 ? 'takes no arguments' : `takes its arguments as one object: { ${names[0]}: ... }`;
    throw new TypeError(`${type}:${method} ${form}`);
  }
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const known = names.length === 0 ? 'no parameters' : names.join(', ');
    throw new TypeError(`${type}:${method} has no parameter ${unknown}; it has ${known}`);
  }
  const isNeeded = (parameter: DeclaredParameter) =>
    given[parameter.name] !== undefined || parameter.default === undefined;
  const last = parameters.findLastIndex(isNeeded);
  return parameters.slice(0, last + 1).map((parameter) => {
    const value = given[parameter.name] ?? defaultOf(parameter);
    if (value === undefined) throw new TypeError(`${type}:${method}: ${parameter.name} is required`);
    return value;
  });
}

/** Whether these are names with values: programs in JavaScript may give anything else. */
function areNamed(given: unknown): boolean {
  return typeof given === 'object' && given !== null && !Array.isArray(given) && !ArrayBuffer.isView(given);
}

/** The default is a byte string. */
function defaultOf({ default: value }: DeclaredParameter): CallArgument | undefined {
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
}
