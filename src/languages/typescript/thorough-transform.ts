// TypeScript to CommonJS by a whole compiler, which names the line and the reason of each mistake and knows all of the language. The
// first use loads it: a third of a second and some 30 MB. Not for files that the light one takes (transform.ts).

import { createRequire } from 'node:module';
import type { Transform } from './bundle.js';

interface SyntaxFailure {
  readonly line?: number;
  readonly message?: string;
}

type Jiti = ReturnType<typeof import('jiti')['createJiti']>;

let jiti: Jiti | undefined;

export const thoroughTransform: Transform = (source, path) => {
  jiti ??= loadJiti();
  const code = jiti.transform({ source, filename: path, ts: true });
  if (!code.startsWith('exports.__JITI_ERROR__')) return { code };
  const failure = JSON.parse(code.slice(code.indexOf('{'), code.lastIndexOf('}') + 1)) as SyntaxFailure;
  return { line: failure.line, reason: failure.message?.split('\n')[0] ?? 'cannot be parsed' };
};

/** Loaded by require, because a transform does not wait. */
function loadJiti(): Jiti {
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti');
  // The cache on disk is off: nothing is to be written where the server runs.
  return createJiti(import.meta.url, { moduleCache: false, fsCache: false });
}
