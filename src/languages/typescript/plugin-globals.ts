// What a plugin's modules see in place of timers: functions that say that there are none. A data thread sits in epoll_wait and runs no
// timers; so that a plugin means the same on both transports, no thread does. Packages in node_modules keep the real ones.

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
