// The README's lines for calls from every language, run unchanged with the installed clients: any input stays one argument.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callMethod, virtualKey } from '../../../src/client/client.js';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { LANGUAGES } from './languages.js';
import { run } from './programs.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** In UTF-8, since some languages have no strings of other bytes: all characters that end words, lines, keys and escapes. */
const INPUT = 'a b:c%41%\r\nflush_all\r\n\t+&=/?#*\'"~\0\x7fü日';

/** The README's lines of a language, in the section on calls. */
function linesOf(fence: string): string {
  const section = readFileSync(join(ROOT, 'README.md'), 'utf8')
    .split('\n### Calls from every language\n')[1]
    ?.split('\n## ')[0];
  const lines = new RegExp(`\`\`\`${fence}\\n([\\s\\S]*?)\`\`\``).exec(section ?? '')?.[1];
  if (lines === undefined) throw new Error(`the README has no lines in ${fence}`);
  expect(lines.trim().split('\n').length).toBeLessThanOrEqual(3);
  return lines;
}

describe('the lines of the README send any input as one argument', () => {
  let server: ServerProcess;
  let folder: string;

  beforeAll(async () => {
    server = await startProcess();
    folder = mkdtempSync(join(tmpdir(), 'escaping-'));
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  for (const { command, fence, file, isInstalled, name, program } of LANGUAGES) {
    const missing = isInstalled() ? '' : ' (skipped: not installed)';
    test.skipIf(missing !== '')(`${name}${missing}`, async () => {
      const { port } = server;
      expect((await callMethod('set:new:colours', { port })).value).toBe('CREATED');
      const text = program([linesOf(fence)], port, { colour: INPUT });
      const path = join(folder, file);
      writeFileSync(path, text);
      const [run1, ...args] = command as [string, ...string[]];
      const { code, output, errors } = await run(run1, [...args, args.at(-1) === '-e' ? text : path]);
      expect([code, output], errors).toEqual([0, expect.stringContaining('SUCCESS')]);
      expect((await callMethod(virtualKey('set', 'exists', 'colours', INPUT), { port })).value).toBe('EXISTS');
      expect((await callMethod('set:count:colours', { port })).value).toBe('1');
      expect((await callMethod('set:getall:colours', { port })).value).toContain(Buffer.from(INPUT).toString('latin1'));
    });
  }
});
