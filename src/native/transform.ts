// TypeScript to CommonJS, module by module. Importing this file loads a compiler of some 30 MB, so it is for short-lived threads and
// for the build. Not for running what it makes.

import { createJiti } from 'jiti';
import type { Transform } from './bundle.js';

interface SyntaxFailure {
  readonly line?: number;
  readonly message?: string;
}

// The cache on disk is off: nothing is to be written where the server runs.
const jiti = createJiti(import.meta.url, { moduleCache: false, fsCache: false });

export const transform: Transform = (source, path) => {
  const code = jiti.transform({ source, filename: path, ts: true });
  if (!code.startsWith('exports.__JITI_ERROR__')) return { code };
  const failure = JSON.parse(code.slice(code.indexOf('{'), code.lastIndexOf('}') + 1)) as SyntaxFailure;
  return { line: failure.line, reason: failure.message?.split('\n')[0] ?? 'cannot be parsed' };
};
