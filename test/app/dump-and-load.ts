// Runs `cacheismo dump` and `cacheismo load` with files as output and input.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { COMMAND } from './server-process.js';

interface Ended {
  readonly code: number | null;
  /** The lines for people, without the program's name. */
  readonly lines: readonly string[];
}

export function dumpTo(file: string, ...args: readonly string[]): Promise<Ended> {
  return run(['dump', ...args], undefined, file);
}

export function loadFrom(file: string, ...args: readonly string[]): Promise<Ended> {
  return run(['load', ...args], file, undefined);
}

async function run(args: readonly string[], input: string | undefined, output: string | undefined): Promise<Ended> {
  const from = input === undefined ? 'ignore' : openSync(input, 'r');
  const to = output === undefined ? 'ignore' : openSync(output, 'w');
  const child = spawn(process.execPath, [COMMAND, ...args], { env: {}, stdio: [from, to, 'pipe'] });
  for (const descriptor of [from, to]) if (typeof descriptor === 'number') closeSync(descriptor);
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = errors.split('\n').slice(0, -1);
  return { code, lines: lines.map((line) => line.replace(/^cacheismo: /, '')) };
}
