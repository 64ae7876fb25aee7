// The calls of every member that methods in TypeScript use, and others whose cost depends on other sizes.

import type { PluginCall } from '../../../src/objects/calls/plugin-call.js';
import type { CallContext, Literal } from '../../../src/objects/types/object-type.js';
import type { ByteArrayView } from '../../../src/tables/bytes/byte-array-view.js';
import type { OrderedView } from '../../../src/tables/ordered/ordered-view.js';
import type { TableView } from '../../../src/tables/table-view.js';

export type Member = (self: TableView, call: CallContext, text: string) => unknown;

/** The call of each member. Its result is kept until the memory has been measured. */
export const OF_SELF: Readonly<Record<string, Member>> = {
  count: (self) => self.count,
  isList: (self) => self.isList,
  get: (self) => self.get('long'),
  set: (self, _call, text) => self.set('new', text),
  delete: (self, _call, text) => self.delete(text),
  add: (self) => self.add('number', 1),
  length: (self) => self.child('list').length,
  push: (self, _call, text) => self.child('list').push(text.slice(0, 60), 'a', { b: 1 }),
  pop: (self) => self.child('list').pop(),
  shift: (self) => self.child('list').shift(),
  splice: (self, _call, text) => self.child('list').splice(2, 3, text.slice(0, 60), [1, 2]),
  has: (self, _call, text) => self.has(text),
  child: (self) => self.child('nested'),
  ordered: (self) => self.ordered('index'),
  bytes: (self) => self.bytes('bytes'),
  entries: (self) => [...self.entries()],
  keys: (self) => [...self.keys()],
  values: (self) => [...self.values()],
  join: (self) => self.join('entries', ',', ':'),
  clear: (self) => self.clear(),
  nextKey: (self) => self.nextKey('long'),
  same: (self) => self.same(self),
  toJson: (self) => self.toJson(),
  toPlain: (self) => self.toPlain(),
  toObject: (self) => self.toObject(),
  toJSON: (self) => self.toJSON(),
};

/** Of an ordered index with some of the fields as members. */
export const OF_INDEX: Readonly<Record<string, (index: OrderedView, text: string) => unknown>> = {
  count: (index) => index.count,
  ties: (index) => index.ties,
  set: (index) => index.set('new', 500),
  get: (index) => index.get('m7'),
  highest: (index) => index.highest('f1,f2,none,f3', ','),
  delete: (index) => index.delete('m7'),
  rank: (index) => index.rank('m7', 'descending'),
  at: (index) => index.at(7),
  range: (index) => index.range(1, -1),
  members: (index) => index.members(1, -1, 'descending'),
  join: (index) => index.join(1, -1, 'descending', '\r\n', ' '),
  between: (index) => index.between(0, 500),
  countBetween: (index) => index.countBetween(0, 500),
  first: (index) => index.first(),
  last: (index) => index.last(),
  popFirst: (index) => index.popFirst(),
  popLast: (index) => index.popLast(),
  toObject: (index) => index.toObject(),
  toJSON: (index) => index.toJSON(),
  toJson: (index) => index.toJson(),
  toPlain: (index) => index.toPlain(),
};

export const INDEX_MEMBERS: Readonly<Record<string, Member>> = Object.fromEntries(
  Object.entries(OF_INDEX).map(([name, member]): [string, Member] => [
    name,
    (self, _call, text) => member(self.ordered('index'), text),
  ]),
);

/** Of a byte array with as many bytes as the longest text, most of which were written before. */
export const OF_BYTES: Readonly<Record<string, (array: ByteArrayView, text: string, other: ByteArrayView) => unknown>> =
  {
    length: (array) => array.length,
    getU8: (array) => array.getU8(7),
    setU8: (array) => array.setU8(7, 1),
    getU16: (array) => array.getU16(7),
    setU16: (array) => array.setU16(7, 1),
    getU32: (array) => array.getU32(7),
    setU32: (array) => array.setU32(7, 1),
    getF64: (array) => array.getF64(7),
    setF64: (array) => array.setF64(7, 1.5),
    getBit: (array) => array.getBit(7),
    setBit: (array) => array.setBit(7),
    setHashed: (array) => array.setHashed(7, 8, 255),
    hasHashed: (array) => array.hasHashed(7, 8, 255),
    countBits: (array) => array.countBits(),
    read: (array) => array.read(),
    write: (array, text) => array.write(0, text),
    fill: (array) => array.fill(7),
    compare: (array, _text, other) => array.compare(other),
    orWith: (array, _text, other) => array.orWith(other),
    maxWith: (array, _text, other) => array.maxWith(other),
    toObject: (array) => array.toObject(),
    toJSON: (array) => array.toJSON(),
    toJson: (array) => array.toJson(),
    toPlain: (array) => array.toPlain(),
  };

export const BYTES_MEMBERS: Readonly<Record<string, Member>> = Object.fromEntries(
  Object.entries(OF_BYTES).map(([name, member]): [string, Member] => [
    name,
    (self, _call, text) => member(self.bytes('bytes', text.length), text, self.bytes('other', text.length)),
  ]),
);

export const OF_CALL: Readonly<Record<string, Member>> = {
  now: (_self, call) => call.now,
  key: (_self, call) => call.key,
  config: (_self, call) => call.config,
  type: (_self, call) => call.type,
  existed: (_self, call) => call.existed,
  isNew: (_self, call) => call.isNew,
  unixMs: (_self, call) => call.unixMs,
  monotonicMs: (_self, call) => call.monotonicMs,
  sequence: (_self, call) => call.sequence(),
  random: (_self, call) => call.random(),
  randomKey: (self, call) => call.randomKey(self),
  hash64: (_self, call, text) => call.hash64(text),
  words: (_self, call, text) => call.words('OK', text, 1e15),
  ttlSeconds: (_self, call) => call.ttlSeconds,
  resultLimitBytes: (_self, call) => call.resultLimitBytes,
  refuse: (_self, call, text) => call.refuse(text),
  open: (_self, call, text) => call.open(text, text),
  exists: (_self, call) => call.exists('t', 'k'),
  create: (_self, call) => call.create('t', 'made'),
  remove: (_self, call) => call.remove('t', 'made'),
  invoke: (_self, call) => call.invoke('t', 'callee', 'made'),
  value: (_self, call) => call.value('plain'),
  setValue: (_self, call, text) => call.setValue('made', text.slice(0, 1_000_000)),
  deleteValue: (_self, call) => call.deleteValue('plain'),
  expire: (_self, call) => call.expire(10),
  pin: (_self, call) => call.pin(),
  unpin: (_self, call) => call.unpin(),
  abandon: (_self, call) => call.abandon(),
  log: (_self, call, text) => call.log(text),
  utf8Encode: (_self, call, text) => call.utf8Encode(text),
  utf8Decode: (_self, call, text) => call.utf8Decode(text),
  toJSON: (_self, call) => (call as PluginCall).toJSON(),
};

const OBJECT = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`f${n}`, n]));

/** Other calls of them, whose cost depends on other sizes. */
export const FURTHER: Readonly<Record<string, Member>> = {
  'exists of many': (_self, call) => {
    for (let index = 0; index < 1000; index++) call.exists('t', `none${index}`);
  },
  'open with a long key': (_self, call, text) => call.open('t', text),
  'open with a long access': (_self, call, text) => call.open('t', 'k', text as 'read'),
  'open of many objects with long keys': (_self, call) => {
    for (let index = 0; index < 100; index++) call.open('t', `${'k'.repeat(200)}${index}`, 'upsert');
  },
  'create over what was made': (_self, call) => {
    for (let index = 0; index < 100; index++) call.create('t', 'made');
  },
  'remove of what was made': (_self, call) => {
    for (let index = 0; index < 50; index++) {
      call.create('t', `made${index}`);
      call.remove('t', `made${index}`);
    }
  },
  'invoke of a short method': (_self, call) => {
    for (let index = 0; index < 100; index++) call.invoke('t', 'callee', 'made');
  },
  'invoke with a long text': (_self, call, text) => call.invoke('t', 'callee', 'made', { text }),
  'invoke with a list': (_self, call) => call.invoke('t', 'counter', 'made', { list: Object.values(OBJECT) }),
  'invoke of what returns its object': (_self, call) => call.invoke('t', 'whole', 'k'),
  'long keys': (_self, call, text) => {
    const uses = [
      () => call.exists('t', text),
      () => call.create('t', text),
      () => call.remove('t', text),
      () => call.value(text),
      () => call.setValue(text, 'x'),
      () => call.open('t', text, 'upsert'),
    ];
    for (const use of uses) {
      try {
        use();
      } catch {}
    }
  },
  'setValue of many': (_self, call) => {
    for (let index = 0; index < 200; index++) call.setValue(`made${index}`, 'x');
  },
  'set of an object': (self) => self.set('new', OBJECT),
  'set of a list of texts': (self, _call, text) => self.set('new', [text.slice(0, 5000), text.slice(0, 100_000)]),
  'splice that takes all': (self) => self.child('list').splice(1),
  'shift of tables': (self) => self.child('tables').shift(),
  'add to a new field': (self) => self.add('new', 0.5),
  'set of a nested table': (self) => self.set('new', self.child('nested') as unknown as Literal),
  'set of numbers in a row': (self) => {
    for (let index = 0; index < 500; index++) self.set(index, index);
  },
  'fill of a byte array that was never written to': (self, _call, text) => self.bytes('new', text.length).fill(1),
  'bits in new parts of a byte array': (self, _call, text) => {
    const array = self.bytes('new', text.length);
    for (let offset = 0; offset < text.length; offset += 1024) array.setBit(offset * 8);
  },
  'bits of hashes in new parts of a byte array': (self, _call, text) => {
    const array = self.bytes('new', text.length);
    for (let word = 0; word < 100; word++) array.setHashed(word * 40_000_000, word, 10);
  },
  'numbers in two parts of a byte array': (self, _call, text) => {
    const array = self.bytes('bytes', text.length);
    for (let offset = 1020; offset < text.length - 8; offset += 1024) array.setF64(offset, array.getF64(offset) + 1);
  },
  'union of a byte array that was never written to': (self, _call, text) =>
    self.bytes('new', text.length).orWith(self.bytes('other', text.length)),
  'delete of all': (self) => {
    for (const key of self.keys()) self.delete(key);
  },
  'nextKey over all': (self) => {
    for (let key = self.nextKey(undefined); key !== undefined; key = self.nextKey(key));
  },
  'join of keys': (self, _call, text) => self.join('keys', text.slice(0, 1000)),
  'entries of a nested table': (self) => [...self.child('nested').entries()],
};

/** Those that end the call. */
export const ENDING: Readonly<Record<string, Member>> = {
  'invoke of a method that there is not': (_self, call, text) => call.invoke('t', text, 'made'),
  'invoke with a long key': (_self, call, text) => call.invoke('t', 'callee', text),
  'invoke with a long name of an argument': (_self, call, text) => call.invoke('t', 'callee', 'made', { [text]: 1 }),
  'invoke of a method that fails': (_self, call) => call.invoke('t', 'failing', 'made'),
};

/** By what they belong to. */
export const GROUPS: Readonly<Record<string, Readonly<Record<string, Member>>>> = {
  'a member of self': OF_SELF,
  'a member of an ordered index': INDEX_MEMBERS,
  'a member of a byte array': BYTES_MEMBERS,
  'a member of call': OF_CALL,
  'a use of a member': FURTHER,
  'a use that ends the call': ENDING,
};
