// The length of the data block after a refused storage line. The block must be discarded: if it were read as commands, a client that
// chooses a value could run them. An empty block holds no commands: its line end gets the reply to an empty line, as in memcached. A block
// longer than any value is not discarded either: no client sends one, and the next line is its next request. Valid lines:
// text-arguments.ts.

import { Command, isStorage } from '../../operations/command-table.js';
import { findCommand } from './command-words.js';
import { MAX_VALUE_BYTES } from './text-request.js';

/** Storage words of the binary protocol's successor. Its lines are unknown here, but their blocks are discarded like any other. */
const META_SET = 'ms';

/** Command, key, flags, exptime and length. */
const STORAGE_WORDS = 5;
const LENGTH_WORD = 4;
const NOREPLY = 'noreply';
const LINE_END_BYTES = 2;

/** Up to 64 bits; memcached's parser of numbers ignores control characters after them. */
const LENGTH = /^\+?(\d{1,20})[\0-\x1f]*$/;

/** Bytes that follow the line in [from, end), their line end included; 0 if the line announces none or its length cannot be read. */
export function dataBlockBytes(bytes: Uint8Array, from: number, end: number): number {
  const line = String.fromCharCode(...bytes.subarray(from, end)).trimStart();
  const words = line.split(' ').filter((word) => word !== '');
  const [command = ''] = words;
  const hasTwoSpaces = line.startsWith('  ', command.length);
  // Flags begin with letters, so the length is the last number after the key, which may contain spaces or be empty.
  if (command === META_SET) return lastLength(words.slice(hasTwoSpaces && words.length === 2 ? 1 : 2)) ?? 0;
  const start = bytes.indexOf(command.charCodeAt(0), from);
  const number = command === '' ? -1 : findCommand(bytes, start, command.length);
  if (!isStorage(number)) return 0;
  const argumentsAfter = number === Command.cas ? 1 : 0;
  const count = words.at(-1) === NOREPLY ? words.length - 1 : words.length;
  // A key with spaces makes the line longer, and an empty one leaves two spaces; then the length is counted from the end of the line.
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
