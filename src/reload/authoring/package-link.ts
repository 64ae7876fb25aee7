// Makes `import 'cacheismo'` work in a directory of types where the package was not installed next to them, as after `npm install --global`:
// by a link, such as `npm link` makes. Not for the server, which knows its own interface.

import { mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const NAME = 'cacheismo';

/** Does nothing where none is needed or none can be made: a server loads the types without it. */
export function linkPackage(directory: string, packageRoot: string): void {
  try {
    createRequire(resolve(directory, 'any.js')).resolve(`${NAME}/package.json`);
    return;
  } catch {
    // Nothing of that name is found from there.
  }
  try {
    mkdirSync(join(directory, 'node_modules'), { recursive: true });
    symlinkSync(resolve(packageRoot), join(directory, 'node_modules', NAME), 'junction');
  } catch {
    // The directory takes none.
  }
}
