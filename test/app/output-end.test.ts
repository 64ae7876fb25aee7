// Subcommands whose output has an end before theirs: a reader that has ended, as `head` does, and a full disk.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LineClient } from './line-client.js';
import { COMMAND, startPlain } from './server-process.js';

const HELP = ['call', '--help'];
const FULL_DISK = '/dev/full';

/** Runs a command whose output nobody reads beyond the first bytes. */
async function runUnread(args: readonly string[], output: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: {}, stdio: ['ignore', output, 'pipe'] });
  child.stdout?.destroy();
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors };
}

test('a command whose reader has ended ends without a word, as by SIGPIPE', async () => {
  expect(await runUnread(HELP)).toEqual({ code: 141, errors: '' });
});

test('a dump whose reader has ended says that it is not complete', async () => {
  await using server = await startPlain();
  using client = await LineClient.connect(server.port);
  for (let number = 0; number < 8; number++) await client.set(`key-${number}`, 'x'.repeat(100_000));
  expect(await runUnread(['dump', '-p', String(server.port)])).toEqual({
    code: 74,
    errors: 'cacheismo: the output cannot be written: the program that reads it has ended; the dump is not complete\n',
  });
});

test.skipIf(!existsSync(FULL_DISK))('a command whose output does not fit on the disk says so', async () => {
  expect(await runUnread(HELP, openSync(FULL_DISK, 'w'))).toEqual({
    code: 74,
    errors: 'cacheismo: the output cannot be written: no space left on device\n',
  });
});
