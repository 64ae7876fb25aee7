// How long the data block behind a refused storage line is: it has to be passed over, since a block that is read as commands would let
// whoever chooses a value run them. An empty block holds no commands: its line end is answered as an empty line, as in memcached. A block
// longer than any value may be is not passed over either: no client sends one, and the next line is its next request. Not for lines in order, whose arguments have readers of their own.

import { Command, isStorage } from '../../operations/command-table.js';
import { findCommand } from './command-words.js';
import { MAX_VALUE_BYTES } from './text-request.js';

/** Of the binary protocol's successor; its lines are unknown here, but their blocks are passed over like any other. */
const META_SET = 'ms';

/** Command, key, flags, exptime and length. */
const STORAGE_WORDS = 5;
const LENGTH_WORD = 4;
const NOREPLY = 'noreply';
const LINE_END_BYTES = 2;

/** Up to 64 bits; memcached's reader of numbers passes over control characters at their end. */
const LENGTH = /^\+?(\d{1,20})[\0-\x1f]*$/;

/** Bytes that follow the line in [from, end), their line end included; 0 if the line announces none or its length cannot be read. */
export function dataBlockBytes(bytes: Uint8Array, from: number, end: number): number {
  const line = String.fromCharCode(...bytes.subarray(from, end)).trimStart();
  const words = line.split(' ').filter((word) => word !== '');
  const [command = ''] = words;
  const hasTwoSpaces = line.startsWith('  ', command.length);
  // Flags begin with letters, so the length is the last number after the key, which may have spaces in it or be empty.
  if (command === META_SET) return lastLength(words.slice(hasTwoSpaces && words.length === 2 ? 1 : 2)) ?? 0;
  const start = bytes.indexOf(command.charCodeAt(0), from);
  const number = command === '' ? -1 : findCommand(bytes, start, command.length);
  if (!isStorage(number)) return 0;
  const argumentsAfter = number === Command.cas ? 1 : 0;
  const count = words.at(-1) === NOREPLY ? words.length - 1 : words.length;
  // A key with spaces in it makes the line longer, and an empty one leaves two spaces; the length is counted from the line's end then.
  const fewest = STORAGE_WORDS + argumentsAfter;
  const hasNoKey = count === fewest - 1 && hasTwoSpaces;
  const fromEnd = count > fewest || hasNoKey ? blockBytes(words[count - 1 - argumentsAfter]) : undefined;
  return fromEnd ?? blockBytes(words[LENGTH_WORD]) ?? 0;
}

function lastLength(words: readonly string[]): number | undefined {
  return words.map(blockBytes).findLast((length) => length !== undefined);
}

function blockBytes(word: string | undefined): number | undefined {
  const digits = word === undefined ? undefined : LENGTH.exec(word)?.[1];
  if (digits === undefined || Number(digits) > MAX_VALUE_BYTES) return undefined;
  const length = Number(digits);
  return length === 0 ? 0 : length + LINE_END_BYTES;
}
