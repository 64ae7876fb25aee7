// The plugins that ship, transformed when the package was built and recognised by their text: while nobody has changed them, a
// start needs no compiler. Not for plugins of users, which are transformed when they are loaded.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Bundle, makeBundle } from './bundle.js';

/** CommonJS by the fingerprint of the TypeScript that it was made of. */
export type PreparedCode = Readonly<Record<string, string>>;

/** Beside the compiled file, also when this one is run from its source. */
export const PREPARED_FILE = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/native/prepared-code.json' : '../native/prepared-code.json',
  import.meta.url,
);

export function fingerprint(source: string): string {
  return createHash('sha256').update(source).digest('base64');
}

/** Empty when nothing has been prepared. */
export function readPreparedCode(): PreparedCode {
  try {
    return JSON.parse(readFileSync(PREPARED_FILE, 'utf8')) as PreparedCode;
  } catch {
    return {};
  }
}

/** Undefined when some of its modules has not been prepared as it is now. */
export function bundlePrepared(path: string, directory: string, prepared: PreparedCode): Bundle | undefined {
  try {
    return makeBundle(path, directory, (source) => {
      const code = prepared[fingerprint(source)];
      return code === undefined ? { line: undefined, reason: 'is not prepared' } : { code };
    });
  } catch {
    // Whatever is wrong with the file, the transformer tells it better.
    return undefined;
  }
}
