// Finds and runs programs of the machine that are clients of memcached. Not for what they should find.

import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PYTHONS = ['python3', '/usr/bin/python3', 'python'];
const TIMEOUT_MS = 60_000;

export interface Finished {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Whether a command exists; it is run with an argument that makes it do nothing. */
export function isInstalled(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore', timeout: TIMEOUT_MS }).error === undefined;
}

/** A Python that has the module: the first one in the path may be another than the system's, for which modules are packaged. */
export function pythonWith(module: string): string | undefined {
  return PYTHONS.find((python) => spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0);
}

export function run(command: string, args: readonly string[]): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' },
      (error, output, errors) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : null, output, errors });
      },
    );
  });
}

/** Runs a script of this folder against a server; what it prints is its results by name. */
export async function runScript(python: string, script: string, port: number): Promise<Record<string, unknown>> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  // -B: no compiled files beside the scripts.
  const { code, output, errors } = await run(python, ['-B', path, String(port)]);
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${errors}`);
  return JSON.parse(output) as Record<string, unknown>;
}
