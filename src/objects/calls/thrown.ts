// What a method threw, made safe to look at: it may be anything, with traps that throw in their turn. Not for the reply's line (errors.ts).

import { types } from 'node:util';
import { MethodError, oneLine } from '../../tables/call-errors.js';

/** Longer stacks are cut. */
const MAX_STACK_CHARACTERS = 2000;

/** Errors come back as they are; whatever could run code of its own when it is looked at becomes an error with its message. */
export function tame(thrown: unknown): Error {
  if (isObject(thrown) && isPlainChain(thrown) && thrown instanceof Error) return thrown;
  const error = new MethodError(oneLine(thrown));
  // Its own would name this place as the culprit.
  error.stack = '';
  return error;
}

/** A proxy anywhere on the chain of prototypes sees, and may refuse, each look at the chain. */
function isPlainChain(value: object): boolean {
  for (let link: object | null = value; link !== null; link = Object.getPrototypeOf(link) as object | null) {
    if (types.isProxy(link)) return false;
  }
  return true;
}

/** The stack of an error as text, without surprises. */
export function stackOf(error: Error): string {
  try {
    const stack: unknown = error.stack;
    return typeof stack === 'string' ? stack.slice(0, MAX_STACK_CHARACTERS) : '';
  } catch {
    return '';
  }
}

/** The server's own code, of which an author of types need not know. */
const OWN_CODE = new URL(import.meta.url.includes('/bundle/') ? '.' : '../..', import.meta.url).href;

export function isOwnCode(stack: string): boolean {
  return stack.includes(OWN_CODE);
}

/** The stack without the frames of the server. */
export function authorStackOf(error: Error): string {
  return stackOf(error)
    .split('\n')
    .filter((line) => !isOwnCode(line))
    .join('\n');
}

const places = new WeakMap<Error, string>();

/** Notes the line of a script in which an error of the host came up; the first note counts. */
export function notePlace(error: Error, place: string): void {
  if (place !== '' && !places.has(error)) places.set(error, place);
}

/** `set.lua:12`, from a note or from the stack's first line in that file; otherwise the file alone. */
export function placeOf(error: Error, file: string): string {
  const noted = places.get(error);
  if (noted !== undefined) return noted;
  const stack = stackOf(error);
  const at = stack.indexOf(`${file}:`);
  return at < 0 ? file : `${file}${/^:\d+/.exec(stack.slice(at + file.length))?.[0] ?? ''}`;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
