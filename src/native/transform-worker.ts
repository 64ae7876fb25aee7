// The loader's own thread: turns TypeScript into CommonJS text. It lives only while files change, because what it loads
// takes some 20 MB. Not for running what it makes.

import { parentPort } from 'node:worker_threads';
import { LoadError } from '../objects/load-error.js';
import { type Bundle, makeBundle } from './bundle.js';
import { transform } from './transform.js';

export interface BundleRequest {
  readonly id: number;
  readonly path: string;
  readonly directory: string;
}

export interface BundleReply {
  readonly id: number;
  readonly bundle?: Bundle;
  readonly failure?: { readonly file: string; readonly line: number | undefined; readonly reason: string };
}

// The first transform loads the compiler: now, while the file that this thread was started for is still settling.
transform('export {};', 'first.ts');

parentPort?.on('message', ({ id, path, directory }: BundleRequest) => {
  parentPort?.postMessage(attempt(id, path, directory));
});

function attempt(id: number, path: string, directory: string): BundleReply {
  try {
    return { id, bundle: makeBundle(path, directory, transform) };
  } catch (thrown) {
    if (thrown instanceof LoadError) {
      const { file, line, reason } = thrown;
      return { id, failure: { file, line, reason } };
    }
    return {
      id,
      failure: { file: path, line: undefined, reason: thrown instanceof Error ? thrown.message : String(thrown) },
    };
  }
}
