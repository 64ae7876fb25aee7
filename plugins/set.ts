// A set of byte strings. Not for ordered sets: members come in the order in which they were put.

import { defineType, method, type Table } from 'cacheismo';

const LINE_END = '\r\n';
const NO_OBJECT = 'ERROR_CACHE_MISS';

/** Members of one set that are, or are not, in the other. */
function filtered(self: Table, other: Table, wanted: boolean): string {
  let lines = '';
  for (const member of self.keys()) if (other.has(member) === wanted) lines += member + LINE_END;
  return lines;
}

const exists = method({
  access: 'read',
  summary: 'EXISTS or NOT_FOUND',
  parameters: { member: { type: 'string' } },
  run: (self, { member }) => (self.has(member) ? 'EXISTS' : 'NOT_FOUND'),
});

export default defineType({
  name: 'set',
  summary: 'a set of byte strings',
  missing: 'value',
  methods: {
    new: method({ access: 'create', summary: 'makes an empty set', run: () => 'CREATED' }),
    put: method({
      access: 'write',
      summary: 'adds a member',
      parameters: { member: { type: 'string' } },
      run(self, { member }) {
        self.set(member, true);
        return 'SUCCESS';
      },
    }),
    putall: method({
      access: 'write',
      summary: 'adds the members of a JSON array',
      parameters: { members: { type: 'array', items: { type: 'string' } } },
      run(self, { members }) {
        for (const member of members) self.set(member, true);
        return 'SUCCESS';
      },
    }),
    delete: method({
      access: 'write',
      summary: 'removes a member',
      parameters: { member: { type: 'string' } },
      run(self, { member }) {
        self.delete(member);
        return 'SUCCESS';
      },
    }),
    exist: exists,
    exists,
    count: method({ access: 'read', summary: 'the number of members', run: (self) => self.count }),
    getall: method({
      access: 'read',
      summary: 'the members, one per line',
      run: (self) => self.join('keys', LINE_END),
    }),
    union: method({
      access: 'read',
      summary: 'the members of this and another set',
      parameters: { other: { type: 'string' } },
      run(self, { other }, call) {
        const second = call.open('set', other);
        return second === undefined ? NO_OBJECT : self.join('keys', LINE_END) + filtered(second, self, false);
      },
    }),
    intersection: method({
      access: 'read',
      summary: 'the members that another set has too',
      parameters: { other: { type: 'string' } },
      run(self, { other }, call) {
        const second = call.open('set', other);
        return second === undefined ? NO_OBJECT : filtered(self, second, true);
      },
    }),
    difference: method({
      access: 'read',
      summary: 'the members that another set does not have',
      parameters: { other: { type: 'string' } },
      run(self, { other }, call) {
        const second = call.open('set', other);
        return second === undefined ? NO_OBJECT : filtered(self, second, false);
      },
    }),
    ttl: method({
      access: 'write',
      summary: 'seconds left, -1 for no expiry; or sets them, 0 for no expiry',
      parameters: { seconds: { type: 'integer', minimum: -1, default: -1 } },
      run(_self, { seconds }, call) {
        if (seconds < 0) return call.ttlSeconds ?? -1;
        call.expire(seconds);
        return 'SUCCESS';
      },
    }),
  },
});
