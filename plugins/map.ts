// A map of byte strings to byte strings or numbers.

import { defineType, type Key, method, type Table } from 'cacheismo';
import { ttl } from './lib/ttl.js';

const LINE_END = '\r\n';
const BETWEEN = ' : ';
const NUMBER = /^[+-]?\d{1,16}(\.\d{1,20})?$/;

function line(self: Table, k: Key): string {
  return k + BETWEEN + String(self.get(k)) + LINE_END;
}

/** A page of pairs that begins with that of this key. */
function page(self: Table, first: Key | undefined, count: number): string {
  let lines = '';
  let k = first;
  for (let left = count; left > 0 && k !== undefined; left--) {
    lines += line(self, k);
    k = self.nextKey(k);
  }
  return lines;
}

const KEYS = { keys: { type: 'array', items: { type: 'string' } } } as const;

export default defineType({
  name: 'map',
  summary: 'a map of byte strings',
  missing: 'value',
  methods: {
    new: method({ access: 'create', summary: 'makes an empty map', run: () => 'CREATED' }),
    put: method({
      access: 'write',
      summary: 'sets the value of a key',
      parameters: { k: { type: 'string' }, v: { type: 'string' } },
      run(self, { k, v }) {
        self.set(k, v);
        return 'SUCCESS';
      },
    }),
    putmany: method({
      access: 'write',
      summary: 'sets the values of several keys, which are the fields of a JSON object: texts or numbers',
      parameters: { pairs: { type: 'object' } },
      run(self, { pairs }, call) {
        for (const [k, v] of Object.entries(pairs)) {
          if (typeof v !== 'string' && !Number.isFinite(v))
            call.refuse(`the value of ${k} is neither a text nor a number`);
          self.set(k, v as string | number);
        }
        return 'SUCCESS';
      },
    }),
    putifabsent: method({
      access: 'write',
      summary: 'SUCCESS, or EXISTS and nothing is set',
      parameters: { k: { type: 'string' }, v: { type: 'string' } },
      run(self, { k, v }) {
        if (self.has(k)) return 'EXISTS';
        self.set(k, v);
        return 'SUCCESS';
      },
    }),
    incr: method({
      access: 'write',
      summary: 'adds a number to the value of a key, which starts at 0; returns the sum',
      parameters: { k: { type: 'string' }, n: { type: 'number', default: 1 } },
      run(self, { k, n }, call) {
        const value = self.get(k) ?? 0;
        const before = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
        if (typeof before !== 'number') return call.refuse(`the value of ${k} is not a number`);
        const sum = before + n;
        if (Math.abs(sum) > Number.MAX_SAFE_INTEGER) call.refuse(`the value of ${k} would be too large`);
        self.set(k, sum);
        return sum;
      },
    }),
    delete: method({
      access: 'write',
      summary: 'removes a key',
      parameters: { k: { type: 'string' } },
      run(self, { k }) {
        self.delete(k);
        return 'SUCCESS';
      },
    }),
    deletemany: method({
      access: 'write',
      summary: 'removes the keys of a JSON array; returns how many of them were there',
      parameters: KEYS,
      run(self, { keys }) {
        const before = self.count;
        for (const k of keys) self.delete(k);
        return before - self.count;
      },
    }),
    get: method({
      access: 'read',
      summary: 'key and value, or NOT_FOUND',
      parameters: { k: { type: 'string' } },
      run(self, { k }) {
        const value = self.get(k);
        return value === undefined ? 'NOT_FOUND' : k + BETWEEN + String(value);
      },
    }),
    getmany: method({
      access: 'read',
      summary: 'keys and values of those keys of a JSON array that are there, a line for each pair',
      parameters: KEYS,
      run(self, { keys }) {
        let lines = '';
        for (const k of keys) if (self.has(k)) lines += line(self, k);
        return lines;
      },
    }),
    scan: method({
      access: 'read',
      summary: 'the first page of keys and values, a line for each pair',
      parameters: { count: { type: 'integer', minimum: 1, default: 100 } },
      run: (self, { count }) => page(self, self.nextKey(), count),
    }),
    scanafter: method({
      access: 'read',
      summary: 'the page after a key, the last one of the page before; NOT_FOUND if it is not there any more',
      parameters: { count: { type: 'integer', minimum: 1 }, k: { type: 'string' } },
      run: (self, { count, k }) => (self.has(k) ? page(self, self.nextKey(k), count) : 'NOT_FOUND'),
    }),
    count: method({ access: 'read', summary: 'the number of keys', run: (self) => self.count }),
    getkeys: method({ access: 'read', summary: 'the keys, one per line', run: (self) => self.join('keys', LINE_END) }),
    getvalues: method({
      access: 'read',
      summary: 'the values, one per line',
      run: (self) => self.join('values', LINE_END),
    }),
    getall: method({
      access: 'read',
      summary: 'keys and values, a line for each pair',
      run: (self) => self.join('entries', LINE_END, BETWEEN),
    }),
    ttl,
  },
});
