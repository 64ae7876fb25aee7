// The types that ship, examined when the package was built and recognised by their text: while they are unchanged, a start needs neither a
// compiler nor a loader thread. Types of users are examined when they are loaded: reload/examine.ts.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PACKAGE_URL } from '../../base/package-root.js';
import type { SettingSchemas } from '../../objects/types/type-settings.js';

/** By the fingerprint of the file's text: CommonJS of a plugin, the definition of a script. */
export type PreparedCode = Readonly<Record<string, PreparedType>>;

export interface PreparedType {
  readonly name: string;
  readonly code?: string;
  /** The settings that a plugin declares; a script's are in its definition. */
  readonly config?: SettingSchemas | undefined;
  readonly definition?: unknown;
}

/** Written by the build. */
export const PREPARED_FILE = new URL('dist/prepared-code.json', PACKAGE_URL);

export function fingerprint(source: Uint8Array | string): string {
  return createHash('sha256').update(source).digest('base64');
}

/** Empty if the build has prepared nothing. */
export function readPreparedCode(): PreparedCode {
  try {
    return JSON.parse(readFileSync(PREPARED_FILE, 'utf8')) as PreparedCode;
  } catch {
    return {};
  }
}
