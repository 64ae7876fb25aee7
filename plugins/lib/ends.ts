// Members with times to live of their own: an index of their names by when they end. What a member has besides its name is in a table next to
// the index. A member that has ended counts no more, whether removed or not. Used by ../ttlset.ts and ../session.ts, the constant by
// ../gcra.ts and ttl.ts too; an example is in ../README.md.

import type { CallContext, OrderedIndex } from 'cacheismo';

/** The most seconds that `call.expire` takes. */
export const MOST_TTL_SECONDS = 0xffff_ffff;
/** Members that have ended and are removed at a time, so that a call takes no longer when all of them end together. */
const MOST_REMOVED = 100;

/** The time that ends are compared with. */
export function nowOf(call: CallContext): number {
  return Math.floor(call.monotonicMs);
}

/** Milliseconds until a member ends; infinity for one without an end. */
export function leftOf(ends: OrderedIndex, member: string, now: number): number {
  return (ends.get(member) ?? Infinity) - now;
}

/** How many members have ended and are not removed. */
export function endedIn(ends: OrderedIndex, now: number): number {
  return ends.countBetween(0, now);
}

/** Removes some of the members that have ended, the first ones first. `forget` removes what they have besides their names. */
export function removeEnded(ends: OrderedIndex, now: number, forget?: (member: string) => void): void {
  for (let left = Math.min(MOST_REMOVED, endedIn(ends, now)); left > 0; left--) {
    const member = ends.popFirst()?.[0];
    if (member !== undefined) forget?.(member);
  }
}

/** Lets the object expire with its last member. Objects expire by whole seconds, of which the current one has begun. */
export function liveWithMembers(ends: OrderedIndex, now: number, call: CallContext): void {
  const seconds = Math.min(MOST_TTL_SECONDS, Math.ceil(((ends.last()?.[1] ?? now) - now) / 1000) + 1);
  if (call.ttlSeconds !== seconds) call.expire(seconds);
}
