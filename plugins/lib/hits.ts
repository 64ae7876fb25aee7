// The times of hits in a log, by numbers that rise. The type: ../window.ts.

import type { TypedTable } from 'cacheismo';

/** Times by number, and the numbers of the first and the last one. */
export type Hits = Record<number | 'first' | 'last', number>;

export const MOST_LOGGED = 1000;

/** The number of the first hit after that time. Times rise with the numbers. */
export function firstWithin(hits: TypedTable<Hits>, since: number): number {
  let first = hits.get('first') ?? 1;
  for (let end = (hits.get('last') ?? 0) + 1; first < end; ) {
    const middle = (first + end) >>> 1;
    if ((hits.get(middle) ?? 0) > since) end = middle;
    else first = middle + 1;
  }
  return first;
}

/** Adds hits or, for a negative n, removes the latest. */
export function changeHits(hits: TypedTable<Hits>, now: number, period: number, n: number): void {
  const within = firstWithin(hits, now - period);
  const before = hits.get('last') ?? 0;
  const last = Math.max(within - 1, before + n);
  const first = Math.max(within, last - MOST_LOGGED + 1);
  // Clearing the log takes one step, however many hits it has.
  if (first > before) hits.clear();
  else for (let hit = hits.get('first') ?? 1; hit < first; hit++) hits.delete(hit);
  for (let hit = before + 1; hit <= last; hit++) hits.set(hit, now);
  for (let hit = last + 1; hit <= before; hit++) hits.delete(hit);
  hits.set('first', first);
  hits.set('last', last);
}
