// The last minutes of the statistics: what happened in each second, from the differences of counters.

import type { Stats } from './reply-shapes.js';

interface Second {
  readonly unixSeconds: number;
  readonly requests: number;
  readonly gets: number;
  readonly sets: number;
  readonly calls: number;
  /** Null if nothing was read. */
  readonly hitRatio: number | null;
  readonly evictions: number;
  readonly expirations: number;
  readonly usedBytes: number;
}

/** A choice: ten minutes. */
const MOST_SECONDS = 600;

export class History {
  readonly seconds: Second[] = [];
  last: Stats | undefined;

  add(stats: Stats): void {
    const { last } = this;
    this.last = stats;
    if (last === undefined) return;
    const second = between(last, stats);
    // After a restart of the server, or a reset of its statistics, counters begin anew.
    if (second === undefined) return;
    this.seconds.push(second);
    if (this.seconds.length > MOST_SECONDS) this.seconds.shift();
  }
}

function requestsOf({ commands }: Pick<Stats, 'commands'>): number {
  return commands.reduce((sum, { requests }) => sum + requests, 0);
}

function between(before: Stats, after: Stats): Second | undefined {
  const passed = (after.unixMs - before.unixMs) / 1000;
  const change = (name: string) => (after.values[name] ?? 0) - (before.values[name] ?? 0);
  const requests = requestsOf(after) - requestsOf(before);
  if (passed <= 0 || requests < 0 || change('uptime') < 0) return undefined;
  const [hits, misses] = [change('get_hits'), change('get_misses')];
  return {
    unixSeconds: after.unixMs / 1000,
    requests: requests / passed,
    gets: change('cmd_get') / passed,
    sets: change('cmd_set') / passed,
    calls: change('object_calls') / passed,
    hitRatio: hits + misses > 0 ? hits / (hits + misses) : null,
    evictions: change('evictions') / passed,
    expirations: change('reclaimed') / passed,
    usedBytes: after.values.used_bytes ?? 0,
  };
}
