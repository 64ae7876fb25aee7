// The loader's thread: starts when it is needed, ends when it is idle, and leaks nothing.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ScriptLoader } from '../../../src/languages/lua/host/load-script.js';
import { loadNativeType } from '../../../src/languages/typescript/typescript-type.js';
import type { Examined } from '../../../src/reload/examine.js';
import type { FileToExamine } from '../../../src/reload/load-worker-messages.js';
import { Loader } from '../../../src/reload/loader.js';
import { makeType, type TypeSource } from '../../../src/reload/type-source.js';
import { CallHarness } from '../../objects/call-harness.js';
import { bundlePlugin, PLUGINS } from './load-plugin.js';

const folder = { path: PLUGINS, language: 'typescript', label: 'plugins', rank: 0 } as const;
const files = ['set', 'map', 'quota', 'swcounter'].map((name) => ({ path: join(PLUGINS, `${name}.ts`), folder }));

/** Repeated loads of one plugin. */
const LOADS = process.env.LONG_TESTS === undefined ? 250 : 1000;

async function examineAll(loader: Loader): Promise<Examined[]> {
  const found: Examined[] = [];
  await loader.examine(files, (results) => found.push(...results));
  return found;
}

test('a file is examined in the loader thread and instantiated in the caller', async () => {
  const loader = new Loader();
  const source = (await loader.examineOne(files[0] as FileToExamine))?.source as TypeSource;
  expect(loader.isRunning).toBe(true);
  await loader.rest();
  expect(loader.isRunning).toBe(false);
  const type = makeType(source, new ScriptLoader(), true);
  const harness = new CallHarness([type]);
  expect(harness.get('set:new:k')).toBe('CREATED');
  expect(type.file).toBe('plugins/set.ts');
});

test('many files are examined in order, and again after the loader has been idle', async () => {
  const loader = new Loader();
  const first = await examineAll(loader);
  expect(first.map(({ source }) => source?.name)).toEqual(['set', 'map', 'quota', 'swcounter']);
  await loader.rest();
  expect(await examineAll(loader)).toEqual(first);
  await loader.close();
});

test('requests that are pending when the loader is closed return nothing', async () => {
  const loader = new Loader();
  const waiting = examineAll(loader);
  await loader.close();
  expect(await waiting).toEqual([]);
});

test('an error during loading names the line of the source', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cacheismo-native-'));
  const path = join(directory, 'broken.ts');
  const lines = [
    'interface Unused {',
    '  readonly a: number;',
    '}',
    '',
    'const nothing: Unused | undefined = undefined;',
  ];
  writeFileSync(path, [...lines, 'console.log((nothing as unknown as Unused).a);', 'export default {};'].join('\n'));
  expect(() => loadNativeType(bundlePlugin(path, directory))).toThrow(
    /broken\.ts:6: Cannot read properties of undefined/,
  );
  rmSync(directory, { recursive: true });
});

test('a plugin that adds to Object.prototype is refused, and leaves nothing there', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cacheismo-native-'));
  const path = join(directory, 'adding.ts');
  writeFileSync(
    path,
    "Object.assign(Object.prototype, { added: 1 });\nexport default { name: 'adding', methods: {} };\n",
  );
  try {
    expect(() => loadNativeType(bundlePlugin(path, directory))).toThrow('adds added to Object.prototype');
    expect('added' in {}).toBe(false);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('the failing line of a method is in the log', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cacheismo-native-'));
  const path = join(directory, 'broken.ts');
  writeFileSync(
    path,
    `import { defineType } from 'cacheismo';
export default defineType({
  name: 'broken',
  methods: {
    go: {
      access: 'create',
      run(): string {
        throw new Error('here');
      },
    },
  },
});
`,
  );
  const harness = new CallHarness([loadNativeType(bundlePlugin(path, directory))]);
  expect(harness.get('broken:go:k')).toBe('CLIENT_ERROR broken:go: here');
  expect(harness.logged[0]).toMatch(/broken\.ts:8: broken:go failed for broken:go:k: here$/);
  rmSync(directory, { recursive: true });
});

test('the line of a loop that is killed while it changes tables is in the log, with the option of the limit', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cacheismo-native-'));
  const path = join(directory, 'spin.ts');
  writeFileSync(
    path,
    `import { defineType, method } from 'cacheismo';
export default defineType({
  name: 'spin',
  methods: {
    fields: method({
      access: 'create',
      run: (self) => {
        for (let i = 0; ; i++) self.set('f' + (i % 50), i);
      },
    }),
    lists: method({
      access: 'create',
      run: (self) => {
        for (let i = 0; ; i++) self.set('f' + (i % 50), { a: [1, { b: [i] }] });
      },
    }),
  },
});
`,
  );
  const harness = new CallHarness([loadNativeType(bundlePlugin(path, directory))]);
  harness.get('spin:fields:k');
  harness.get('spin:lists:k');
  rmSync(directory, { recursive: true });
  const limit = 'takes .*; --call-(steps|milliseconds|bytes) sets the limit$';
  expect(harness.logged).toEqual([
    expect.stringMatching(new RegExp(`spin\\.ts:8: spin:fields failed for spin:fields:k: ${limit}`)),
    expect.stringMatching(new RegExp(`spin\\.ts:14: spin:lists failed for spin:lists:k: ${limit}`)),
  ]);
});

test(`${LOADS} loads leave the heap as it was`, () => {
  const bundle = bundlePlugin(join(PLUGINS, 'quota.ts'));
  const harness = new CallHarness([]);
  const reload = (times: number) => {
    for (let load = 0; load < times; load++) {
      harness.registry.install(loadNativeType(bundle));
      harness.get('quota:new:k:5:day');
      harness.get('quota:addandcheck:k:2');
    }
  };
  const heapBytes = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  reload(LOADS * 0.3);
  const before = heapBytes();
  reload(LOADS);
  expect(heapBytes() - before).toBeLessThan(Math.max(LOADS * 4096, 1024 * 1024));
});

/** An explicit garbage collection needs a flag, which can be set at run time. */
function collectGarbage(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
