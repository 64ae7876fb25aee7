// The command table and its derivatives: the reference in src/protocols/text/README.md, words, handlers and rights. After a change of the
// table, `npx vitest run --config test/vitest.config.ts test/protocols/command-reference.test.ts -u` rewrites the reference.

import { describe, expect, test } from 'vitest';
import { describeMetrics } from '../../src/base/metrics.js';
import type { CommandRow } from '../../src/operations/command-row.js';
import { COMMAND_NAMES, COMMANDS } from '../../src/operations/command-table.js';
import { ANY_RIGHT, Right } from '../../src/operations/rights.js';
import { findCommand } from '../../src/protocols/text/command-words.js';
import { DISPATCH } from '../../src/protocols/text/text-dispatch.js';
import { Harness } from './text/harness.js';

const README = '../../src/protocols/text/README.md';

const HEAD = `# The text protocol

\`text-protocol.ts\` serves the requests of a connection one after another: \`text-parser.ts\` reads a line into \`text-request.ts\`, the
handler that \`text-dispatch.ts\` has for the command calls one operation of \`src/operations\`, and \`reply-encoder.ts\` writes what that
returns. A row of \`src/operations/command-table.ts\` declares each command; the table below is made of them by
\`test/protocols/command-reference.test.ts\`. A client needs one of the rights listed.

| command | arguments | right | counts | what it does |
|---|---|---|---|---|
`;

/** The names of rights, of which a client needs one. */
function rightsOf(needs: number): string {
  if (needs === ANY_RIGHT) return 'any';
  const names = Object.entries(Right).filter(([, right]) => (needs & right) !== 0);
  return names.map(([name]) => name).join(', ');
}

function lineOf({ word, arguments: rule, needs, counts = [], summary }: CommandRow): string {
  const counted = counts.map((name) => `\`${name}\``).join(', ');
  return `| \`${word}\` | ${rule} | ${rightsOf(needs)} | ${counted} | ${summary} |\n`;
}

test('the reference of commands in src/protocols/text/README.md is that of the table', async () => {
  await expect(`${HEAD}${COMMANDS.map(lineOf).join('')}`).toMatchFileSnapshot(README);
});

describe('each row of the command table', () => {
  test('has a word of its own that the parser finds', () => {
    const found = COMMANDS.map(({ word }) => findCommand(Buffer.from(word), 0, word.length));
    expect(found).toEqual(COMMANDS.map((_, number) => number));
  });

  test('has a handler', () => {
    expect(COMMAND_NAMES.filter((_, number) => typeof DISPATCH[number] !== 'function')).toEqual([]);
  });

  test('needs rights of which the reference gives the names', () => {
    expect(COMMANDS.filter(({ needs }) => rightsOf(needs) === '').map(({ word }) => word)).toEqual([]);
    expect(rightsOf(Right.read | Right.call)).toBe('read, call');
  });

  test('counts what `stats` has', () => {
    const known = new Set(describeMetrics().map(({ name }) => name));
    expect(COMMANDS.flatMap(({ counts = [] }) => counts).filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('a client that may only read', () => {
  const reader = { principal: { name: 'reader', rights: Right.read } };
  const refused = 'CLIENT_ERROR not permitted\r\n';

  test('is refused commands that change items, and its data block is not run as commands', () => {
    const send = 'set a 0 0 9\r\nversion\r\n\r\nversion\r\n';
    expect(new Harness(reader).ask(send)).toBe(`${refused}VERSION 1.2.3\r\n`);
  });

  test('is refused a block that arrives in pieces', () => {
    const block = `${'version\r\n'.repeat(1000)}\r\n`;
    expect(new Harness(reader).ask(`set a 0 0 9000\r\n${block}version\r\n`, 100)).toBe(`${refused}VERSION 1.2.3\r\n`);
  });

  test('is refused a list of keys with an expiry, and the rest of the line is discarded', () => {
    expect(new Harness(reader).ask('gat 0 a b\r\nget a\r\nflush_all\r\n')).toBe(`${refused}END\r\n${refused}`);
  });

  test('gets no reply to a refused command with noreply', () => {
    expect(new Harness(reader).ask('delete a noreply\r\nget a\r\n')).toBe('END\r\n');
  });
});
