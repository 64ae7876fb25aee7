// The sequences that have failed before, one file each below test/fuzz/seeds; the tests replay them.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sequence } from './target.js';

/** A failing sequence with its origin. */
export interface KeptSequence extends Sequence {
  readonly target: string;
  readonly seed: number;
  /** The error that it caused. */
  readonly found: string;
}

/** Also found from the compiled tests, which are deeper. */
function seedsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'test/fuzz/seeds');
}

/** Names and contents of a target's saved sequences. */
export function keptSequences(target: string): readonly (readonly [file: string, kept: KeptSequence])[] {
  const folder = join(seedsFolder(), target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as KeptSequence]);
}

/** Saves a failing sequence; returns the path of its file. */
export function keep(kept: KeptSequence): string {
  const folder = join(seedsFolder(), kept.target);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${kept.seed}.json`);
  const { steps, ...head } = kept;
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`).join(',\n');
  const start = JSON.stringify(head, null, 2).replace(/\n\}$/, '');
  writeFileSync(path, `${start},\n  "steps": [\n${lines}\n  ]\n}\n`);
  return path;
}
