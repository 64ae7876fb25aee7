// The loader's thread: starts when it is needed, ends when it is not, and leaves nothing behind.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadNativeType } from '../../src/native/native-type.js';
import { Transformer } from '../../src/native/transformer.js';
import { CallHarness } from '../objects/call-harness.js';
import { bundlePlugin, PLUGINS } from './load-plugin.js';

test('a file is transformed in the loader and run here', async () => {
  const transformer = new Transformer();
  const type = loadNativeType(await transformer.bundle(join(PLUGINS, 'set.ts'), PLUGINS));
  expect(transformer.isRunning).toBe(true);
  await transformer.close();
  expect(transformer.isRunning).toBe(false);
  const harness = new CallHarness([type]);
  expect(harness.get('set:new:k')).toBe('CREATED');
  expect(type.file).toBe('plugins/set.ts');
});

test('many files at once, and after the loader was closed', async () => {
  const transformer = new Transformer();
  const names = ['set', 'map', 'quota', 'swcounter'];
  const load = () => Promise.all(names.map((name) => transformer.bundle(join(PLUGINS, `${name}.ts`), PLUGINS)));
  const first = await load();
  await transformer.close();
  expect(await load()).toEqual(first);
  await transformer.close();
});

test('a file that is waited for when the loader is closed is refused', async () => {
  const transformer = new Transformer();
  const waiting = transformer.bundle(join(PLUGINS, 'set.ts'), PLUGINS);
  const refused = expect(waiting).rejects.toThrow('plugins/set.ts: the loader was closed');
  await transformer.close();
  await refused;
});

test('the line of an error at load is that of the source', () => {
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
  expect(harness.get('broken:go:k')).toBe('SERVER_ERROR broken:go: here');
  expect(harness.logged[0]).toMatch(/broken\.ts:8: broken:go failed for broken:go:k: here$/);
  rmSync(directory, { recursive: true });
});

test('a thousand loads leave the heap as it was', () => {
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
  reload(300);
  const before = heapBytes();
  reload(1000);
  expect(heapBytes() - before).toBeLessThan(4 * 1024 * 1024);
});

/** Garbage is collected when asked for only where a flag allows it, which can be set at run time. */
function collectGarbage(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
