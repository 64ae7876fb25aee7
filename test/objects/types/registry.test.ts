// Names, versions, shadowing and refusal of types, and their listing by the built-in type.

import { describe, expect, test } from 'vitest';
import { NameTable } from '../../../src/objects/keys/name-table.js';
import { LoadError } from '../../../src/objects/types/load-error.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { Registry } from '../../../src/objects/types/registry.js';
import { CallHarness } from '../call-harness.js';
import { originalType, typeOf } from '../types-for-tests.js';

const disposed: string[] = [];

function plugin(name: string, answer: string, file?: string): LoadedType {
  const type = typeOf(name, { say: method({ access: 'create', run: () => answer }) }, file);
  return { ...type, dispose: () => disposed.push(answer) };
}

function script(name: string, answer: string): LoadedType {
  return originalType(name, {
    say(_self, _args, call) {
      call.reply.text(answer);
      return undefined;
    },
  });
}

describe('the registry', () => {
  test('counts versions by name and disposes of what is replaced', () => {
    const registry = new Registry();
    disposed.length = 0;
    expect(registry.install(plugin('t', 'one')).version).toBe(1);
    expect(registry.install(plugin('t', 'two')).version).toBe(2);
    expect(disposed).toEqual(['one']);
    registry.remove('plugins/t.ts');
    expect(disposed).toEqual(['one', 'two']);
    expect(registry.install(plugin('t', 'three')).version).toBe(3);
  });

  test('lets a script shadow a plugin until it is removed', () => {
    const harness = new CallHarness([plugin('t', 'plugin'), script('t', 'script')]);
    expect(harness.get('t:say:k')).toBe('script');
    harness.registry.install(plugin('t', 'newer plugin'));
    expect(harness.get('t:say:k')).toBe('script');
    harness.registry.remove('scripts/t.lua');
    expect(harness.get('t:say:k')).toBe('newer plugin');
  });

  test('refuses a second file of one language with one name', () => {
    const registry = new Registry();
    registry.install(plugin('t', 'first', 'plugins/a.ts'));
    expect(() => registry.install(plugin('t', 'second', 'plugins/b.ts'))).toThrow(
      new LoadError('plugins/b.ts', undefined, 'type t is already defined by plugins/a.ts'),
    );
    expect(registry.find('t')?.type.file).toBe('plugins/a.ts');
  });

  test('removes the old name when a file defines another', () => {
    const harness = new CallHarness([plugin('old', 'x', 'plugins/a.ts')]);
    harness.registry.install(plugin('renamed', 'y', 'plugins/a.ts'));
    expect([harness.isCall('old:say:k'), harness.isCall('renamed:say:k')]).toEqual([false, true]);
  });

  test('counts calls and errors of each method from 0 for each version', () => {
    const failing = typeOf('t', {
      go: method({
        access: 'create',
        run() {
          throw new Error('no');
        },
      }),
    });
    const harness = new CallHarness([failing]);
    for (let call = 0; call < 20; call++) harness.get('t:go:k');
    expect(harness.get('cacheismo:methods:t')).toMatch(/^go create \(\) calls 20 errors 20 mean \d+\.\d us$/);
    harness.registry.install(failing);
    expect(harness.get('cacheismo:methods:t')).toBe('go create () calls 0 errors 0 mean 0.0 us');
  });
});

describe('the built-in type', () => {
  const harness = () =>
    new CallHarness([
      typeOf('t', {
        put: method({
          access: 'write',
          summary: 'puts',
          parameters: {
            k: { type: 'string' },
            n: { type: 'integer', default: 1 },
            unit: { type: 'string', enum: ['s', 'm'], default: 's' },
          },
          run: () => null,
        }),
      }),
    ]);

  test('lists types, and files that failed to load', () => {
    const calls = harness();
    calls.registry.noteError('plugins/t.ts', 'plugins/t.ts:3: Unexpected token');
    calls.registry.noteError('scripts/u.lua', 'scripts/u.lua:1: no');
    expect(calls.get('cacheismo:types').split('\r\n')).toEqual([
      'apiVersion 1',
      expect.stringMatching(/^cacheismo typescript built in version 1 loaded .* calls 1 /),
      't typescript plugins/t.ts version 1 loaded 2026-06-15T10:30:00.000Z calls 0 errors 0 mean 0.0 us',
      'error plugins/t.ts:3: Unexpected token (version 1 keeps running)',
      'error scripts/u.lua:1: no (not loaded)',
    ]);
  });

  test('lists methods with their parameters', () => {
    expect(harness().get('cacheismo:methods:t')).toBe(
      'put write (k string, [n integer = 1], [unit s|m = s]) calls 0 errors 0 mean 0.0 us - puts',
    );
    expect(harness().get('cacheismo:methods:x')).toBe('CLIENT_ERROR cacheismo:methods: type x is not loaded');
    expect(harness().get('cacheismo:methods')).toBe('CLIENT_ERROR cacheismo:methods: type is required');
  });

  test('declares methods for programs, with those that every type has', () => {
    expect(JSON.parse(harness().get('cacheismo:declaration:t'))).toEqual({
      name: 't',
      missing: 'miss',
      methods: {
        put: {
          access: 'write',
          parameters: [
            { name: 'k', type: 'string' },
            { name: 'n', type: 'integer', default: 1 },
            { name: 'unit', type: 'string', default: 's', enum: ['s', 'm'] },
          ],
        },
        ttl: { access: 'read', parameters: [] },
        expire: {
          access: 'write',
          parameters: [{ name: 'seconds', type: 'integer', minimum: 0, maximum: 0xffff_ffff }],
        },
      },
    });
    expect(harness().get('cacheismo:declaration:x')).toBe('CLIENT_ERROR cacheismo:declaration: type x is not loaded');
  });

  test('declares the whole schema of a parameter, so that programs can check arguments', () => {
    const schemas = {
      n: { type: 'integer', minimum: 1, exclusiveMaximum: 9, description: 'how many' },
      k: { type: 'string', minLength: 1, maxLength: 5, pattern: '^[a-c]+$' },
      l: { type: 'array', items: { type: 'string', enum: ['s'] }, minItems: 1, maxItems: 2 },
    } as const;
    const type = typeOf('t', { m: method({ access: 'read', parameters: schemas, run: () => null }) });
    const declared = JSON.parse(new CallHarness([type]).get('cacheismo:declaration:t'));
    expect(declared.methods.m.parameters).toEqual(
      Object.entries(schemas).map(([name, schema]) => ({ name, ...schema })),
    );
  });

  test('declares defaults of any bytes in ASCII', () => {
    const run = () => null;
    const type = typeOf('t', {
      m: method({ access: 'read', parameters: { a: { type: 'string', default: '\xfc\n' } }, run }),
    });
    const declared = new CallHarness([type]).get('cacheismo:declaration:t');
    expect(declared).toMatch(/^[ -~]+$/);
    expect(JSON.parse(declared).methods.m.parameters).toEqual([{ name: 'a', type: 'string', default: '\xfc\n' }]);
  });

  test('lists keys by prefix in slices, each with the key that continues', () => {
    const calls = harness();
    for (let number = 0; number < 5000; number++) calls.putPlain(`set$${number}`, 'x');
    calls.putPlain('set$over', 'x', 1);
    calls.putPlain('map$a', 'x');
    const walk = (prefix: string): { seen: string[]; slices: number; last: string } => {
      const seen: string[] = [];
      let last = `more cacheismo:keys:${prefix}`;
      let slices = 0;
      for (; last.startsWith('more '); slices++) {
        const lines = calls.get(last.slice('more '.length)).split('\r\n');
        last = lines.pop() as string;
        seen.push(...lines);
      }
      return { seen, slices, last };
    };
    const { seen, slices, last } = walk('set$');
    expect(new Set(seen).size).toBe(5000);
    expect(seen).toHaveLength(5000);
    expect(slices).toBeGreaterThan(1);
    expect(last).toBe('end');
    expect(walk('map$').seen).toEqual(['map$a']);
  });
});

test('a name table of many names finds each of them and nothing else', () => {
  const names = [...Array(1000).keys()].map((number) => `type_${number}`);
  const table = new NameTable(names.map((name) => [name, name] as const));
  const scan = (text: string) => table.scan(viewOf(text), 0, text.length);
  for (const name of names)
    expect([scan(`${name}:x`), scan(name), scan(`${name}x:`), scan(`x${name}:`)]).toEqual([
      name,
      name,
      undefined,
      undefined,
    ]);
  expect(scan('')).toBeUndefined();
  expect(new NameTable([]).scan(viewOf('a'), 0, 1)).toBeUndefined();
});

/** The name with room after it, as in the arena. */
function viewOf(text: string): DataView {
  const bytes = new Uint8Array(text.length + 4);
  bytes.set(Buffer.from(text, 'latin1'));
  return new DataView(bytes.buffer);
}
