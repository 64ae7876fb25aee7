// A set whose members end by themselves, each after a time of its own: who is present, which addresses are blocked.
//
// Evictable: an evicted set is missing; members come back with their next `add`. A member takes 62 bytes if its name has 13 or less. Each method
// takes O(log n), and drops some members that have ended. The object expires with its last member.
//
// Field: ends, an index of members by when they end, in monotonic milliseconds. Those that have ended count no more, whether dropped or not.

import { defineType, method, type Table } from 'cacheismo';
import { endedIn, liveWithMembers, nowOf, removeEnded } from './lib/ends.js';

const LINE_END = '\r\n';
const MOST_MS = 2 ** 41;
const MOST_LINES = 1000;

function countOf(self: Table, now: number): number {
  const ends = self.ordered('ends');
  return ends.count - endedIn(ends, now);
}

const MEMBER = { type: 'string', minLength: 1, maxLength: 900, pattern: '^[^\\r\\n]*$' } as const;

export default defineType({
  name: 'ttlset',
  summary: 'a set whose members end by themselves',
  methods: {
    add: method({
      access: 'upsert',
      summary: 'OK and the number of members; the member ends after ms milliseconds from now',
      parameters: { member: MEMBER, ms: { type: 'integer', minimum: 1, maximum: MOST_MS } },
      run(self, { member, ms }, call) {
        const now = nowOf(call);
        const ends = self.ordered('ends');
        ends.set(member, now + ms);
        removeEnded(ends, now);
        liveWithMembers(ends, now, call);
        return `OK ${countOf(self, now)}`;
      },
    }),
    has: method({
      access: 'read',
      summary: 'the milliseconds that a member has left; 0 if it is not there',
      parameters: { member: MEMBER },
      run: (self, { member }, call) => Math.max(0, (self.ordered('ends').get(member) ?? 0) - nowOf(call)),
    }),
    count: method({
      access: 'read',
      summary: 'the number of members',
      run: (self, _none, call) => countOf(self, nowOf(call)),
    }),
    members: method({
      access: 'read',
      summary: 'the members in lines, the last one to end first',
      parameters: { n: { type: 'integer', minimum: 0, maximum: MOST_LINES, default: MOST_LINES } },
      run(self, { n }, call) {
        const now = nowOf(call);
        return self.ordered('ends').join(1, Math.min(n, countOf(self, now)), 'descending', LINE_END);
      },
    }),
    remove: method({
      access: 'write',
      summary: 'OK and how many members were removed: 1 or 0',
      parameters: { member: MEMBER },
      run(self, { member }, call) {
        const now = nowOf(call);
        const ends = self.ordered('ends');
        const isThere = (ends.get(member) ?? 0) > now;
        ends.delete(member);
        removeEnded(ends, now);
        return `OK ${isThere ? 1 : 0}`;
      },
    }),
  },
});
