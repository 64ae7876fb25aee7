// Makes `import 'cacheismo'` work in a directory of types if the package is not installed next to them, as after `npm install --global`:
// adds a link like that of `npm link`. The server itself resolves the import without it.

import { mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const NAME = 'cacheismo';

/** Does nothing if no link is needed or none can be made: a server loads the types without it. */
export function linkPackage(directory: string, packageRoot: string): void {
  try {
    createRequire(resolve(directory, 'any.js')).resolve(`${NAME}/package.json`);
    return;
  } catch {
    // No package of that name can be resolved from there.
  }
  try {
    mkdirSync(join(directory, 'node_modules'), { recursive: true });
    symlinkSync(resolve(packageRoot), join(directory, 'node_modules', NAME), 'junction');
  } catch {
    // The directory cannot hold a link.
  }
}
