// Dialogues as tests of object types: their form, differences, and `cacheismo test`. Those of the types that ship are run here.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CacheInProcess } from '../../../src/app/testing/cache-in-process.js';
import { type DialogueError, parseDialogue, runDialogue } from '../../../src/app/testing/dialogue.js';
import { runDialogueFiles } from '../../../src/app/testing/dialogue-files.js';
import { watchDialogues } from '../../../src/app/testing/testing.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cacheismo-dialogues-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const counter = (
  step: number,
) => `return { name = "counter", methods = { add = { access = "upsert", run = function(self)
  self.n = (self.n or 0) + ${step}
  return self.n
end } } }`;

const counted = '> get counter:add:k\nVALUE counter:add:k 0 1\n1\nEND\n';

/** The lines that `cacheismo test` reports, with the directory taken away, and whether all was well. */
async function run(...names: string[]): Promise<{ lines: string[]; isFine: boolean }> {
  const lines: string[] = [];
  const paths = names.length === 0 ? [directory] : names.map((name) => join(directory, name));
  const isFine = await runDialogueFiles(paths, (line) => lines.push(line.replaceAll(`${directory}/`, '')));
  return { lines, isFine };
}

describe('types that ship', () => {
  const dialogues = ['scripts', 'plugins'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => /\.(lua|ts)$/.test(name))
      .map((name) => ({ type: `${folder}/${name}`, dialogue: `${folder}/${name.replace(/\.\w+$/, '.dialogue')}` })),
  );

  test('have a dialogue each; six types ship in both languages', () => {
    for (const { dialogue } of dialogues) expect(existsSync(join(ROOT, dialogue)), dialogue).toBe(true);
    const inLua = dialogues.filter(({ type }) => type.startsWith('scripts/')).map(({ type }) => basename(type, '.lua'));
    expect(inLua).toEqual(['gcra', 'lease', 'map', 'quota', 'set', 'swcounter']);
  });

  test.each(dialogues)('reply as in $dialogue', async ({ type, dialogue }) => {
    using cache = await CacheInProcess.create({ types: [join(ROOT, type)] });
    const name = basename(type).replace(/\.\w+$/, '');
    expect(await cache.call('cacheismo:types')).toMatch(
      new RegExp(`^${name} (lua|typescript) \\S*(?<!cacheismo/)${type} `, 'm'),
    );
    expect(await runDialogue(parseDialogue(readFileSync(join(ROOT, dialogue), 'latin1')), cache)).toEqual([]);
  });

  test('have the same dialogue in both languages', () => {
    for (const { dialogue } of dialogues.filter(({ type }) => type.startsWith('scripts/'))) {
      const inTypeScript = join(ROOT, 'plugins', basename(dialogue));
      expect(readFileSync(join(ROOT, dialogue), 'utf8')).toBe(readFileSync(inTypeScript, 'utf8'));
    }
  });
});

describe('types that people write first', () => {
  const folder = fileURLToPath(new URL('trial-types', import.meta.url));

  test('reply as in their dialogues', async () => {
    const lines: string[] = [];
    const isFine = await runDialogueFiles([folder], (line) => lines.push(line));
    expect({ isFine, lines }).toEqual({
      isFine: true,
      lines: [expect.stringContaining('all replies are as expected')],
    });
  });
});

describe('a dialogue', () => {
  test('consists of lines that are sent, replies, comments and times', () => {
    const text = [
      '# about',
      '> set k 0 0 2',
      '>',
      'STORED',
      '',
      '# wait 1.5m',
      '> get k',
      'VALUE k 0 2',
      '',
      'END',
      '\\# no comment',
      '\\\\',
      '',
      '# date 2026-03-01T12:00:00Z',
    ].join('\n');
    expect(parseDialogue(text)).toEqual([
      { kind: 'exchange', sent: ['set k 0 0 2', ''], expected: ['STORED'], line: 2, expectedLine: 4 },
      { kind: 'wait', milliseconds: 90_000 },
      {
        kind: 'exchange',
        sent: ['get k'],
        expected: ['VALUE k 0 2', '', 'END', '# no comment', '\\'],
        line: 7,
        expectedLine: 8,
      },
      { kind: 'date', unixSeconds: Date.UTC(2026, 2, 1, 12) / 1000 },
    ]);
    expect(parseDialogue(text.replaceAll('\n', '\r\n'))).toEqual(parseDialogue(text));
    for (const mark of ['\uFEFF', '\xef\xbb\xbf']) expect(parseDialogue(mark + text)).toEqual(parseDialogue(text));
  });

  test.each([
    ['END\n', 1, 'a reply needs a line that is sent before it: > get ...'],
    ['> get k\nEND\n# wait long\n', 3, '# wait long: write # wait 61s, with ms, s, m, h or d'],
    ['# date soon\n', 1, '# date soon: write # date 2026-03-01T12:00:00Z'],
  ])('with a mistake is refused with its line: %j', (text, line, reason) => {
    expect(() => parseDialogue(text)).toThrow(reason);
    try {
      parseDialogue(text);
    } catch (error) {
      expect((error as DialogueError).line).toBe(line);
    }
  });
});

describe('cacheismo test', () => {
  test('runs the dialogues of a directory, and names types that have none', async () => {
    write('counter.lua', counter(1));
    write('counter.dialogue', `${counted}# wait 1s\n> get other:new:k\nVALUE other:new:k 0 2\nOK\nEND\n`);
    write('other.ts', "export default { name: 'other', methods: { new: { access: 'create', run: () => 'OK' } } };");
    write('broken.lua', 'return {');
    write('broken.test.ts', '');
    expect(await run()).toEqual({
      isFine: true,
      lines: [
        'broken.lua: there is no broken.dialogue next to it',
        'other.ts: there is no other.dialogue next to it',
        '1 dialogue, 2 exchanges: all replies are as expected',
      ],
    });
    expect((await run('counter.lua')).isFine).toBe(true);
    expect((await run('counter.dialogue')).isFine).toBe(true);
  });

  test('shows what differs, with the line of the dialogue', async () => {
    write('counter.lua', counter(2));
    const more = '> set k 0 0 5\nSTORED\n> \n> get k counter:add:k\nVALUE k 0 5\n';
    write('counter.dialogue', `${counted}> get counter:add:k\nVALUE counter:add:k 0 1\n4\nEND\nEND\n${more}`);
    expect(await run()).toEqual({
      isFine: false,
      lines: [
        'counter.dialogue:3: another reply to get counter:add:k',
        '  expected: 1',
        '  got:      2',
        'counter.dialogue:9: another reply to get counter:add:k',
        '  expected: END',
        '  got:      (no further line)',
        'counter.dialogue:11: another reply to set k 0 0 5',
        '  expected: STORED',
        '  got:      (no further line); the request is not complete: a data block follows in a line of its own',
        'counter.dialogue:14: another reply to ',
        '  expected: VALUE k 0 5',
        '  got:      CLIENT_ERROR bad data chunk',
        '1 dialogue, 4 exchanges: 1 file failed',
      ],
    });
  });

  test('shows a value of another length, not its length', async () => {
    write('counter.lua', counter(10));
    write('counter.dialogue', counted);
    expect((await run()).lines.slice(0, 3)).toEqual([
      'counter.dialogue:3: another reply to get counter:add:k',
      '  expected: 1',
      '  got:      10',
    ]);
  });

  test('names files that are missing or cannot be loaded, and a dialogue without its type', async () => {
    expect(await run()).toEqual({
      isFine: false,
      lines: [`no dialogue (NAME.dialogue next to NAME.lua or NAME.ts) was found in ${directory}`],
    });
    write('counter.lua', 'return {\n  name = 5 5\n}\n');
    write('counter.dialogue', counted);
    write('lonely.dialogue', counted);
    write('wrong.lua', counter(1).replace('counter', 'wrong'));
    write('wrong.dialogue', 'END\n');
    const { lines, isFine } = await run('counter.lua', 'lonely.dialogue', 'wrong.lua', 'none.lua');
    expect(isFine).toBe(false);
    expect(lines).toEqual([
      'none.dialogue: there is no such file; cacheismo new writes one next to a new type',
      expect.stringMatching(/counter\.lua:2: /),
      'lonely.dialogue: there is no lonely.lua and no lonely.ts next to it',
      'wrong.dialogue:1: a reply needs a line that is sent before it: > get ...',
      '3 dialogues, 0 exchanges: 4 files failed',
    ]);
  });

  test('fails a dialogue that sends nothing', async () => {
    write('counter.lua', counter(2));
    for (const text of ['', '\n\n', '# to be written\n']) {
      write('counter.dialogue', text);
      expect(await run('counter.lua')).toEqual({
        isFine: false,
        lines: [
          'counter.dialogue: has no request; write > get TYPE:METHOD:KEY, and below it the reply',
          '1 dialogue, 0 exchanges: 1 file failed',
        ],
      });
    }
  });

  test('with --watch runs them again when the type is saved', async () => {
    write('counter.lua', counter(2));
    write('counter.dialogue', counted);
    const lines: string[] = [];
    let wake = () => {};
    const end = await watchDialogues([directory], (line) => {
      lines.push(line);
      wake();
    });
    expect(lines.at(-1)).toBe('1 dialogue, 1 exchange: 1 file failed');
    write('counter.lua', counter(1));
    while (lines.at(-1) !== '1 dialogue, 1 exchange: all replies are as expected') {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await end();
  });
});
