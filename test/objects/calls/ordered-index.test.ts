// Ordered indexes as methods use them: one type, written in both languages, and one list of calls and answers for both.

import { describe, expect, test } from 'vitest';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { type Direction, type Literal, method, type Table, type Ties } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';
import { type PlayedCall, playCalls, playRefusals } from './played-calls.js';

const member = { type: 'string' } as const;
const score = { type: 'number' } as const;
const direction = { type: 'string', default: 'ascending' } as const;
const range = { from: { type: 'number' }, to: { type: 'number' }, direction } as const;

const board = (self: Table) => self.ordered('board');

function holding(self: Table, key: string, value: string | Literal): Table {
  self.set(key, value);
  return self;
}

/** What is wrong in each of these is checked by the index, since no schema has. */
const WRONG: Readonly<Record<string, (self: Table) => unknown>> = {
  noMember: (self) => board(self).set(undefined as never, 1),
  numberAsMember: (self) => board(self).get(7 as never),
  booleanAsMember: (self) => board(self).delete(true as never),
  longMember: (self) => board(self).rank('m'.repeat(961)),
  noScore: (self) => board(self).set('m', undefined as never),
  textAsScore: (self) => board(self).set('m', '7' as never),
  nan: (self) => board(self).set('m', Number.NaN),
  nanAsBound: (self) => board(self).countBetween(0, Number.NaN),
  fraction: (self) => board(self).at(1.5),
  noRank: (self) => board(self).range(1, undefined as never),
  direction: (self) => board(self).members(1, 2, 'down' as never),
  separator: (self) => board(self).join(1, 2, 'ascending', 7 as never),
  wordAsSeparator: (self) => board(self).highest('a, b', ', '),
  numberAsMembers: (self) => board(self).highest(7 as never, ','),
  longPart: (self) => board(self).highest(`ann,${'m'.repeat(961)}`, ','),
  limit: (self) => board(self).between(0, 9, 'ascending', -1),
  ties: (self) => self.ordered('new', 'score' as never),
  otherTies: (self) => self.ordered('board', 'bytes'),
  field: (self) => holding(self, 'text', 't').ordered('text'),
  table: (self) => holding(self, 'table', {}).ordered('table'),
  child: (self) => self.child('board'),
  copy: (self) => self.set('copy', self.get('board') as never),
  copyWithin: (self) => {
    self.child('table').ordered('inner');
    self.set('copy', self.child('table') as never);
  },
  gone: (self) => {
    const index = board(self);
    self.delete('board');
    return index.count;
  },
  replaced: (self) => {
    const index = board(self);
    self.set('board', {});
    return index.set('m', 1);
  },
};

const TYPESCRIPT = typeOf('board', {
  new: method({
    access: 'create',
    parameters: { ties: { type: 'string', default: 'arrival' } },
    run(self, { ties }) {
      self.ordered('board', ties as Ties);
      return 'CREATED';
    },
  }),
  bare: method({ access: 'create', run: (self) => holding(self, 'text', 't').get('none') ?? 'CREATED' }),
  set: method({
    access: 'write',
    parameters: { member, score },
    run: (self, args) => board(self).set(args.member, args.score),
  }),
  get: method({ access: 'read', parameters: { member }, run: (self, args) => board(self).get(args.member) }),
  delete: method({ access: 'write', parameters: { member }, run: (self, args) => board(self).delete(args.member) }),
  count: method({ access: 'read', run: (self) => board(self).count }),
  rank: method({
    access: 'read',
    parameters: { member, direction },
    run: (self, args) => board(self).rank(args.member, args.direction as Direction),
  }),
  at: method({
    access: 'read',
    parameters: { rank: score, direction },
    run: (self, args) => board(self).at(args.rank, args.direction as Direction),
  }),
  range: method({
    access: 'read',
    parameters: range,
    run: (self, args) => board(self).range(args.from, args.to, args.direction as Direction),
  }),
  members: method({
    access: 'read',
    parameters: range,
    run: (self, args) => board(self).members(args.from, args.to, args.direction as Direction),
  }),
  join: method({
    access: 'read',
    parameters: range,
    run: (self, args) => board(self).join(args.from, args.to, args.direction as Direction, ';'),
  }),
  joinscores: method({ access: 'read', run: (self) => board(self).join(1, -1, 'ascending', ';', '=') }),
  between: method({
    access: 'read',
    parameters: { low: score, high: score, direction, limit: { type: 'integer', default: 100 } },
    run: (self, args) => board(self).between(args.low, args.high, args.direction as Direction, args.limit),
  }),
  highest: method({
    access: 'read',
    parameters: { members: member },
    run: (self, { members }) => board(self).highest(members, ','),
  }),
  countbetween: method({
    access: 'read',
    parameters: { low: score, high: score },
    run: (self, args) => board(self).countBetween(args.low, args.high),
  }),
  first: method({ access: 'read', run: (self) => board(self).first() }),
  last: method({ access: 'read', run: (self) => board(self).last() }),
  popfirst: method({ access: 'write', run: (self) => board(self).popFirst() }),
  poplast: method({ access: 'write', run: (self) => board(self).popLast() }),
  whole: method({ access: 'read', run: (self) => board(self) }),
  within: method({ access: 'read', run: (self) => [board(self), { board: board(self) }] }),
  field: method({ access: 'read', run: (self) => self.get('board') }),
  drop: method({ access: 'write', run: (self) => self.delete('board') }),
  nest: method({
    access: 'write',
    run(self) {
      self.child('a').child('b').ordered('c').set('m', 1);
      return self.child('a').child('b').ordered('c').count;
    },
  }),
  setread: method({ access: 'read', run: (self) => board(self).set('m', 1) }),
  fail: method({
    access: 'write',
    run(self, _none, call) {
      board(self).popFirst();
      board(self).set('new', 1);
      self.ordered('other', 'bytes').set('m', 1);
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
local function board(self) return object.ordered(self, "board") end
local function pair(member, score) if member then return { member, score } end end
local member = { name = "member", type = "string" }
local score = { name = "score", type = "number" }
local direction = { name = "direction", type = "string", default = "ascending" }
local range = { { name = "from", type = "number" }, { name = "to", type = "number" }, direction }
local bounds = { { name = "low", type = "number" }, { name = "high", type = "number" } }

local wrong = {
  noMember = function(self) return board(self):set(nil, 1) end,
  numberAsMember = function(self) return board(self):get(7) end,
  booleanAsMember = function(self) return board(self):delete(true) end,
  longMember = function(self) return board(self):rank(("m"):rep(961)) end,
  noScore = function(self) return board(self):set("m") end,
  textAsScore = function(self) return board(self):set("m", "7") end,
  nan = function(self) return board(self):set("m", 0 / 0) end,
  nanAsBound = function(self) return board(self):countBetween(0, 0 / 0) end,
  fraction = function(self) return board(self):at(1.5) end,
  noRank = function(self) return board(self):range(1) end,
  direction = function(self) return board(self):members(1, 2, "down") end,
  separator = function(self) return board(self):join(1, 2, "ascending", 7) end,
  limit = function(self) return board(self):between(0, 9, "ascending", -1) end,
  wordAsSeparator = function(self) return board(self):highest("a, b", ", ") end,
  numberAsMembers = function(self) return board(self):highest(7, ",") end,
  longPart = function(self) return board(self):highest("ann," .. ("m"):rep(961), ",") end,
  ties = function(self) return object.ordered(self, "new", "score") end,
  otherTies = function(self) return object.ordered(self, "board", "bytes") end,
  field = function(self) self.text = "t" return object.ordered(self, "text") end,
  table = function(self) self.table = {} return object.ordered(self, "table") end,
  copy = function(self) self.copy = board(self) end,
  copyWithin = function(self)
    self.table = {}
    object.ordered(self.table, "inner")
    self.copy = self.table
  end,
  gone = function(self) local index = board(self) self.board = nil return index:count() end,
  replaced = function(self) local index = board(self) self.board = {} return index:set("m", 1) end,
}

return {
  name = "board",
  methods = {
    new = {
      access = "create",
      parameters = { { name = "ties", type = "string", default = "arrival" } },
      run = function(self, args) object.ordered(self, "board", args.ties) return "CREATED" end,
    },
    bare = { access = "create", run = function(self) self.text = "t" return "CREATED" end },
    set = { access = "write", parameters = { member, score },
      run = function(self, args) return board(self):set(args.member, args.score) end },
    get = { access = "read", parameters = { member }, run = function(self, args) return board(self):get(args.member) end },
    delete = { access = "write", parameters = { member },
      run = function(self, args) return board(self):delete(args.member) end },
    count = { access = "read", run = function(self) return #board(self) end },
    rank = { access = "read", parameters = { member, direction },
      run = function(self, args) return board(self):rank(args.member, args.direction) end },
    at = { access = "read", parameters = { { name = "rank", type = "number" }, direction },
      run = function(self, args) return pair(board(self):at(args.rank, args.direction)) end },
    range = { access = "read", parameters = range,
      run = function(self, args) return board(self):range(args.from, args.to, args.direction) end },
    members = { access = "read", parameters = range,
      run = function(self, args) return board(self):members(args.from, args.to, args.direction) end },
    join = { access = "read", parameters = range,
      run = function(self, args) return board(self):join(args.from, args.to, args.direction, ";") end },
    joinscores = { access = "read", run = function(self) return board(self):join(1, -1, "ascending", ";", "=") end },
    between = { access = "read",
      parameters = { bounds[1], bounds[2], direction, { name = "limit", type = "integer", default = 100 } },
      run = function(self, args) return board(self):between(args.low, args.high, args.direction, args.limit) end },
    highest = { access = "read", parameters = { { name = "members", type = "string" } },
      run = function(self, args) return board(self):highest(args.members, ",") end },
    countbetween = { access = "read", parameters = bounds,
      run = function(self, args) return board(self):countBetween(args.low, args.high) end },
    first = { access = "read", run = function(self) return pair(board(self):first()) end },
    last = { access = "read", run = function(self) return pair(board(self):last()) end },
    popfirst = { access = "write", run = function(self) return pair(board(self):popFirst()) end },
    poplast = { access = "write", run = function(self) return pair(board(self):popLast()) end },
    whole = { access = "read", run = function(self) return board(self) end },
    within = { access = "read", run = function(self) return { board(self), { board = board(self) } } end },
    field = { access = "read", run = function(self) return self.board end },
    drop = { access = "write", run = function(self) return object.delete(self, "board") end },
    nest = { access = "write", run = function(self)
      self.a = { b = {} }
      object.ordered(self.a.b, "c"):set("m", 1)
      return self.a.b.c:count()
    end },
    setread = { access = "read", run = function(self) return board(self):set("m", 1) end },
    fail = { access = "write", run = function(self, args, call)
      board(self):popFirst()
      board(self):set("new", 1)
      object.ordered(self, "other", "bytes"):set("m", 1)
      call.refuse("on purpose")
    end },
    wrong = { access = "write", parameters = { { name = "what", type = "string" } },
      run = function(self, args) return wrong[args.what](self) end },
  },
}
`),
  'board.lua',
);

const NEW = ['board:new:k', 'CREATED'] as const;
const THREE = [
  NEW,
  ['board:set:k:ann:7', 'true'],
  ['board:set:k:bob:9', 'true'],
  ['board:set:k:cid:7', 'true'],
] as const;

const CASES: Readonly<Record<string, readonly PlayedCall[]>> = {
  'members are set, found and deleted': [
    ...THREE,
    ['board:count:k', '3'],
    ['board:set:k:ann:8', 'false'],
    ['board:get:k:ann', '8'],
    ['board:get:k:none', 'END'],
    ['board:delete:k:ann', 'true'],
    ['board:delete:k:ann', 'false'],
    ['board:get:k:ann', 'END'],
    ['board:count:k', '2'],
  ],
  'the highest score of several members is that of those that are there': [
    ...THREE,
    ['board:highest:k:ann,none,bob', '9'],
    ['board:highest:k:ann,,cid', '7'],
    ['board:highest:k:none', 'END'],
    ['board:set:k::-8', 'true'],
    ['board:highest:k:none,', 'END'],
    ['board:highest:k:none,,', '-8'],
    [`board:highest:k:${'none,'.repeat(40)}ann`, '7'],
  ],
  'ranks count from 1, and from the end backwards': [
    ...THREE,
    ['board:rank:k:ann', '1'],
    ['board:rank:k:cid', '2'],
    ['board:rank:k:bob', '3'],
    ['board:rank:k:bob:descending', '1'],
    ['board:rank:k:ann:descending', '3'],
    ['board:rank:k:none', 'END'],
    ['board:at:k:1', '["ann",7]'],
    ['board:at:k:3', '["bob",9]'],
    ['board:at:k:-1', '["bob",9]'],
    ['board:at:k:-3', '["ann",7]'],
    ['board:at:k:1:descending', '["bob",9]'],
    ['board:at:k:-1:descending', '["ann",7]'],
    ['board:at:k:0', 'END'],
    ['board:at:k:4', 'END'],
    ['board:at:k:-4', 'END'],
  ],
  'ranges of ranks, in both directions, are cut to the members that there are': [
    ...THREE,
    ['board:range:k:1:2', '[["ann",7],["cid",7]]'],
    ['board:range:k:1:-1', '[["ann",7],["cid",7],["bob",9]]'],
    ['board:range:k:-2:-1', '[["cid",7],["bob",9]]'],
    ['board:range:k:1:2:descending', '[["bob",9],["cid",7]]'],
    ['board:range:k:-1:-1:descending', '[["ann",7]]'],
    ['board:range:k:0:100', '[["ann",7],["cid",7],["bob",9]]'],
    ['board:range:k:-100:1', '[["ann",7]]'],
    ['board:range:k:3:2', '[]'],
    ['board:range:k:4:9', '[]'],
    ['board:members:k:1:2', '["ann","cid"]'],
    ['board:members:k:1:2:descending', '["bob","cid"]'],
    ['board:members:k:9:9', '[]'],
    ['board:join:k:1:2', 'ann;cid;'],
    ['board:join:k:1:2:descending', 'bob;cid;'],
    ['board:join:k:9:9', ''],
    ['board:joinscores:k', 'ann=7;cid=7;bob=9;'],
  ],
  'ranges of scores, in both directions, include both bounds': [
    ...THREE,
    ['board:set:k:dan:-1.5', 'true'],
    ['board:between:k:7:9', '[["ann",7],["cid",7],["bob",9]]'],
    ['board:between:k:7:9:descending', '[["bob",9],["cid",7],["ann",7]]'],
    ['board:between:k:7:9:ascending:2', '[["ann",7],["cid",7]]'],
    ['board:between:k:7:9:descending:2', '[["bob",9],["cid",7]]'],
    ['board:between:k:-2:0', '[["dan",-1.5]]'],
    ['board:between:k:8:8', '[]'],
    ['board:between:k:9:7', '[]'],
    ['board:between:k:7:9:ascending:0', '[]'],
    ['board:countbetween:k:7:9', '3'],
    ['board:countbetween:k:7:7', '2'],
    ['board:countbetween:k:9:7', '0'],
    ['board:countbetween:k:-1e308:1e308', '4'],
  ],
  'the ends are read and removed': [
    ...THREE,
    ['board:first:k', '["ann",7]'],
    ['board:last:k', '["bob",9]'],
    ['board:popfirst:k', '["ann",7]'],
    ['board:poplast:k', '["bob",9]'],
    ['board:whole:k', '[["cid",7]]'],
    ['board:popfirst:k', '["cid",7]'],
    ['board:popfirst:k', 'END'],
    ['board:poplast:k', 'END'],
    ['board:first:k', 'END'],
    ['board:last:k', 'END'],
    ['board:count:k', '0'],
    ['board:whole:k', '[]'],
  ],
  'members of one score are ordered by arrival: a member that gets the score again is the last': [
    ...THREE,
    ['board:set:k:ann:7', 'false'],
    ['board:members:k:1:-1', '["ann","cid","bob"]'],
    ['board:set:k:ann:8', 'false'],
    ['board:set:k:ann:7', 'false'],
    ['board:members:k:1:-1', '["cid","ann","bob"]'],
  ],
  'members of one score are ordered by their bytes where the index was made so': [
    ['board:new:k:bytes', 'CREATED'],
    ['board:set:k:b:1', 'true'],
    ['board:set:k:ab:1', 'true'],
    ['board:set:k:%ff:1', 'true'],
    ['board:set:k:a:1', 'true'],
    ['board:set:k:B:1', 'true'],
    ['board:set:k:z:0', 'true'],
    ['board:whole:k', '[["z",0],["B",1],["a",1],["ab",1],["b",1],["\\u00ff",1]]'],
  ],
  'scores are all numbers, and -0 is 0': [
    NEW,
    ['board:set:k:a:-0', 'true'],
    ['board:set:k:b:0', 'true'],
    ['board:set:k:a:0', 'false'],
    ['board:set:k:c:1e308', 'true'],
    ['board:set:k:d:-1e308', 'true'],
    ['board:set:k:e:9007199254740992', 'true'],
    ['board:set:k:f:0.1', 'true'],
    ['board:whole:k', '[["d",-1e+308],["a",0],["b",0],["f",0.1],["e",9007199254740992],["c",1e+308]]'],
  ],
  'an index is part of its object': [
    ['board:bare:k', 'CREATED'],
    ['board:count:k', '0'],
    ['board:whole:k', '[]'],
    ['board:joinscores:k', ''],
    ['board:first:k', 'END'],
    ['board:get:k:m', 'END'],
    ['board:field:k', 'END'],
    ['board:set:k:m:1', 'true'],
    ['board:field:k', '[["m",1]]'],
    ['board:within:k', '[[["m",1]],{"board":[["m",1]]}]'],
    ['board:drop:k', 'true'],
    ['board:count:k', '0'],
    ['board:drop:k', 'false'],
    ['board:nest:k', '1'],
  ],
  'a call that fails leaves no trace': [
    ...THREE,
    ['board:fail:k', 'CLIENT_ERROR board:fail: on purpose'],
    ['board:whole:k', '[["ann",7],["cid",7],["bob",9]]'],
  ],
  'an index cannot be changed by a method that reads, whether it is there or not': [
    NEW,
    ['board:setread:k', 'CLIENT_ERROR board:setread: the object is open for reading only'],
    ['board:bare:k', 'CREATED'],
    ['board:setread:k', 'CLIENT_ERROR board:setread: the object is open for reading only'],
  ],
};

/** What comes after the name of the method, and in scripts after the place of the line. */
const ERRORS: Readonly<Record<string, string>> = {
  noMember: 'a member is a string, not nothing; convert it first',
  numberAsMember: 'a member is a string, not a number; convert it first',
  booleanAsMember: 'a member is a string, not a boolean; convert it first',
  longMember: 'a member has at most 960 bytes',
  noScore: 'a score is a number, not nothing; convert it first',
  textAsScore: 'a score is a number, not a string; convert it first',
  nan: 'a score cannot be NaN; check how it was computed',
  nanAsBound: 'the highest score cannot be NaN; check how it was computed',
  fraction: 'a rank is a whole number, not 1.5; round it first',
  noRank: 'a rank is a whole number, not nothing; round it first',
  direction: "a direction is 'ascending' or 'descending'; leave it out for 'ascending'",
  separator: 'a separator is a string, not a number; convert it first',
  wordAsSeparator: 'one character separates members, not 2',
  numberAsMembers: 'a member is a string, not a number; convert it first',
  longPart: 'a member has at most 960 bytes',
  limit: 'a limit is 0 or more, not -1; leave it out for all members',
  ties: "ties are ordered by 'arrival' or by 'bytes'; leave it out for 'arrival'",
  otherTies: "field 'board' holds an ordered index with ties by arrival; leave the ties out, or delete it first",
  field: "field 'text' holds a string, not an ordered index; delete it first",
  table: "field 'table' holds a table, not an ordered index; delete it first",
  copy: 'an ordered index cannot be copied; make another by ordered(name) and set its members',
  copyWithin: 'an ordered index cannot be copied; make another by ordered(name) and set its members',
  gone: 'the table was deleted',
  replaced: 'the table was deleted',
};

describe.each([
  ['TypeScript', TYPESCRIPT],
  ['Lua', LUA],
])('ordered indexes in %s', (_language, type: LoadedType) => {
  playCalls(type, CASES);

  playRefusals(type, {
    made: ['board:new:k', 'board:set:k:ann:7'],
    messages: ERRORS,
    unchanged: ['board:whole:k', '[["ann",7]]'],
  });
});

test('an index made in one language serves in the other', () => {
  const harness = new CallHarness([TYPESCRIPT]);
  for (const [call, answer] of THREE) expect(harness.get(call)).toBe(answer);
  const other = new CallHarness([LUA]);
  for (const [call, answer] of THREE) expect(other.get(call)).toBe(answer);
  harness.registry.install(LUA);
  expect(harness.get('board:set:k:dan:8')).toBe('true');
  expect(harness.get('board:whole:k')).toBe('[["ann",7],["cid",7],["dan",8],["bob",9]]');
});

test('an index is no table to child, and has no fields', () => {
  const harness = new CallHarness([TYPESCRIPT]);
  harness.get('board:new:k');
  expect(harness.get('board:wrong:k:child')).toBe(
    "CLIENT_ERROR board:wrong: field 'board' holds an ordered index, not a table; open it by ordered()",
  );
});
