// Gives the clients of `watch` their turns where the main thread serves, whose event loop has nothing else that comes by often enough. Data
// threads do it between their waits (data-thread.ts).

import type { Watchers } from '../../protocols/text/watchers.js';

/** As often as a data thread that has watchers. */
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
