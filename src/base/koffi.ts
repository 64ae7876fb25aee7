// Koffi, which calls functions of the C library. Loaded when it is first needed, and by `require`, since a data thread never loads ECMAScript
// modules, for which Node would have to prepare.

import { createRequire } from 'node:module';

/** Throws if it does not load here. */
export function loadKoffi(): typeof import('koffi') {
  return createRequire(import.meta.url)('koffi') as typeof import('koffi');
}
