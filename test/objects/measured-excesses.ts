// Bundles and runs a program that measures costs, and reads what it prints: a line of JSON for each name with its costs beyond its charges.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'rolldown';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

export async function measuredExcesses(input: string): Promise<ReadonlyMap<string, unknown>> {
  // Two folders below the package, as the server's bundle.
  const program = `${root}dist/cost/${input.replaceAll('/', '-').replace('.ts', '.js')}`;
  await build({
    cwd: root,
    input,
    platform: 'node',
    tsconfig: 'tsconfig.json',
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    external: (id) => !/^[./]/.test(id),
    output: { file: program, format: 'esm' },
  });
  const { stdout } = await run(process.execPath, [program], { maxBuffer: 2 ** 26 });
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, unknown]),
  );
}
