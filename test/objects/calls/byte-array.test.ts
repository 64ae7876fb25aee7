// Byte arrays as methods use them: one type, written in both languages, and one list of calls and answers for both.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { type Literal, method, type Table } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';
import { type PlayedCall, playCalls, playRefusals } from './played-calls.js';

const offset = { type: 'number' } as const;
const value = { type: 'number' } as const;
const hashed = { high: value, low: value, count: value, from: { type: 'number', default: 0 } } as const;
const range = { offset: { type: 'number', default: 0 }, length: { type: 'number', default: -1 } } as const;

const bits = (self: Table) => self.bytes('bits');
const done = (_nothing: unknown) => 'OK';
const lengthIn = (length: number) => (length === -1 ? undefined : length);

function holding(self: Table, key: string, content: string | Literal): Table {
  self.set(key, content);
  return self;
}

/** What is wrong in each of these is checked by the array, since no schema has. */
const WRONG: Readonly<Record<string, (self: Table) => unknown>> = {
  none: (self) => self.bytes('none'),
  noBytes: (self) => self.bytes('new', 0),
  halfByte: (self) => self.bytes('new', 1.5),
  textAsLength: (self) => self.bytes('new', 'ten' as never),
  tooLong: (self) => self.bytes('new', 2 ** 29 + 1),
  moreThanMemory: (self) => self.bytes('new', 2 ** 29),
  otherLength: (self) => self.bytes('bits', 17),
  field: (self) => holding(self, 'text', 't').bytes('text', 16),
  table: (self) => holding(self, 'table', {}).bytes('table'),
  index: (self) => {
    self.ordered('index');
    return self.bytes('index', 16);
  },
  notAnIndex: (self) => self.ordered('bits'),
  child: (self) => self.child('bits'),
  noOffset: (self) => bits(self).getU8(undefined as never),
  beyond: (self) => bits(self).getU8(16),
  before: (self) => bits(self).setU8(-1, 0),
  fraction: (self) => bits(self).getU16(1.5),
  partlyBeyond: (self) => bits(self).setU32(13, 0),
  doubleBeyond: (self) => bits(self).getF64(9),
  textBeyond: (self) => bits(self).write(14, 'abc'),
  rangeBeyond: (self) => bits(self).read(10, 7),
  offsetBeyond: (self) => bits(self).read(17),
  negativeLength: (self) => bits(self).countBits(0, -1),
  fillBeyond: (self) => bits(self).fill(1, 10, 7),
  bitBeyond: (self) => bits(self).getBit(128),
  textAsBit: (self) => bits(self).setBit('1' as never),
  numberAsBit: (self) => bits(self).setBit(1, 1 as never),
  textAsHash: (self) => bits(self).setHashed('1' as never, 0, 1),
  negativeHash: (self) => bits(self).hasHashed(0, -1, 1),
  noBitsOfHash: (self) => bits(self).setHashed(0, 0, 0),
  manyBitsOfHash: (self) => bits(self).hasHashed(0, 0, 256),
  halfBitOfHash: (self) => bits(self).setHashed(0, 0, 1.5),
  hashBeyond: (self) => bits(self).setHashed(0, 0, 1, 16),
  largeU8: (self) => bits(self).setU8(0, 256),
  negative: (self) => bits(self).setU16(0, -1),
  fractionAsU32: (self) => bits(self).setU32(0, 0.5),
  nan: (self) => bits(self).setU8(0, Number.NaN),
  textAsNumber: (self) => bits(self).setF64(0, '1' as never),
  numberAsBytes: (self) => bits(self).write(0, 7 as never),
  textAsOther: (self) => bits(self).compare('abc' as never),
  tableAsOther: (self) => bits(self).orWith(holding(self, 'table', {}).child('table') as never),
  longerOther: (self) => bits(self).maxWith(self.bytes('other', 17)),
  copy: (self) => self.set('copy', self.get('bits') as never),
  copyWithin: (self) => {
    self.child('table').bytes('inner', 1);
    self.set('copy', self.child('table') as never);
  },
  gone: (self) => {
    const array = bits(self);
    self.delete('bits');
    return array.length;
  },
  replaced: (self) => {
    const array = bits(self);
    self.set('bits', {});
    return array.setBit(1);
  },
};

const TYPESCRIPT = typeOf('bits', {
  new: method({
    access: 'create',
    parameters: { length: { type: 'number' } },
    run(self, { length }) {
      self.bytes('bits', length);
      return 'CREATED';
    },
  }),
  bare: method({ access: 'create', run: (self) => holding(self, 'text', 't').get('none') ?? 'CREATED' }),
  length: method({ access: 'read', run: (self) => bits(self).length }),
  getu8: method({ access: 'read', parameters: { offset }, run: (self, args) => bits(self).getU8(args.offset) }),
  getu16: method({ access: 'read', parameters: { offset }, run: (self, args) => bits(self).getU16(args.offset) }),
  getu32: method({ access: 'read', parameters: { offset }, run: (self, args) => bits(self).getU32(args.offset) }),
  getf64: method({ access: 'read', parameters: { offset }, run: (self, args) => bits(self).getF64(args.offset) }),
  getbit: method({ access: 'read', parameters: { offset }, run: (self, args) => bits(self).getBit(args.offset) }),
  setu8: method({
    access: 'write',
    parameters: { offset, value },
    run: (self, args) => done(bits(self).setU8(args.offset, args.value)),
  }),
  setu16: method({
    access: 'write',
    parameters: { offset, value },
    run: (self, args) => done(bits(self).setU16(args.offset, args.value)),
  }),
  setu32: method({
    access: 'write',
    parameters: { offset, value },
    run: (self, args) => done(bits(self).setU32(args.offset, args.value)),
  }),
  setf64: method({
    access: 'write',
    parameters: { offset, value },
    run: (self, args) => done(bits(self).setF64(args.offset, args.value)),
  }),
  setbit: method({ access: 'write', parameters: { offset }, run: (self, args) => bits(self).setBit(args.offset) }),
  clearbit: method({
    access: 'write',
    parameters: { offset },
    run: (self, args) => bits(self).setBit(args.offset, false),
  }),
  sethashed: method({
    access: 'write',
    parameters: hashed,
    run: (self, { high, low, count, from }) => bits(self).setHashed(high, low, count, from),
  }),
  hashashed: method({
    access: 'read',
    parameters: hashed,
    run: (self, { high, low, count, from }) => bits(self).hasHashed(high, low, count, from),
  }),
  countbits: method({
    access: 'read',
    parameters: range,
    run: (self, args) => bits(self).countBits(args.offset, lengthIn(args.length)),
  }),
  read: method({
    access: 'read',
    parameters: range,
    run: (self, args) => bits(self).read(args.offset, lengthIn(args.length)),
  }),
  write: method({
    access: 'write',
    parameters: { offset, bytes: { type: 'string' } },
    run: (self, args) => done(bits(self).write(args.offset, args.bytes)),
  }),
  fill: method({
    access: 'write',
    parameters: { value, ...range },
    run: (self, args) => done(bits(self).fill(args.value, args.offset, lengthIn(args.length))),
  }),
  other: method({
    access: 'write',
    parameters: { length: value, bytes: { type: 'string' } },
    run: (self, args) => done(self.bytes('other', args.length).write(0, args.bytes)),
  }),
  compare: method({ access: 'read', run: (self) => bits(self).compare(self.bytes('other')) }),
  orwith: method({ access: 'write', run: (self) => done(bits(self).orWith(self.bytes('other'))) }),
  maxwith: method({ access: 'write', run: (self) => done(bits(self).maxWith(self.bytes('other'))) }),
  absent: method({
    access: 'read',
    run(self) {
      const array = self.bytes('absent', 3);
      return [array.length, array.getU16(1), array.getBit(7), array.read(), array.countBits(), array.compare(array)];
    },
  }),
  setabsent: method({ access: 'read', run: (self) => self.bytes('absent', 3).setBit(1) }),
  setread: method({ access: 'read', run: (self) => bits(self).setBit(1) }),
  whole: method({ access: 'read', run: (self) => bits(self) }),
  within: method({ access: 'read', run: (self) => [bits(self), { bits: bits(self) }] }),
  field: method({ access: 'read', run: (self) => self.get('bits') }),
  drop: method({ access: 'write', run: (self) => self.delete('bits') }),
  nest: method({
    access: 'write',
    run(self) {
      self.child('a').child('b').bytes('c', 4).setU32(0, 7);
      return self.child('a').child('b').bytes('c').getU32(0);
    },
  }),
  otherobject: method({
    access: 'write',
    parameters: { key: { type: 'string' } },
    run: (self, args, call) => done(bits(self).orWith(call.open('bits', args.key)?.bytes('bits') as never)),
  }),
  fail: method({
    access: 'write',
    run(self, _none, call) {
      bits(self).setBit(3);
      bits(self).setHashed(7, 7, 20);
      bits(self).write(1, 'xyz');
      bits(self).fill(9, 8);
      self.bytes('new', 100).setU8(1, 1);
      return call.refuse('on purpose');
    },
  }),
  wrong: method({
    access: 'write',
    parameters: { what: { type: 'string' } },
    run: (self, { what }) => WRONG[what]?.(self) as never,
  }),
});

const LUA = loadLuaType(
  Buffer.from(`
local function bits(self) return object.bytes(self, "bits") end
local offset = { name = "offset", type = "number" }
local value = { name = "value", type = "number" }
local hashed = { { name = "high", type = "number" }, { name = "low", type = "number" }, { name = "count", type = "number" },
  { name = "from", type = "number", default = 0 } }
local range = { { name = "offset", type = "number", default = 0 }, { name = "length", type = "number", default = -1 } }
local function lengthIn(length) if length ~= -1 then return length end end

local function getter(name)
  return { access = "read", parameters = { offset },
    run = function(self, args) local array = bits(self) return array[name](array, args.offset) end }
end
local function setter(name)
  return { access = "write", parameters = { offset, value },
    run = function(self, args) local array = bits(self) array[name](array, args.offset, args.value) return "OK" end }
end

local wrong = {
  none = function(self) return object.bytes(self, "none") end,
  noBytes = function(self) return object.bytes(self, "new", 0) end,
  halfByte = function(self) return object.bytes(self, "new", 1.5) end,
  textAsLength = function(self) return object.bytes(self, "new", "ten") end,
  tooLong = function(self) return object.bytes(self, "new", 2 ^ 29 + 1) end,
  moreThanMemory = function(self) return object.bytes(self, "new", 2 ^ 29) end,
  otherLength = function(self) return object.bytes(self, "bits", 17) end,
  field = function(self) self.text = "t" return object.bytes(self, "text", 16) end,
  table = function(self) self.table = {} return object.bytes(self, "table") end,
  index = function(self) object.ordered(self, "index") return object.bytes(self, "index", 16) end,
  notAnIndex = function(self) return object.ordered(self, "bits") end,
  noOffset = function(self) return bits(self):getU8() end,
  beyond = function(self) return bits(self):getU8(16) end,
  before = function(self) return bits(self):setU8(-1, 0) end,
  fraction = function(self) return bits(self):getU16(1.5) end,
  partlyBeyond = function(self) return bits(self):setU32(13, 0) end,
  doubleBeyond = function(self) return bits(self):getF64(9) end,
  textBeyond = function(self) return bits(self):write(14, "abc") end,
  rangeBeyond = function(self) return bits(self):read(10, 7) end,
  offsetBeyond = function(self) return bits(self):read(17) end,
  negativeLength = function(self) return bits(self):countBits(0, -1) end,
  fillBeyond = function(self) return bits(self):fill(1, 10, 7) end,
  bitBeyond = function(self) return bits(self):getBit(128) end,
  textAsBit = function(self) return bits(self):setBit("1") end,
  numberAsBit = function(self) return bits(self):setBit(1, 1) end,
  textAsHash = function(self) return bits(self):setHashed("1", 0, 1) end,
  negativeHash = function(self) return bits(self):hasHashed(0, -1, 1) end,
  noBitsOfHash = function(self) return bits(self):setHashed(0, 0, 0) end,
  manyBitsOfHash = function(self) return bits(self):hasHashed(0, 0, 256) end,
  halfBitOfHash = function(self) return bits(self):setHashed(0, 0, 1.5) end,
  hashBeyond = function(self) return bits(self):setHashed(0, 0, 1, 16) end,
  largeU8 = function(self) return bits(self):setU8(0, 256) end,
  negative = function(self) return bits(self):setU16(0, -1) end,
  fractionAsU32 = function(self) return bits(self):setU32(0, 0.5) end,
  nan = function(self) return bits(self):setU8(0, 0 / 0) end,
  textAsNumber = function(self) return bits(self):setF64(0, "1") end,
  numberAsBytes = function(self) return bits(self):write(0, 7) end,
  textAsOther = function(self) return bits(self):compare("abc") end,
  tableAsOther = function(self) self.table = {} return bits(self):orWith(self.table) end,
  longerOther = function(self) return bits(self):maxWith(object.bytes(self, "other", 17)) end,
  copy = function(self) self.copy = bits(self) end,
  copyWithin = function(self)
    self.table = {}
    object.bytes(self.table, "inner", 1)
    self.copy = self.table
  end,
  gone = function(self) local array = bits(self) self.bits = nil return array:length() end,
  replaced = function(self) local array = bits(self) self.bits = {} return array:setBit(1) end,
}

return {
  name = "bits",
  methods = {
    new = { access = "create", parameters = { { name = "length", type = "number" } },
      run = function(self, args) object.bytes(self, "bits", args.length) return "CREATED" end },
    bare = { access = "create", run = function(self) self.text = "t" return "CREATED" end },
    length = { access = "read", run = function(self) return #bits(self) end },
    getu8 = getter("getU8"), getu16 = getter("getU16"), getu32 = getter("getU32"), getf64 = getter("getF64"),
    getbit = getter("getBit"),
    setu8 = setter("setU8"), setu16 = setter("setU16"), setu32 = setter("setU32"), setf64 = setter("setF64"),
    setbit = { access = "write", parameters = { offset },
      run = function(self, args) return bits(self):setBit(args.offset) end },
    clearbit = { access = "write", parameters = { offset },
      run = function(self, args) return bits(self):setBit(args.offset, false) end },
    sethashed = { access = "write", parameters = hashed,
      run = function(self, args) return bits(self):setHashed(args.high, args.low, args.count, args.from) end },
    hashashed = { access = "read", parameters = hashed,
      run = function(self, args) return bits(self):hasHashed(args.high, args.low, args.count, args.from) end },
    countbits = { access = "read", parameters = range,
      run = function(self, args) return bits(self):countBits(args.offset, lengthIn(args.length)) end },
    read = { access = "read", parameters = range,
      run = function(self, args) return bits(self):read(args.offset, lengthIn(args.length)) end },
    write = { access = "write", parameters = { offset, { name = "bytes", type = "string" } },
      run = function(self, args) bits(self):write(args.offset, args.bytes) return "OK" end },
    fill = { access = "write", parameters = { value, range[1], range[2] },
      run = function(self, args) bits(self):fill(args.value, args.offset, lengthIn(args.length)) return "OK" end },
    other = { access = "write", parameters = { { name = "length", type = "number" }, { name = "bytes", type = "string" } },
      run = function(self, args) object.bytes(self, "other", args.length):write(0, args.bytes) return "OK" end },
    compare = { access = "read", run = function(self) return bits(self):compare(self.other) end },
    orwith = { access = "write", run = function(self) bits(self):orWith(self.other) return "OK" end },
    maxwith = { access = "write", run = function(self) bits(self):maxWith(self.other) return "OK" end },
    absent = { access = "read", run = function(self)
      local array = object.bytes(self, "absent", 3)
      return { array:length(), array:getU16(1), array:getBit(7), array:read(), array:countBits(), array:compare(array) }
    end },
    setabsent = { access = "read", run = function(self) return object.bytes(self, "absent", 3):setBit(1) end },
    setread = { access = "read", run = function(self) return bits(self):setBit(1) end },
    whole = { access = "read", run = function(self) return bits(self) end },
    within = { access = "read", run = function(self) return { bits(self), { bits = bits(self) } } end },
    field = { access = "read", run = function(self) return self.bits end },
    drop = { access = "write", run = function(self) return object.delete(self, "bits") end },
    nest = { access = "write", run = function(self)
      self.a = { b = {} }
      object.bytes(self.a.b, "c", 4):setU32(0, 7)
      return self.a.b.c:getU32(0)
    end },
    otherobject = { access = "write", parameters = { { name = "key", type = "string" } },
      run = function(self, args, call) bits(self):orWith(call.open("bits", args.key).bits) return "OK" end },
    fail = { access = "write", run = function(self, args, call)
      bits(self):setBit(3)
      bits(self):setHashed(7, 7, 20)
      bits(self):write(1, "xyz")
      bits(self):fill(9, 8)
      object.bytes(self, "new", 100):setU8(1, 1)
      call.refuse("on purpose")
    end },
    wrong = { access = "write", parameters = { { name = "what", type = "string" } },
      run = function(self, args) return wrong[args.what](self) end },
  },
}
`),
  'bits.lua',
);

const NEW = ['bits:new:k:16', 'CREATED'] as const;
const base64 = (text: string, length = 16) =>
  `"${Buffer.from(text.padEnd(length, '\0'), 'latin1').toString('base64')}"`;

const CASES: Readonly<Record<string, readonly PlayedCall[]>> = {
  'a new array has its length, and bytes that are 0': [
    NEW,
    ['bits:length:k', '16'],
    ['bits:read:k', '\0'.repeat(16)],
    ['bits:countbits:k', '0'],
    ['bits:getu32:k:12', '0'],
    ['bits:getf64:k:8', '0'],
  ],
  'numbers are set and read at any offset, the low byte first': [
    NEW,
    ['bits:setu32:k:1:4275878552', 'OK'],
    ['bits:getu32:k:1', '4275878552'],
    ['bits:getu16:k:1', '47768'],
    ['bits:getu8:k:1', '152'],
    ['bits:getu8:k:4', '254'],
    ['bits:setu16:k:14:65535', 'OK'],
    ['bits:getu16:k:14', '65535'],
    ['bits:setu8:k:15:0', 'OK'],
    ['bits:getu16:k:14', '255'],
    ['bits:setf64:k:3:-0.1', 'OK'],
    ['bits:getf64:k:3', '-0.1'],
  ],
  'bits count from the lowest of the first byte': [
    NEW,
    ['bits:setbit:k:0', 'true'],
    ['bits:setbit:k:0', 'false'],
    ['bits:setbit:k:9', 'true'],
    ['bits:setbit:k:127', 'true'],
    ['bits:getu8:k:0', '1'],
    ['bits:getu8:k:1', '2'],
    ['bits:getu8:k:15', '128'],
    ['bits:getbit:k:9', 'true'],
    ['bits:getbit:k:8', 'false'],
    ['bits:countbits:k', '3'],
    ['bits:countbits:k:1', '2'],
    ['bits:countbits:k:1:14', '1'],
    ['bits:countbits:k:16', '0'],
    ['bits:clearbit:k:9', 'true'],
    ['bits:clearbit:k:9', 'false'],
    ['bits:countbits:k', '2'],
  ],
  'a hash chooses the same bits on all servers, from a byte on': [
    NEW,
    ['bits:sethashed:k:3735928559:305419896:3', '3'],
    ['bits:getbit:k:111', 'true'],
    ['bits:getbit:k:42', 'true'],
    ['bits:getbit:k:41', 'true'],
    ['bits:countbits:k', '3'],
    ['bits:sethashed:k:3735928559:305419896:3', '0'],
    ['bits:hashashed:k:3735928559:305419896:3', 'true'],
    ['bits:hashashed:k:3735928559:305419896:4', 'false'],
    ['bits:fill:k:0', 'OK'],
    ['bits:setbit:k:119', 'true'],
    ['bits:sethashed:k:3735928559:305419896:3:8', '2'],
    ['bits:getbit:k:85', 'true'],
    ['bits:getbit:k:84', 'true'],
    ['bits:countbits:k', '3'],
    ['bits:sethashed:k:4294967295:4294967295:1:15', '1'],
    ['bits:getbit:k:127', 'true'],
  ],
  'ranges are written, filled and read as byte strings': [
    NEW,
    ['bits:write:k:3:abc%00%ff', 'OK'],
    ['bits:read:k:2:7', '\0abc\0\xff\0'],
    ['bits:read:k:4:0', ''],
    ['bits:read:k:16', ''],
    ['bits:fill:k:120:10', 'OK'],
    ['bits:read:k:9', '\0xxxxxx'],
    ['bits:fill:k:121:0:2', 'OK'],
    ['bits:read:k:0:4', 'yy\0a'],
    ['bits:fill:k:0', 'OK'],
    ['bits:whole:k', base64('')],
  ],
  'arrays are compared and merged': [
    NEW,
    ['bits:write:k:0:%01%f0%00%07', 'OK'],
    ['bits:other:k:16:%01%0f%00%09%01', 'OK'],
    ['bits:compare:k', '1'],
    ['bits:maxwith:k', 'OK'],
    ['bits:read:k:0:5', '\x01\xf0\0\x09\x01'],
    ['bits:orwith:k', 'OK'],
    ['bits:read:k:0:5', '\x01\xff\0\x09\x01'],
    ['bits:orwith:k', 'OK'],
    ['bits:other:k:16:%02', 'OK'],
    ['bits:compare:k', '-1'],
    ['bits:new:same:1', 'CREATED'],
    ['bits:other:same:2:%00', 'OK'],
    ['bits:compare:same', '-1'],
  ],
  'an array of another object is merged': [
    NEW,
    ['bits:new:second:16', 'CREATED'],
    ['bits:write:second:4:abc', 'OK'],
    ['bits:otherobject:k:second', 'OK'],
    ['bits:read:k:3:5', '\0abc\0'],
  ],
  'an array is part of its object': [
    NEW,
    ['bits:write:k:0:hello', 'OK'],
    ['bits:field:k', base64('hello')],
    ['bits:within:k', `[${base64('hello')},{"bits":${base64('hello')}}]`],
    ['bits:drop:k', 'true'],
    ['bits:drop:k', 'false'],
    ['bits:field:k', 'END'],
    ['bits:nest:k', '7'],
  ],
  'an array that is not there reads as zeros in a method that only reads, and cannot be changed': [
    ['bits:bare:k', 'CREATED'],
    ['bits:absent:k', '[3,0,false,"\\u0000\\u0000\\u0000",0,0]'],
    ['bits:setabsent:k', 'CLIENT_ERROR bits:setabsent: the object is open for reading only'],
    NEW,
    ['bits:setread:k', 'CLIENT_ERROR bits:setread: the object is open for reading only'],
  ],
  'an array is longer than a chunk of the memory': [
    ['bits:new:k:300000', 'CREATED'],
    ['bits:setu32:k:262142:4275878552', 'OK'],
    ['bits:getu32:k:262142', '4275878552'],
    ['bits:setbit:k:2399999', 'true'],
    ['bits:fill:k:1:1000:100000', 'OK'],
    ['bits:countbits:k', '100021'],
    ['bits:getu32:k:299996', '2147483648'],
  ],
  'a call that fails leaves no trace': [
    NEW,
    ['bits:write:k:0:hello', 'OK'],
    ['bits:fail:k', 'CLIENT_ERROR bits:fail: on purpose'],
    ['bits:whole:k', base64('hello')],
  ],
};

/** What comes after the name of the method, and in scripts after the place of the line. */
const ERRORS: Readonly<Record<string, string>> = {
  none: "there is no byte array 'none'; give its length to make one",
  noBytes: 'a byte array has 1 to 536870912 bytes, not 0',
  halfByte: 'a length is a whole number, not 1.5; round it first',
  tooLong: 'a byte array has 1 to 536870912 bytes, not 536870913',
  otherLength: "field 'bits' holds a byte array of 16 bytes, not 17; leave the length out, or delete it first",
  field: "field 'text' holds a string, not a byte array; delete it first",
  table: "field 'table' holds a table, not a byte array; delete it first",
  index: "field 'index' holds an ordered index, not a byte array; delete it first",
  notAnIndex: "field 'bits' holds a byte array, not an ordered index; delete it first",
  noOffset: 'an offset is a whole number, not nothing; round it first',
  beyond: 'offset 16 is outside of the array, which has 16 bytes; offsets count from 0',
  before: 'offset -1 is outside of the array, which has 16 bytes; offsets count from 0',
  fraction: 'an offset is a whole number, not 1.5; round it first',
  partlyBeyond: '4 bytes from offset 13 are outside of the array, which has 16 bytes; offsets count from 0',
  doubleBeyond: '8 bytes from offset 9 are outside of the array, which has 16 bytes; offsets count from 0',
  textBeyond: '3 bytes from offset 14 are outside of the array, which has 16 bytes; offsets count from 0',
  rangeBeyond: '7 bytes from offset 10 are outside of the array, which has 16 bytes; offsets count from 0',
  offsetBeyond: 'offset 17 is outside of the array, which has 16 bytes; offsets count from 0',
  negativeLength: 'a length is 0 or more, not -1',
  fillBeyond: '7 bytes from offset 10 are outside of the array, which has 16 bytes; offsets count from 0',
  bitBeyond: 'bit 128 is outside of the array, which has 128 bits; bits count from 0',
  textAsBit: 'the number of a bit is a whole number, not a string; round it first',
  numberAsBit: 'a bit is set to true or false, not to a number',
  textAsHash: 'a word of a hash is a whole number from 0 to 4294967295, not a string',
  negativeHash: 'a word of a hash is a whole number from 0 to 4294967295, not -1',
  noBitsOfHash: 'a hash chooses 1 to 255 bits, not 0',
  manyBitsOfHash: 'a hash chooses 1 to 255 bits, not 256',
  halfBitOfHash: 'a number of bits is a whole number, not 1.5; round it first',
  hashBeyond: 'offset 16 is outside of the array, which has 16 bytes; offsets count from 0',
  largeU8: 'a u8 is a whole number from 0 to 255, not 256',
  negative: 'a u16 is a whole number from 0 to 65535, not -1',
  fractionAsU32: 'a u32 is a whole number from 0 to 4294967295, not 0.5',
  nan: 'a u8 is a whole number from 0 to 255, not NaN',
  textAsNumber: 'an f64 is a number, not a string; convert it first',
  numberAsBytes: 'bytes are written as a string, not as a number; convert it first',
  textAsOther: 'another byte array is needed; open it by bytes(name)',
  tableAsOther: 'another byte array is needed; open it by bytes(name)',
  longerOther: 'the arrays have 16 and 17 bytes; only arrays of one length can be merged',
  copy: 'a byte array cannot be copied; make another by bytes(name, length) and write to it',
  copyWithin: 'a byte array cannot be copied; make another by bytes(name, length) and write to it',
  gone: 'the table was deleted',
  replaced: 'the table was deleted',
};

describe.each([
  ['TypeScript', TYPESCRIPT],
  ['Lua', LUA],
])('byte arrays in %s', (_language, type: LoadedType) => {
  playCalls(type, CASES);

  playRefusals(type, {
    made: ['bits:new:k:16', 'bits:write:k:0:hello'],
    messages: ERRORS,
    unchanged: ['bits:whole:k', base64('hello')],
  });

  test('refuse an array that takes more than half of the memory, and a length that is a text', () => {
    const harness = new CallHarness([type]);
    harness.get('bits:new:k:16');
    expect(harness.get('bits:wrong:k:moreThanMemory')).toMatch(
      /a byte array of 536870912 bytes takes more than half of the memory, \d+ bytes$/,
    );
    expect(harness.get('bits:wrong:k:textAsLength')).toMatch(/^CLIENT_ERROR bits:wrong: .*number/);
  });
});

test('an array made in one language serves in the other', () => {
  const harness = new CallHarness([TYPESCRIPT]);
  expect(harness.get('bits:new:k:5000')).toBe('CREATED');
  expect(harness.get('bits:setf64:k:1020:1.5')).toBe('OK');
  harness.registry.install(LUA);
  expect(harness.get('bits:getf64:k:1020')).toBe('1.5');
  expect(harness.get('bits:setbit:k:39999')).toBe('true');
  expect(harness.get('bits:length:k')).toBe('5000');
});

test('an array is no table to child', () => {
  const harness = new CallHarness([TYPESCRIPT]);
  harness.get('bits:new:k:16');
  expect(harness.get('bits:wrong:k:child')).toBe(
    "CLIENT_ERROR bits:wrong: field 'bits' holds a byte array, not a table; open it by bytes()",
  );
});
