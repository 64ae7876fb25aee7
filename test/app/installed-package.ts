// A copy of what the package has for running a server, as npm installs it.

import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PARTS = [
  'package.json',
  'dist/bundle',
  'dist/prepared-code.json',
  'dist/objects',
  'schemas',
  'scripts',
  'plugins',
];

/** Copies it into the folder; returns where it is. */
export function installPackage(folder: string): string {
  const installed = join(folder, 'package');
  mkdirSync(installed, { recursive: true });
  for (const part of PARTS) cpSync(join(ROOT, part), join(installed, part), { recursive: true });
  // Next to the package, where npm puts them.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return installed;
}
