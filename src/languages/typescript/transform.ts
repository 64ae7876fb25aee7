// TypeScript to CommonJS, module by module, with unchanged line numbers. A light compiler, which starts in a tenth of a second, handles
// nearly every file; syntax that it does not support, and syntax errors, go to the full one (thorough-transform.ts). Importing this file
// takes some 20 MB, so it is for short-lived threads and for the build.

import { Script } from 'node:vm';
import { transform as transformLightly } from 'sucrase';
import { functionText, type Transform } from './bundle.js';
import { thoroughTransform } from './thorough-transform.js';

/** The light compiler drops these silently. */
const NAMESPACE = /\b(?:namespace|module)\s+[\w$.]+\s*\{/;

export const transform: Transform = (source, path) => {
  const code = NAMESPACE.test(source) ? undefined : lightTransform(source, path);
  return code === undefined ? thoroughTransform(source, path) : { code };
};

/** Undefined for text that the light compiler rejects, such as syntax errors, and for syntax that it keeps and no engine supports, such
    as decorators and import.meta. */
function lightTransform(source: string, path: string): string | undefined {
  try {
    // Syntax newer than the compiler is left to the engine.
    const { code } = transformLightly(source, { transforms: ['typescript', 'imports'], disableESTransforms: true });
    new Script(functionText(code), { filename: path });
    return code;
  } catch {
    return undefined;
  }
}
