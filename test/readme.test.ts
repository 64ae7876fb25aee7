// The README and the guides to object types are correct: their dialogues are sent to the built server, and their options are those that
// exist. Lines of a dialogue that start with "> " are sent, the others are the replies. Types are saved under the name in their first line.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { optionTable } from '../src/app/config/option-documents.js';
import { runDialogueFiles } from '../src/app/testing/dialogue-files.js';
import { linkPackage } from '../src/reload/authoring/package-link.js';
import { type ServerProcess, startProcess } from './app/server-process.js';
import { TypeFolders } from './app/type-folders.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

const documents = ['README.md', 'scripts/README.md', 'plugins/README.md'].map((path) =>
  readFileSync(join(ROOT, path), 'utf8'),
);

function fencedBlocks(language: string): string[] {
  return [...documents.join('\n').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    (match) => match[1],
  );
}

/** Sends all lines together; the server replies to them in order and closes after `quit`. */
function converse(port: number, lines: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.write([...lines, 'quit'].map((line) => `${line}\r\n`).join(''), 'latin1');
    });
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received.split('\r\n').slice(0, -1)));
  });
}

describe('dialogues of the README and the guides', () => {
  const dialogues = fencedBlocks('dialogue').map((block) => block.trimEnd().split('\n'));

  const types = [...fencedBlocks('lua'), ...fencedBlocks('ts')].map((text) => ({
    name: /^(?:--|\/\/) (\S+)\n/.exec(text)?.[1] ?? 'no name in its first line',
    text,
  }));

  function save({ root }: TypeFolders, { name, text }: (typeof types)[number]): void {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }

  test('exist', () => {
    expect(dialogues.length).toBeGreaterThan(0);
  });

  test('exist for object types in either language', () => {
    expect(types.map(({ name }) => name)).toEqual([
      'scripts/visits.lua',
      'scripts/recent.lua',
      'scripts/league.lua',
      'scripts/active.lua',
      'scripts/shelf.lua',
      'scripts/lib/window.lua',
      'scripts/gate.lua',
      'scripts/claim.lua',
      'scripts/profile.lua',
      'old/profile.lua',
      'plugins/crate.ts',
      'plugins/playlist.ts',
      'plugins/jobs.ts',
      'plugins/latency.ts',
      'plugins/cart.ts',
      'plugins/lib/words.ts',
      'plugins/tally.ts',
      'plugins/order.ts',
      'plugins/hints.ts',
    ]);
  });

  test('run in a test cache where they are examples of files', async () => {
    using folders = new TypeFolders();
    for (const file of types) save(folders, file);
    const [example] = fencedBlocks('dialogue-file');
    writeFileSync(join(folders.scripts, 'visits.dialogue'), example);
    const lines: string[] = [];
    await runDialogueFiles([join(folders.scripts, 'visits.lua')], (line) => lines.push(line));
    expect(lines).toEqual(['1 dialogue, 3 exchanges: all replies are as expected']);
  });

  test('have unit tests that pass', () => {
    using folders = new TypeFolders();
    for (const file of types) save(folders, file);
    linkPackage(folders.root, ROOT);
    const examples = fencedBlocks('js').flatMap((text) => {
      const name = /^\/\/ (\S+\.test\.mjs)\n/.exec(text)?.[1];
      if (name !== undefined) writeFileSync(join(folders.root, name), text);
      return name ?? [];
    });
    expect(examples).toEqual(['scripts/profile.test.mjs', 'scripts/visits.test.mjs']);
    const output = execFileSync(process.execPath, ['--test'], { cwd: folders.root, encoding: 'utf8' });
    expect(output).toMatch(/^# pass 2$/m);
  });

  describe('are as on a server', () => {
    let folders: TypeFolders;
    let server: ServerProcess;

    beforeAll(async () => {
      folders = new TypeFolders();
      for (const name of ['scripts', 'plugins']) {
        cpSync(join(ROOT, name), join(folders.root, name), { recursive: true });
      }
      for (const file of types) save(folders, file);
      const [settings] = fencedBlocks('yaml');
      writeFileSync(join(folders.root, 'types.yaml'), settings);
      server = await startProcess([...folders.flags, '--config', join(folders.root, 'types.yaml')]);
    });

    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      folders[Symbol.dispose]();
    });

    test.each(dialogues.map((lines) => ({ title: lines[0], lines })))('$title', async ({ lines }) => {
      const typed = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
      const replies = lines.filter((line) => !line.startsWith('> '));
      // Each begins with an empty cache.
      expect(await converse(server.port, ['flush_all', ...typed])).toEqual(['OK', ...replies]);
    });
  });
});

test('the calls in the table of types succeed on an empty server, in its order', async () => {
  const [, table] = /^\| type \| for \| calls \|\n(?:.*\n)((?:\|.*\n)+)/m.exec(readme) ?? [];
  const cells = (table ?? '')
    .trimEnd()
    .split('\n')
    .map((row) => row.split(' | ').at(-1) ?? '');
  const calls = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]));
  expect(new Set(calls.map((call) => call.split(':')[0])).size).toBe(cells.length);
  await using server = await startProcess([]);
  for (const call of calls) {
    const [value, result, ...rest] = await converse(server.port, [`get ${call}`]);
    expect([call, value, rest.at(-1)]).toEqual([call, expect.stringContaining(`VALUE ${call} 0 `), 'END']);
    expect([call, result]).not.toEqual([call, 'ERROR_CACHE_MISS']);
  }
});

test('the table of options contains every option with its default', () => {
  const table = /<!-- options -->\n([\s\S]*?)<!-- \/options -->/.exec(readme)?.[1]?.trimEnd();
  expect(table).toBe(optionTable());
});
