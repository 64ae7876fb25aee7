// Gives the clients of `watch` their turns if the main thread serves, since nothing else in its event loop runs often enough. Data threads
// do this between their waits (deferred-work.ts).

import type { Watchers } from '../../protocols/text/watchers.js';

/** The interval of a data thread with watchers. */
const TURN_MS = 50;

export function giveTurns(watchers: Watchers): void {
  let timer: NodeJS.Timeout | undefined;
  const wake = (): void => {
    watchers.wake();
    if (!watchers.isEmpty) return;
    clearInterval(timer);
    timer = undefined;
  };
  watchers.onAdded = () => {
    timer ??= setInterval(wake, TURN_MS).unref();
  };
}
