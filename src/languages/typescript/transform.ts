// TypeScript to CommonJS, module by module, line by line. A light compiler does it for nearly every file, ready in a tenth of a second from
// cold; what it leaves out, and whatever is wrong, goes to the thorough one. Importing this file takes some 20 MB, so it is for short-lived
// threads and for the build.

import { Script } from 'node:vm';
import { transform as transformLightly } from 'sucrase';
import { functionText, type Transform } from './bundle.js';
import { thoroughTransform } from './thorough-transform.js';

/** The light compiler drops these without a word. */
const NAMESPACE = /\b(?:namespace|module)\s+[\w$.]+\s*\{/;

export const transform: Transform = (source, path) => {
  const code = NAMESPACE.test(source) ? undefined : lightTransform(source, path);
  return code === undefined ? thoroughTransform(source, path) : { code };
};

/** Undefined for what the light compiler does not take, such as mistakes, and for what it leaves as it is and no engine takes, such
    as decorators and import.meta. */
function lightTransform(source: string, path: string): string | undefined {
  try {
    // Syntax newer than TypeScript's own is left to the engine.
    const { code } = transformLightly(source, { transforms: ['typescript', 'imports'], disableESTransforms: true });
    new Script(functionText(code), { filename: path });
    return code;
  } catch {
    return undefined;
  }
}
