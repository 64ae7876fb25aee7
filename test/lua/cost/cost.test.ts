// Every function that a script can reach charges what it costs: at most 100 ns of CPU for a step and 20 us besides, and at most two
// bytes that stay for a byte and 64 KB besides. A function that has no arguments here fails the test.

import { describe, expect, test } from 'vitest';
import { CallHandle } from '../../../src/languages/lua/host/lua-call-handle.js';
import { Sandbox } from '../../../src/languages/lua/host/sandbox.js';
import { CommandHandle } from '../../../src/languages/lua/legacy/legacy-command.js';
import { HASH_MAP, ItemHandle } from '../../../src/languages/lua/legacy/legacy-items.js';
import { makeOriginalSandbox } from '../../../src/languages/lua/legacy/legacy-scripts.js';
import type { LuaTable } from '../../../src/languages/lua/vm/fengari-types.js';
import type { LuaString } from '../../../src/languages/lua/vm/lua-string.js';
import { NATIVE, STRING, TABLE } from '../../../src/languages/lua/vm/tags.js';
import { excess } from '../../objects/cost-bars.js';
import { CALLS, type Call } from './arguments.js';
import { PieceRunner } from './measure.js';
import { OPERATORS } from './operators.js';
import { ORIGINAL_CALLS } from './original-arguments.js';

const IS_LONG = process.env.LONG_TESTS !== undefined;
/** Lengths of strings, up to the longest. */
const SIZES = [20, 5000, 1_000_000];
const MOST_RUNS = 20;

/** The piece with its sizes in place. */
function sized(text: string, size: number): string {
  const repeats = Math.max(1, Math.min(1000, Math.floor(200_000 / size)));
  const elements = Math.max(1, Math.min(100_000, Math.floor(size / 10)));
  return `local N, M, R = ${size}, ${elements}, ${repeats} ${text}`;
}

/** What a call costs beyond what it charges; undefined when nothing. */
function excessOf(call: Call, isOriginal: boolean): string | undefined {
  for (const size of SIZES) {
    const runner = new PieceRunner({ setup: sized(call[0], size), work: call[1], isOriginal });
    const found = excess((withHeap) => runner.run(withHeap), MOST_RUNS);
    if (found !== undefined) return `at ${size}: ${found}`;
  }
  return undefined;
}

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

const METHODS = [...functionsIn(new Sandbox().globals), ...named('call.', new CallHandle().functionNames)];
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
  ['a function of methods', CALLS, false],
  ["a function of scripts in the original's style", ORIGINAL_CALLS, true],
  ['an operator', OPERATORS, false],
] as const)('%s charges what it costs:', { skip: !IS_LONG }, (_, calls, isOriginal) => {
  for (const [name, list] of Object.entries(calls)) {
    test(name, { timeout: 600_000 }, () => {
      const excesses = list
        .map((call) => [call[1], excessOf(call, isOriginal)])
        .filter(([, found]) => found !== undefined);
      expect(excesses).toEqual([]);
    });
  }
});
