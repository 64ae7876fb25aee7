// The calls of types that ship which the guide shows for other languages and the README for Node, run unchanged with the installed clients.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callMethod, virtualKey } from '../../../src/client/client.js';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { LANGUAGES } from './languages.js';
import { type Finished, run } from './programs.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Names, which have no blanks, with the characters that end keys and escapes. */
const USER = 'ann:1%41%+&=/?#*\'"~ü日';
const WORKER = 'w:7%3A+&=/?#*~ü日';

function blocksOf(file: string, heading: string, fence: string): string[] {
  const section = readFileSync(join(ROOT, file), 'utf8')
    .split(`\n${heading}\n`)[1]
    ?.split(/\n#{1,3} /)[0];
  return [...(section ?? '').matchAll(new RegExp(`\`\`\`${fence}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]);
}

/** When the requests that have passed the limiter of the user are paid back. */
async function paidBackAt(port: number): Promise<number> {
  const { value } = await callMethod(`gcra$${USER}`, { port });
  return JSON.parse(value ?? '{}').tat;
}

/** The program takes one request from the limiter of the user, and the worker gets the lock. */
async function expectCalls(runProgram: () => Promise<Finished>, port: number): Promise<void> {
  await callMethod(virtualKey('gcra', 'reset', USER), { port });
  // A limiter with a policy does not expire.
  await callMethod(virtualKey('gcra', 'policy', USER, 10, 100, 60_000), { port });
  const before = await paidBackAt(port);
  const { code, output, errors } = await runProgram();
  expect([code, output.split('\n')[0]], errors).toEqual([0, 'ALLOW 10 9 0 600']);
  expect(await paidBackAt(port)).toBeGreaterThanOrEqual(before + 600);
  const holders = await callMethod('lease:who:report', { port });
  const [token, , owner] = holders.value?.split('\r\n')[1]?.split(' ') ?? [];
  expect(Buffer.from(owner ?? '', 'latin1').toString()).toBe(WORKER);
  expect(output.split('\n')[1]).toContain(token);
  const released = await callMethod(virtualKey('lease', 'release', 'report', WORKER, Number(token)), { port });
  expect(released.value).toBe('OK');
}

describe('the calls that the guide shows reach the limiter and the lock', () => {
  let server: ServerProcess;
  let folder: string;

  beforeAll(async () => {
    server = await startProcess();
    folder = mkdtempSync(join(tmpdir(), 'shipped-types-'));
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test.each(['python', 'php', 'ruby', 'go', 'java'])('in %s', (fence) => {
    expect(blocksOf('plugins/README.md', '## Calls from every language', fence)).not.toEqual([]);
  });

  for (const { command, fence, file, isInstalled, name, program } of LANGUAGES) {
    const blocks = blocksOf('plugins/README.md', '## Calls from every language', fence);
    if (blocks.length === 0) continue;
    const missing = isInstalled() ? '' : ' (skipped: not installed)';
    test.skipIf(missing !== '')(`from ${name}${missing}`, async () => {
      const path = join(folder, file);
      writeFileSync(path, program(blocks, server.port, { user: USER, worker: WORKER }));
      const [executable, ...args] = command as [string, ...string[]];
      await expectCalls(() => run(executable, [...args, path]), server.port);
    });
  }

  test('from Node, by the typed client', async () => {
    const [lines = ''] = blocksOf('README.md', '### Typed calls from Node', 'typescript');
    const inputs = `const user = ${JSON.stringify(USER)};\nconst worker = ${JSON.stringify(WORKER)};\n`;
    const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    const { outputText } = ts.transpileModule(inputs + lines.replace('11211', String(server.port)), {
      compilerOptions: { ...options, verbatimModuleSyntax: true },
    });
    // As text, so that it finds this package by its name.
    await expectCalls(() => run(process.execPath, ['--input-type=module', '-e', outputText]), server.port);
  });
});
