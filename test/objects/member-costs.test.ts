// Members that methods in TypeScript use charge for their work in advance: every member of `self` and of `call`, on objects and with
// arguments of all sizes up to the limits, stays within a bound of CPU time per charged step and of memory per charged byte. Scripts:
// test/languages/lua/cost.

import { beforeAll, describe, expect, test } from 'vitest';
import { PluginCall } from '../../src/objects/calls/plugin-call.js';
import { ByteArrayView } from '../../src/tables/bytes/byte-array-view.js';
import { OrderedView } from '../../src/tables/ordered/ordered-view.js';
import { TableView } from '../../src/tables/table-view.js';
import { measuredExcesses } from './measured-excesses.js';
import { GROUPS, OF_BYTES, OF_CALL, OF_INDEX, OF_SELF } from './member-costs/members.js';

/** The costs of each member beyond its charges, by its group and name. */
let excesses: ReadonlyMap<string, unknown>;

beforeAll(async () => {
  excesses = await measuredExcesses('test/objects/member-costs/program.ts');
}, 1_800_000);

function membersOf(...types: readonly { readonly prototype: object }[]): string[] {
  const names = types.flatMap((type) => Object.getOwnPropertyNames(type.prototype));
  return [...new Set(names)].filter((name) => name !== 'constructor').sort();
}

test('every member that a plugin reaches is measured', () => {
  expect(membersOf(TableView, PluginCall)).toEqual(Object.keys({ ...OF_SELF, ...OF_CALL }).sort());
  expect(membersOf(OrderedView)).toEqual(Object.keys(OF_INDEX).sort());
  expect(membersOf(ByteArrayView)).toEqual(Object.keys(OF_BYTES).sort());
});

describe.each(Object.entries(GROUPS))('%s charges what it costs:', (group, members) => {
  test.each(Object.keys(members))('%s', (name) => {
    expect(excesses.get(`${group}: ${name}`)).toEqual([]);
  });
});
