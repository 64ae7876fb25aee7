// The schema that definitions of object types are checked against, as text. The build puts the text itself into the loader's thread, which
// outlives an upgrade that replaces the package's files. Not for checking.

import { readFileSync } from 'node:fs';
import { PACKAGE_URL } from '../../base/package-root.js';

export function readTypeSchema(): string {
  return readFileSync(new URL('schemas/object-type.schema.json', PACKAGE_URL), 'utf8');
}
