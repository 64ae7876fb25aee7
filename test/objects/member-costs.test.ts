// Members that methods in TypeScript use charge for their work in advance: every member of `self` and of `call`, on objects and with
// arguments of all sizes up to the limits, stays within a bound of CPU time per charged step and of memory per charged byte. Scripts:
// test/languages/lua/cost.

import { describe, expect, test } from 'vitest';
import { PluginCall } from '../../src/objects/calls/plugin-call.js';
import { type CallContext, type Literal, method, type Table } from '../../src/objects/types/object-type.js';
import type { Budget } from '../../src/tables/budget.js';
import { ByteArrayView } from '../../src/tables/bytes/byte-array-view.js';
import { MethodError } from '../../src/tables/call-errors.js';
import { OrderedView } from '../../src/tables/ordered/ordered-view.js';
import { TableView } from '../../src/tables/table-view.js';
import { threadCpuMilliseconds } from '../bench/host/thread-clock.js';
import { CallHarness } from './call-harness.js';
import { type Cost, excess, heapBytes } from './cost-bars.js';
import { typeOf } from './types-for-tests.js';

const MEBIBYTE = 1024 * 1024;
/** One call is short, so it is measured after its code has been compiled. */
const FIRST_RUNS = 100;
/** A call that runs this long is compiled sooner. */
const FIRST_RUNS_MS = 500;
const MOST_RUNS = 60;

type Member = (self: TableView, call: CallContext, text: string) => unknown;

/** The call of each member. Its result is kept until the memory has been measured. */
const OF_SELF: Readonly<Record<string, Member>> = {
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
const OF_INDEX: Readonly<Record<string, (index: OrderedView, text: string) => unknown>> = {
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

const INDEX_MEMBERS: Readonly<Record<string, Member>> = Object.fromEntries(
  Object.entries(OF_INDEX).map(([name, member]): [string, Member] => [
    name,
    (self, _call, text) => member(self.ordered('index'), text),
  ]),
);

/** Of a byte array with as many bytes as the longest text, most of which were written before. */
const OF_BYTES: Readonly<Record<string, (array: ByteArrayView, text: string, other: ByteArrayView) => unknown>> = {
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

const BYTES_MEMBERS: Readonly<Record<string, Member>> = Object.fromEntries(
  Object.entries(OF_BYTES).map(([name, member]): [string, Member] => [
    name,
    (self, _call, text) => member(self.bytes('bytes', text.length), text, self.bytes('other', text.length)),
  ]),
);

const OF_CALL: Readonly<Record<string, Member>> = {
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
const FURTHER: Readonly<Record<string, Member>> = {
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
const ENDING: Readonly<Record<string, Member>> = {
  'invoke of a method that there is not': (_self, call, text) => call.invoke('t', text, 'made'),
  'invoke with a long key': (_self, call, text) => call.invoke('t', 'callee', text),
  'invoke with a long name of an argument': (_self, call, text) => call.invoke('t', 'callee', 'made', { [text]: 1 }),
  'invoke of a method that fails': (_self, call) => call.invoke('t', 'failing', 'made'),
};

const MEMBERS = { ...OF_SELF, ...OF_CALL };

/** Sizes of the object: its fields and the bytes of its longest text. */
const SIZES = [
  { fields: 60, bytes: 5000 },
  { fields: 2000, bytes: 100_000 },
];
const LARGE_FIELDS = 1000;
const FILLINGS = ['x'];
if (process.env.LONG_TESTS !== undefined) {
  SIZES.push({ fields: 3, bytes: 100 }, { fields: 1000, bytes: 900_000 });
  FILLINGS.push('\xff');
}

function fail(): never {
  throw new MethodError('refused');
}

/** An object of some size, and a method that measures one member on it repeatedly, since V8 optimizes code that runs often. */
class MemberRunner {
  readonly #harness: CallHarness;
  readonly #text: string;
  #withHeap = false;
  #isMade = false;
  #cost: Cost | undefined;

  constructor(
    private readonly member: Member,
    private readonly fields: number,
    bytes: number,
    filling: string,
  ) {
    this.#text = Buffer.alloc(bytes, filling, 'latin1').toString('latin1');
    const make = (self: Table, _args: never, call: CallContext): string => {
      call.setValue('plain', this.#text);
      for (let index = 0; index < fields; index++) self.set(`k${index}`, `${filling}${index}`);
      self.set('nested', { a: 1, b: { c: [1, 2, 'three'] } });
      self.set('long', this.#text);
      self.set('number', 254);
      for (let n = 1; n <= fields; n++) self.child('list').push(`${filling}${n}`);
      for (let n = 1; n <= fields / 10; n++) self.child('tables').push({ a: `${filling}${n}`, b: [n] });
      const index = self.ordered('index');
      for (let number = 0; number < fields; number++) index.set(`m${number}`, (number * 7919) % 1000);
      index.set(filling.repeat(900), 5);
      self.set('small', { number: 1, long: 'short', list: [1, 2, 3, 4, 5, 6], tables: [{ a: 1 }], nested: { a: 1 } });
      const ofSmall = self.child('small').ordered('index');
      for (let number = 0; number < 20; number++) ofSmall.set(`m${number}`, number);
      self.bytes('bytes', bytes).fill(0x5a, 0, bytes - 10);
      self.bytes('other', bytes).fill(0xa5, 10);
      return 'made';
    };
    const go = (self: Table, _args: never, call: CallContext): never => this.#measure(self as TableView, call);
    const methods = {
      new: method({ access: 'create', run: make }),
      go: method({ access: 'write', run: go }),
      whole: method({ access: 'read', run: (self) => self }),
      failing: method({ access: 'upsert', run: () => fail() }),
      callee: method({
        access: 'upsert',
        parameters: { text: { type: 'string', default: '' } },
        run: (_self, { text }) => text.length,
      }),
      counter: method({
        access: 'upsert',
        parameters: { list: { type: 'array' } },
        run: (_self, { list }) => list.length,
      }),
    };
    this.#harness = new CallHarness([typeOf('t', methods)], {
      arenaBytes: 16 * MEBIBYTE,
      resultLimitBytes: 4 * MEBIBYTE,
      budget: { steps: 1e9, bytes: 1e12, milliseconds: 60_000 },
    });
  }

  run(withHeap: boolean): Cost {
    this.#withHeap = withHeap;
    this.#cost = undefined;
    // A large one is the same after a run as before: to make it takes longer than most members. To make a small one compiles code, too.
    if (!this.#isMade) expect(this.#harness.get('t:new:k')).toBe('made');
    this.#isMade = this.fields >= LARGE_FIELDS;
    expect(this.#harness.get('t:go:k')).toMatch(/^CLIENT_ERROR /);
    if (this.#cost === undefined) throw new Error('the method was never reached');
    return this.#cost;
  }

  /** Making the object has evicted everything else from the processor's caches, which is not a cost of the member. */
  #fillCaches(self: TableView, call: CallContext): void {
    // The call would have ended.
    const isEnding = Object.values(ENDING).includes(this.member);
    const member = isEnding ? FURTHER['invoke of a short method'] : this.member === OF_CALL.refuse ? fail : this.member;
    const small = self.child('small') as TableView;
    for (let time = 0; time < 3; time++) {
      try {
        member(small, call, 'short, but longer than a number is');
        fail();
      } catch {
        threadCpuMilliseconds();
      }
    }
  }

  /** Fails in the end, which undoes what the member has done. */
  #measure(self: TableView, call: CallContext): never {
    const budget: Budget = this.#harness.calls.invocation.budget;
    this.#fillCaches(self, call);
    const { stepsLeft, bytesLeft } = budget;
    const heap = this.#withHeap ? heapBytes() : 0;
    let kept: unknown;
    const startMs = threadCpuMilliseconds();
    try {
      kept = this.member(self, call, this.#text);
    } catch (error) {
      // A refused call must not cost more.
      kept = error;
    }
    const cpuMicroseconds = (threadCpuMilliseconds() - startMs) * 1000;
    const grownBytes = this.#withHeap ? heapBytes() - heap : 0;
    this.#cost = {
      cpuMicroseconds,
      steps: stepsLeft - budget.stepsLeft,
      bytes: bytesLeft - budget.bytesLeft,
      grownBytes,
    };
    throw new MethodError(kept === undefined ? 'nothing' : 'something');
  }
}

test('every member that a plugin reaches is measured', () => {
  const names = [TableView, PluginCall].flatMap((type) => Object.getOwnPropertyNames(type.prototype));
  expect([...new Set(names)].filter((name) => name !== 'constructor').sort()).toEqual(Object.keys(MEMBERS).sort());
  const ofIndex = Object.getOwnPropertyNames(OrderedView.prototype).filter((name) => name !== 'constructor');
  expect(ofIndex.sort()).toEqual(Object.keys(OF_INDEX).sort());
  const ofBytes = Object.getOwnPropertyNames(ByteArrayView.prototype).filter((name) => name !== 'constructor');
  expect(ofBytes.sort()).toEqual(Object.keys(OF_BYTES).sort());
});

describe.each([
  ['a member of self', OF_SELF],
  ['a member of an ordered index', INDEX_MEMBERS],
  ['a member of a byte array', BYTES_MEMBERS],
  ['a member of call', OF_CALL],
  ['a use of a member', FURTHER],
  ['a use that ends the call', ENDING],
])('%s charges what it costs:', (_, members) => {
  test.each(Object.entries(members))('%s', (_name, member) => {
    // Runs until its code is compiled.
    const first = new MemberRunner(member, 3, 100, 'x');
    const endMs = threadCpuMilliseconds() + FIRST_RUNS_MS;
    for (let run = 0; run < FIRST_RUNS && threadCpuMilliseconds() < endMs; run++) first.run(false);
    const excesses = SIZES.flatMap(({ fields, bytes }) =>
      FILLINGS.flatMap((filling) => {
        const runner = new MemberRunner(member, fields, bytes, filling);
        const found = excess((withHeap) => runner.run(withHeap), MOST_RUNS);
        return found === undefined ? [] : [`${fields} fields, ${bytes} bytes of ${filling}: ${found}`];
      }),
    );
    expect(excesses).toEqual([]);
  });
});
