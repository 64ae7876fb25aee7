// The two phases of a change in the serving threads, each with its own registry.

import { expect, test } from 'vitest';
import { ScriptLoader } from '../../src/languages/lua/host/load-script.js';
import { StagedTypes, type TypeChange } from '../../src/reload/staged-types.js';
import type { LuaMaker } from '../../src/reload/type-source.js';
import { CallHarness } from '../objects/call-harness.js';
import { luaType } from './watched.js';

let loads = 0;

function install(name: string, answer: string): TypeChange {
  const file = `scripts/${name}.lua`;
  const script = new ScriptLoader().examine(Buffer.from(luaType(name, answer)), file);
  if ('helper' in script) throw new Error(script.helper);
  return { kind: 'install', load: ++loads, source: { language: 'lua', rank: 0, ...script } };
}

/** A thread, and the scripts that it has run before their first call. */
function thread() {
  const harness = new CallHarness([]);
  const scripts = new ScriptLoader();
  const ranAhead: string[] = [];
  const maker: LuaMaker = {
    make: (script, ahead) => {
      if (ahead) ranAhead.push(script.name);
      return scripts.make(script, ahead);
    },
  };
  return { harness, ranAhead, staged: new StagedTypes(harness.registry, maker) };
}

test('a prepared type is served only after its commit', () => {
  const { harness, staged } = thread();
  expect(staged.prepareTypes(1, [install('a', 'one')])).toEqual([]);
  expect(harness.registry.find('a')).toBeUndefined();
  staged.commitTypes(1);
  expect(harness.get('a:say:k')).toBe('one');
});

test('an aborted version leaves the previous one active', () => {
  const { harness, staged } = thread();
  staged.prepareTypes(1, [install('a', 'one')]);
  staged.commitTypes(1);
  staged.prepareTypes(2, [install('a', 'two')]);
  staged.abortTypes(2);
  staged.commitTypes(2);
  expect(harness.get('a:say:k')).toBe('one');
});

test('a change whose name belongs to another file fails, with its index, and the others are prepared', () => {
  const { staged } = thread();
  staged.prepareTypes(1, [install('a', 'one')]);
  staged.commitTypes(1);
  const other = install('a', 'two') as Extract<TypeChange, { kind: 'install' }>;
  const taken: TypeChange = { ...other, source: { ...other.source, file: 'scripts/other.lua' } };
  expect(staged.prepareTypes(2, [install('b', 'b'), taken])).toEqual([
    { index: 1, file: 'scripts/other.lua', line: undefined, reason: 'type a is already defined by scripts/a.lua' },
  ]);
});

test('a name can move from one file to another in one version', () => {
  const { harness, staged } = thread();
  staged.prepareTypes(1, [install('a', 'one')]);
  staged.commitTypes(1);
  const moved = install('a', 'two') as Extract<TypeChange, { kind: 'install' }>;
  const changes: TypeChange[] = [
    { kind: 'remove', file: 'scripts/a.lua' },
    { ...moved, source: { ...moved.source, file: 'scripts/other.lua' } },
  ];
  expect(staged.prepareTypes(2, changes)).toEqual([]);
  staged.commitTypes(2);
  expect(harness.get('a:say:k')).toBe('two');
});

test('a few scripts run when they are prepared; if there are many, each runs at its first call', () => {
  const few = thread();
  few.staged.prepareTypes(1, [install('a', 'one')]);
  expect(few.ranAhead).toEqual(['a']);
  const many = thread();
  many.staged.prepareTypes(
    1,
    Array.from({ length: 100 }, (_, index) => install(`t${index}`, 'many')),
  );
  many.staged.commitTypes(1);
  expect(many.ranAhead).toEqual([]);
  expect(many.harness.get('t99:say:k')).toBe('many');
});

test('a script that another type of the same version shadows runs at its first call, when that type is removed', () => {
  const { harness, ranAhead, staged } = thread();
  const shadowed = install('a', 'second') as Extract<TypeChange, { kind: 'install' }>;
  const changes: TypeChange[] = [
    { ...shadowed, source: { ...shadowed.source, file: 'cacheismo/scripts/a.lua', rank: 1 } },
    install('a', 'first'),
  ];
  expect(staged.prepareTypes(1, changes)).toEqual([]);
  staged.commitTypes(1);
  expect(ranAhead).toEqual(['a']);
  expect(harness.get('a:say:k')).toBe('first');
  staged.prepareTypes(2, [{ kind: 'remove', file: 'scripts/a.lua' }]);
  staged.commitTypes(2);
  expect(harness.get('a:say:k')).toBe('second');
  expect(ranAhead).toEqual(['a']);
});
