// Finds and runs installed programs that are clients of memcached.

import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SPYMEMCACHED = '/usr/share/java/spymemcached.jar';
const GO_SOURCES = '/usr/share/gocode/src/github.com/bradfitz/gomemcache';
/** Runs a Go program with the packages of the machine. */
export const GO = [
  'env',
  'GO111MODULE=off',
  'GOPATH=/usr/share/gocode',
  `GOCACHE=${join(tmpdir(), 'cacheismo-go')}`,
  'go',
  'run',
];

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

/** A Python that has the module: the first one in the path may not be the OS's, for which modules are packaged. */
export function pythonWith(module: string): string | undefined {
  if (!found.has(module)) {
    const program = `import ${module}`;
    const has = (python: string) => spawnSync(python, ['-c', program], { stdio: 'ignore' }).status === 0;
    found.set(module, PYTHONS.find(has));
  }
  return found.get(module);
}

const found = new Map<string, string | undefined>();

export function hasGomemcache(): boolean {
  return existsSync(GO_SOURCES) && isPresent(['go', 'version']);
}

export function hasSpymemcached(): boolean {
  return existsSync(SPYMEMCACHED) && isPresent(['sh', '-c', 'java --list-modules | grep -q jdk.compiler']);
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

/** Whether a command runs and succeeds. */
export function isPresent([command, ...args]: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: TIMEOUT_MS }).status === 0;
}

export function hasPhp(extension: string): boolean {
  return isPresent(['php', '-r', `exit(extension_loaded('${extension}') ? 0 : 1);`]);
}

/** Runs a script of this folder against a server; it prints its results by name. */
export function runScript(python: string, script: string, port: number): Promise<Record<string, unknown>> {
  // -B: no compiled files next to the scripts.
  return runClient([python, '-B', script], port);
}

/** The same for any language: the script of this folder is the last part of the command, the port its first argument. */
export async function runClient(
  command: readonly string[],
  port: number,
  args: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const [program, ...rest] = command as readonly [string, ...string[]];
  const script = rest.pop() as string;
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { code, output, errors } = await run(program, [...rest, path, String(port), ...args]);
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${output}${errors}`);
  return JSON.parse(output) as Record<string, unknown>;
}
