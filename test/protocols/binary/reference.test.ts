// The table of requests in the folder's README matches the rows.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OPCODE_ROWS } from '../../../src/protocols/binary/opcodes.js';

test('the README lists every request with its opcodes', () => {
  const readme = readFileSync(new URL('../../../src/protocols/binary/README.md', import.meta.url), 'utf8');
  const listed = [...readme.matchAll(/^\| (0x[0-9a-f]{2}) \| (0x[0-9a-f]{2})? ?\| ([a-z ]+) \|/gm)];
  const hexadecimal = (opcode: number | undefined) =>
    opcode === undefined ? undefined : `0x${opcode.toString(16).padStart(2, '0')}`;
  expect(listed.map(([, opcode, quiet, name]) => [opcode, quiet, name])).toEqual(
    OPCODE_ROWS.map(({ opcode, quiet, name }) => [hexadecimal(opcode), hexadecimal(quiet), name]),
  );
});
