// The classic text protocol's command words, found by their bytes without making a string.

import { assert } from '../../base/assert.js';
import { COMMANDS, type Command } from '../../operations/command-table.js';
import { asciiBytes } from './text-bytes.js';

interface Entry {
  readonly word: Uint8Array;
  readonly command: Command;
}

/** A power of two. Some 30 words leave most slots empty, so that nearly every word is found in its first slot. */
const SLOTS = 256;
const LOWER_M = 0x6d;
const EMPTY: Entry = { word: new Uint8Array(0), command: 0 };

function slotOf(first: number, third: number, length: number): number {
  return (first * 31 + third * 7 + length) & (SLOTS - 1);
}

/** Open addressing. The hash uses the third byte, which every word has. */
const table: Entry[] = new Array<Entry>(SLOTS).fill(EMPTY);
for (const [command, row] of COMMANDS.entries()) {
  // Found by their second letter.
  if (row.kind === 'meta') continue;
  const word = asciiBytes(row.word);
  assert(word.length >= 3, 'a command word of three bytes or more');
  let slot = slotOf(word[0], word[2], word.length);
  while (table[slot] !== EMPTY) slot = (slot + 1) & (SLOTS - 1);
  table[slot] = { word, command };
}

/** By the second letter of its word: the meta command, or -1. */
export const META_COMMANDS = Int32Array.from({ length: 256 }, (_, letter) =>
  COMMANDS.findIndex((row) => row.kind === 'meta' && row.word.charCodeAt(1) === letter),
);

/** The command of the word at a position, or -1. */
export function findCommand(bytes: Uint8Array, at: number, length: number): Command | -1 {
  if (length === 2 && bytes[at] === LOWER_M) return META_COMMANDS[bytes[at + 1]];
  if (length < 3) return -1;
  let slot = slotOf(bytes[at], bytes[at + 2], length);
  for (let entry = table[slot]; entry !== EMPTY; entry = table[slot]) {
    if (equalBytes(bytes, at, length, entry.word)) return entry.command;
    slot = (slot + 1) & (SLOTS - 1);
  }
  return -1;
}

export function equalBytes(bytes: Uint8Array, at: number, length: number, word: Uint8Array): boolean {
  if (length !== word.length) return false;
  for (let index = 0; index < length; index++) if (bytes[at + index] !== word[index]) return false;
  return true;
}
