// The package's directory. Source, compiled files and the bundle are all two folders below it.

import { fileURLToPath } from 'node:url';

export const PACKAGE_URL = new URL('../../', import.meta.url);
export const PACKAGE_ROOT = fileURLToPath(PACKAGE_URL);
