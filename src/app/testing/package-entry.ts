// `cacheismo/testing` of the package: the same as testing.ts, in files that the build has compiled.

import { fileURLToPath } from 'node:url';
import { CompiledFiles } from '../compiled-files.js';

const files = new CompiledFiles(fileURLToPath(new URL('.', import.meta.url)));

export const { createTestCache, runDialogues, watchDialogues } = files.load(
  'testing-kit.cjs',
) as typeof import('./testing.js');
