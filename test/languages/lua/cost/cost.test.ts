// Every function that a script can reach charges its cost: at most 100 ns of CPU per step plus 20 us, and at most two retained bytes per
// byte plus 64 KB. A function without arguments in this test fails it. With LONG_TESTS, sizes go up to the byte limit and each memory is
// measured after a collection.

import { beforeAll, describe, expect, test } from 'vitest';
import { LuaByteArray } from '../../../../src/languages/lua/host/lua-byte-array.js';
import { CallHandle } from '../../../../src/languages/lua/host/lua-call-handle.js';
import { LuaOrderedIndex } from '../../../../src/languages/lua/host/lua-ordered-index.js';
import { Sandbox } from '../../../../src/languages/lua/host/sandbox.js';
import { CommandHandle } from '../../../../src/languages/lua/legacy/legacy-command.js';
import { HASH_MAP, ItemHandle } from '../../../../src/languages/lua/legacy/legacy-items.js';
import { makeOriginalSandbox } from '../../../../src/languages/lua/legacy/legacy-scripts.js';
import type { LuaTable } from '../../../../src/languages/lua/vm/fengari-types.js';
import type { LuaString } from '../../../../src/languages/lua/vm/lua-string.js';
import { NATIVE, STRING, TABLE } from '../../../../src/languages/lua/vm/tags.js';
import { measuredExcesses } from '../../../objects/measured-excesses.js';
import { CALLS } from './arguments.js';
import { OPERATORS } from './operators.js';
import { ORIGINAL_CALLS } from './original-arguments.js';

/** The cost of each function beyond its charges, by its name. */
let excesses: ReadonlyMap<string, unknown>;

beforeAll(async () => {
  excesses = await measuredExcesses('test/languages/lua/cost/program.ts');
}, 1_800_000);

/** The functions in a table and those within it, by their names. */
function functionsIn(table: LuaTable, prefix = '', seen = new Set<unknown>()): string[] {
  seen.add(table);
  return [...table.strong.values()].flatMap(({ key, value }) => {
    if (key.type !== STRING) return [];
    const name = prefix + (key.value as LuaString).text;
    if (value.type === NATIVE) return [name];
    if (value.type !== TABLE || seen.has(value.value)) return [];
    return functionsIn(value.value as LuaTable, `${name}.`, seen);
  });
}

const METHODS = [
  ...functionsIn(new Sandbox().globals),
  ...named('call.', new CallHandle().functionNames),
  ...named('ordered:', LuaOrderedIndex.prototype.functionNames),
  ...named('bytes:', LuaByteArray.prototype.functionNames),
];
const ORIGINALS = [
  ...functionsIn(makeOriginalSandbox().globals),
  ...named('command:', CommandHandle.prototype.functionNames),
  ...named('item:', ItemHandle.prototype.functionNames),
  ...named('hashMap:', HASH_MAP.functionNames),
].filter((name) => !METHODS.includes(name));

function named(prefix: string, names: readonly string[]): string[] {
  return names.map((name) => prefix + name);
}

test('every function that a script can reach is measured', () => {
  expect(Object.keys(CALLS).sort()).toEqual(METHODS.sort());
  expect(Object.keys(ORIGINAL_CALLS).sort()).toEqual(ORIGINALS.sort());
});

describe.each([
  ['a function of methods', CALLS],
  ["a function of scripts in the original's style", ORIGINAL_CALLS],
  ['an operator', OPERATORS],
] as const)('%s charges what it costs:', (_, calls) => {
  test.each(Object.keys(calls))('%s', (name) => {
    expect(excesses.get(name)).toEqual([]);
  });
});
