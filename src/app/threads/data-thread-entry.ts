// Where the worker of a data thread starts in the bundle: data-thread.ts in a file that the build has compiled.

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompiledFiles } from '../compiled-files.js';

new CompiledFiles(`${dirname(fileURLToPath(import.meta.url))}/`).load('data-thread.cjs');
