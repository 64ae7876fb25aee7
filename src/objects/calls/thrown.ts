// Makes what a method threw safe to inspect: it may be any value, with traps that throw in turn. The reply's line:
// src/tables/call-errors.ts.

import { types } from 'node:util';
import { MethodError, oneLine } from '../../tables/call-errors.js';

/** Longer stacks are truncated. */
const MAX_STACK_CHARACTERS = 2000;
/** The part in which the author's frames are searched: fifty frames of the server fit. */
const MOST_EXAMINED_CHARACTERS = 20_000;

/** Returns an Error unchanged; a value that could run its own code when inspected is replaced by an Error with its message. */
export function tame(thrown: unknown): Error {
  if (isObject(thrown) && isPlainChain(thrown) && thrown instanceof Error) return thrown;
  const error = new MethodError(oneLine(thrown));
  // Its own stack would point to this line.
  error.stack = '';
  return error;
}

/** A proxy anywhere in the prototype chain traps each access to the chain, and may throw. */
function isPlainChain(value: object): boolean {
  for (let link: object | null = value; link !== null; link = Object.getPrototypeOf(link) as object | null) {
    if (types.isProxy(link)) return false;
  }
  return true;
}

const originals = new WeakMap<Error, Error>();

/** An error with another message and the stack of the first one, whose text V8 makes only when it is read. */
export function renamed(error: Error, message: string): MethodError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const other = new MethodError(message);
  Error.stackTraceLimit = stackTraceLimit;
  originals.set(other, originals.get(error) ?? error);
  return other;
}

/** The stack of an error as text; never throws. */
export function stackOf(error: Error): string {
  return wholeStackOf(error).slice(0, MAX_STACK_CHARACTERS);
}

function wholeStackOf(error: Error): string {
  try {
    const stack: unknown = (originals.get(error) ?? error).stack;
    return typeof stack === 'string' ? stack.slice(0, MOST_EXAMINED_CHARACTERS) : '';
  } catch {
    return '';
  }
}

const IS_BUNDLED = import.meta.url.includes('/bundle/');

/** Folders of the server's own code in stacks: where it is now, and where the code that V8 has kept (app/compiled-files.ts) was made, whose
    frames keep the names of the files at the build. */
const OWN_FOLDERS = [
  new URL(IS_BUNDLED ? '.' : '../..', import.meta.url).href,
  ...(IS_BUNDLED ? ownFolderInStacks() : []),
];

function ownFolderInStacks(): readonly string[] {
  const frame = stackOf(new Error('only its stack is used')).split('\n')[1] ?? '';
  const folder = /file:\S*\//.exec(frame)?.[0];
  return folder === undefined ? [] : [folder];
}

export function isOwnCode(stack: string): boolean {
  return OWN_FOLDERS.some((folder) => stack.includes(folder));
}

/** The stack without the frames of the server, which do not help the author of a type. */
export function authorStackOf(error: Error): string {
  return wholeStackOf(error)
    .split('\n')
    .filter((line) => !isOwnCode(line))
    .join('\n')
    .slice(0, MAX_STACK_CHARACTERS);
}

const places = new WeakMap<Error, string>();

/** Records the line of a script in which an error of the host occurred; later records are ignored. */
export function notePlace(error: Error, place: string): void {
  if (place !== '' && !places.has(error)) places.set(error, place);
}

/** `scripts/set.lua:12`, from the recorded line or from the stack's first frame in that file; otherwise the file alone. */
export function placeOf(error: Error, file: string): string {
  const noted = places.get(error);
  if (noted !== undefined) return isScript(file) ? `${folderOf(file)}${noted}` : noted;
  const stack = wholeStackOf(error);
  const at = stack.indexOf(`${file}:`);
  return at < 0 ? file : `${file}${/^:\d+/.exec(stack.slice(at + file.length))?.[0] ?? ''}`;
}

/** The place of a failure, and its message without the place: Lua's messages begin with the script's line, without its folder. */
export function placedReason(error: Error, file: string, message: string): { place: string; reason: string } {
  const [prefix, place] = (isScript(file) ? IN_SCRIPT.exec(message) : null) ?? [];
  if (prefix === undefined) return { place: placeOf(error, file), reason: message };
  return { place: `${folderOf(file)}${place}`, reason: message.slice(prefix.length) };
}

/** `set.lua:12: `, or in a module `lib/money.lua:3: `. */
const IN_SCRIPT = /^((?:[\w-]+\/)*[\w-]+\.lua:\d+): /;

function isScript(file: string): boolean {
  return file.endsWith('.lua');
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
