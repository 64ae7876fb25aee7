// Where the package lies on disk. Source, compiled files and the bundle all lie two folders below it.

import { fileURLToPath } from 'node:url';

export const PACKAGE_URL = new URL('../../', import.meta.url);
export const PACKAGE_ROOT = fileURLToPath(PACKAGE_URL);
