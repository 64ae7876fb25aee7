// Replacements for timers in a plugin's modules: functions that throw an error. A data thread waits in epoll_wait and runs no timers, and a
// plugin must behave alike on both transports. Packages in node_modules keep the real timers.

import { REPLACED_GLOBALS } from './bundle.js';

export const TIMER_MODULES: ReadonlySet<string> = new Set([
  'timers',
  'node:timers',
  'timers/promises',
  'node:timers/promises',
]);

/** Values for REPLACED_GLOBALS. */
export function replacedGlobals(): unknown[] {
  return REPLACED_GLOBALS.map(refusal);
}

export function timersRefused(name: string): never {
  throw new Error(`${name} is not available in an object type: calls are synchronous, nothing can run after them`);
}

function refusal(name: string): () => never {
  return () => timersRefused(name);
}
