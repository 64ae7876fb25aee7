// Transforms TypeScript with the full compiler: supports the whole language and reports the place and the reason of a syntax error. Its
// first use takes a third of a second and 30 MB. Used for files that the light compiler of transform.ts cannot handle.

import { createRequire } from 'node:module';
import type { Transform } from './bundle.js';
import { placeIn } from './source-place.js';

interface SyntaxFailure {
  /** From 1. */
  readonly line?: number;
  /** From 0. */
  readonly column?: number;
  readonly message?: string;
}

type Jiti = ReturnType<typeof import('jiti')['createJiti']>;

let jiti: Jiti | undefined;

export const thoroughTransform: Transform = (source, path) => {
  jiti ??= loadJiti();
  const code = jiti.transform({ source, filename: path, ts: true });
  if (!code.startsWith('exports.__JITI_ERROR__')) return { code };
  const failure = JSON.parse(code.slice(code.indexOf('{'), code.lastIndexOf('}') + 1)) as SyntaxFailure;
  const { line = 0, column = 0, message = 'cannot be parsed' } = failure;
  const [reason = ''] = message.split('\n');
  return { line, reason: `${reason.trimEnd()} ${placeIn(source, line, column + 1)}`.trimEnd() };
};

/** Loaded by require, because a transform is synchronous. */
function loadJiti(): Jiti {
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti');
  // The cache on disk is off, since the server must not write files where it runs.
  return createJiti(import.meta.url, { moduleCache: false, fsCache: false });
}
