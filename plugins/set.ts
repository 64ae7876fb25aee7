// A set of byte strings. Not for ordered sets: members come in the order in which they were put.

import { type CallContext, defineType, type Key, method, type Table } from 'cacheismo';
import { ttl } from './lib/ttl.js';

const LINE_END = '\r\n';
const NO_OBJECT = 'ERROR_CACHE_MISS';

/** Members of one set that are, or are not, in the other. */
function filtered(self: Table, other: Table, wanted: boolean): string {
  let lines = '';
  for (const member of self.keys()) if (other.has(member) === wanted) lines += member + LINE_END;
  return lines;
}

/** A page of members that begins with this one. */
function page(self: Table, first: Key | undefined, count: number): string {
  let lines = '';
  let member = first;
  for (let left = count; left > 0 && member !== undefined; left--) {
    lines += member + LINE_END;
    member = self.nextKey(member);
  }
  return lines;
}

/** A walk over this many members takes as long as drawing a few of them one by one. */
const WALKED = 1000;
const FEW = 16;

/** Different members, drawn one by one. */
function drawnKeys(self: Table, count: number, call: CallContext): Set<Key> {
  const keys = new Set<Key>();
  while (keys.size < count) keys.add(call.randomKey(self) as Key);
  return keys;
}

/** Different whole numbers below `end`, drawn at random; all of them if there are no more than `count` (Floyd's algorithm). */
function drawn(count: number, end: number, call: CallContext): Set<number> {
  const numbers = new Set<number>();
  for (let largest = Math.max(0, end - count); largest < end; largest++) {
    const number = Math.floor(call.random() * (largest + 1));
    numbers.add(numbers.has(number) ? largest : number);
  }
  return numbers;
}

/** Makes the call's own set anew, with members chosen from the sets under these keys, and returns their number. It may be one of those sets,
    which is why the members are collected first. */
function remade(
  keys: readonly string[],
  call: CallContext,
  membersOf: (first: Table, others: readonly Table[]) => readonly Key[],
): string | number {
  const sets = keys.map((key) => call.open('set', key));
  if (!sets.every((set) => set !== undefined)) return NO_OBJECT;
  const [first, ...others] = sets;
  const members = membersOf(first, others);
  const set = call.create('set', call.key);
  for (const member of members) set.set(member, true);
  return set.count;
}

const MEMBERS = { members: { type: 'array', items: { type: 'string' } } } as const;
const SETS = { sets: { type: 'array', items: { type: 'string' }, minItems: 1 } } as const;
const SOME = { count: { type: 'integer', minimum: 0, default: 1 } } as const;

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
      parameters: MEMBERS,
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
    deletemany: method({
      access: 'write',
      summary: 'removes the members of a JSON array; returns how many of them were there',
      parameters: MEMBERS,
      run(self, { members }) {
        const before = self.count;
        for (const member of members) self.delete(member);
        return before - self.count;
      },
    }),
    pop: method({
      access: 'write',
      summary: 'removes the members that were put first, and returns them, one per line',
      parameters: SOME,
      run(self, { count }) {
        let lines = '';
        let left = count;
        for (const member of self.keys()) {
          if (left-- === 0) break;
          lines += member + LINE_END;
          self.delete(member);
        }
        return lines;
      },
    }),
    exist: exists,
    exists,
    existsmany: method({
      access: 'read',
      summary: 'EXISTS or NOT_FOUND for each member of a JSON array, one per line',
      parameters: MEMBERS,
      run(self, { members }) {
        let lines = '';
        for (const member of members) lines += (self.has(member) ? 'EXISTS' : 'NOT_FOUND') + LINE_END;
        return lines;
      },
    }),
    random: method({
      access: 'read',
      summary:
        'different members drawn at random, one per line; for more than 16, and more than one in 1000, it walks over the set',
      parameters: SOME,
      run(self, { count }, call) {
        let lines = '';
        if (self.count > WALKED && count <= Math.max(FEW, self.count / WALKED)) {
          for (const member of drawnKeys(self, count, call)) lines += member + LINE_END;
          return lines;
        }
        const positions = drawn(count, self.count, call);
        let position = 0;
        for (const member of self.keys()) {
          if (positions.size === 0) break;
          if (positions.delete(position++)) lines += member + LINE_END;
        }
        return lines;
      },
    }),
    scan: method({
      access: 'read',
      summary: 'the first page of members, one per line',
      parameters: { count: { type: 'integer', minimum: 1, default: 100 } },
      run: (self, { count }) => page(self, self.nextKey(), count),
    }),
    scanafter: method({
      access: 'read',
      summary: 'the page after a member, the last one of the page before; NOT_FOUND if it is not there any more',
      parameters: { count: { type: 'integer', minimum: 1 }, member: { type: 'string' } },
      run: (self, { count, member }) => (self.has(member) ? page(self, self.nextKey(member), count) : 'NOT_FOUND'),
    }),
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
    unionof: method({
      access: 'upsert',
      summary: 'makes the set anew, with the members of the sets under these keys; returns their number',
      parameters: SETS,
      run: (_self, { sets }, call) =>
        remade(sets, call, (first, others) => [first, ...others].flatMap((set) => [...set.keys()])),
    }),
    intersectionof: method({
      access: 'upsert',
      summary: 'the same with the members that all of them have',
      parameters: SETS,
      run: (_self, { sets }, call) =>
        remade(sets, call, (first, others) =>
          [...first.keys()].filter((member) => others.every((other) => other.has(member))),
        ),
    }),
    differenceof: method({
      access: 'upsert',
      summary: 'the same with the members of the first that no other has',
      parameters: SETS,
      run: (_self, { sets }, call) =>
        remade(sets, call, (first, others) =>
          [...first.keys()].filter((member) => !others.some((other) => other.has(member))),
        ),
    }),
    ttl,
  },
});
