// The language features of plugins, for either compiler, and the reports of mistakes.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeBundle } from '../../../src/languages/typescript/bundle.js';
import { runBundle } from '../../../src/languages/typescript/run-bundle.js';
import { transform } from '../../../src/languages/typescript/transform.js';
import { PLUGINS } from './load-plugin.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cacheismo-transform-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** Writes the files, runs the first and returns its default export. */
function run(files: Readonly<Record<string, string>>): unknown {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const folder = { path: directory, label: basename(directory) };
  return runBundle(makeBundle(join(directory, Object.keys(files)[0]), folder, transform)).value;
}

const isThoroughLoaded = (): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('/jiti/'));

const LIGHT: Readonly<Record<string, readonly [source: string, value: unknown]>> = {
  enums: [
    "enum A { x = 1, y = 'q', z = x } const enum B { u, v } export default [A.x, A.y, A.z, A[1], B.v]",
    [1, 'q', 1, 'z', 1],
  ],
  'parameter properties': [
    'class P { constructor(private readonly a: number, public b = 2) {} sum() { return this.a + this.b } } export default new P(1).sum()',
    3,
  ],
  'fields of classes': [
    'abstract class A { abstract f(): number; declare x: number; readonly y: number = 3; z!: number; #p = 4; get p() { return this.#p } } class B extends A { f() { return this.y } } const b = new B(); export default [b.f(), b.p, "x" in b]',
    [3, 4, false],
  ],
  overloads: [
    'function f(a: string): string; function f(a: number): number; function f(a: unknown) { return a } export default f(3)',
    3,
  ],
  generics: [
    'const f = <T,>(a: T): T => a; function g<T extends object>(a: T) { return a } export default [f<number>(3), g<{ a: 1 }>({ a: 1 }).a]',
    [3, 1],
  ],
  'assertions of types': [
    'const a = { x: 1 } satisfies Record<string, number>; export default (a as { x?: number }).x!',
    1,
  ],
  declarations: [
    "declare const b: number; declare module 'q' {} declare global { interface Z {} } type T = `a` | Uppercase<string>; export default 1 as T | number",
    1,
  ],
  'imports of what is built in': [
    "import fs, { readFileSync } from 'node:fs'; import * as path from 'node:path'; export default [typeof fs.readFileSync, typeof readFileSync, path.sep]",
    ['function', 'function', '/'],
  ],
  'imports of types only': [
    "import type { A } from './nothing.js'; import { B } from './nothing.js'; import { type C, sep } from 'node:path'; const b: B | A | C = sep; export default b",
    '/',
  ],
  'newer JavaScript': [
    'const a: { b?: number } | null = null as never; export default [a?.b ?? 2_000, [1, 2].at(-1)]',
    [2000, 2],
  ],
  strictness: ['export default (function (this: unknown) { return this === undefined })()', true],
};

const THOROUGH: Readonly<Record<string, readonly [source: string, value: unknown]>> = {
  namespaces: ['namespace N.M { export const a = 5 } export default N.M.a', 5],
  decorators: [
    'function mark(c: { marked?: number }) { c.marked = 7 } @mark class A { static marked?: number } export default A.marked',
    7,
  ],
  'the place of a module': ["export default import.meta.url.startsWith('file:///')", true],
};

describe('a file with', () => {
  test.each(Object.entries(LIGHT))('%s', (_, [source, value]) => {
    expect(run({ 'a.ts': source })).toEqual(value);
    expect(isThoroughLoaded()).toBe(false);
  });

  test('the shipped types does not need the full compiler', () => {
    for (const name of ['set', 'map', 'quota', 'swcounter']) {
      const path = join(PLUGINS, `${name}.ts`);
      expect(transform(readFileSync(path, 'utf8'), path)).toHaveProperty('code');
    }
    expect(isThoroughLoaded()).toBe(false);
  });

  test.each(Object.entries(THOROUGH))('%s, by the full compiler', (_, [source, value]) => {
    expect(run({ 'a.ts': source })).toEqual(value);
    expect(isThoroughLoaded()).toBe(true);
  });
});

test('modules import each other, even in a cycle, by the names of their sources, outputs and folders', () => {
  const files = {
    'a.ts':
      "import { one } from './shared/one.ts'; import { two } from './shared/two.js'; import { index } from './shared'; export default [one(), two(), index]",
    'shared/one.ts': "import { two } from './two'; export const one = (): number => two() - 1;",
    'shared/two.ts':
      "import { one } from './one.js'; export const two = (): number => (typeof one === 'function' ? 2 : 0);",
    'shared/index.ts': "export * from './names.js';",
    'shared/names.ts': "export const index: string = 'index';",
  };
  expect(run(files)).toEqual([1, 2, 'index']);
});

describe('a mistake is reported with file and line', () => {
  test.each([
    ['const a = 1;\nconst b = ;', /a\.ts:2: Unexpected token at column 11: const b = ;$/],
    ['export default {\n  a: 1\n  b: 2\n}', /a\.ts:3: Unexpected token, expected "," at column 3: b: 2$/],
    ['\nconst a = /(?<b>x)(?<b>y)/;', /a\.ts:2: Invalid regular expression: .* at column 11: const a = \//],
    [`const a = [${'1, '.repeat(100)}= 2];`, /a\.ts:1: Unexpected token at column 312: \.\.\.[1, ]+= 2\];$/],
    ['const a = 1;\nconst b = 2;\nconst a = 3;', /a\.ts:3: Identifier 'a' has already been declared/],
    ['\nconst s = "abc', /a\.ts:2: Unterminated string constant/],
    ['enum A {\n  x,\n}\nthrow new Error(String(A.x))', /a\.ts:4: 0$/],
  ])('%j', (source, reason) => {
    expect(() => run({ 'a.ts': source })).toThrow(reason);
  });

  test('an imported file of JSON that cannot be parsed is named with line, column and text', () => {
    expect(() =>
      run({ 'a.ts': "import './b.json';\nexport default 1", 'b.json': '{\n  "a": 1,\n  "b": {,}\n}' }),
    ).toThrow(/\/b\.json:3: is no valid JSON: Expected property name or '}' at column 9: "b": {,}$/);
  });

  test('in an imported module', () => {
    expect(() =>
      run({ 'a.ts': "import './b.js';\nexport default 1", 'b.ts': 'interface A {\n  b: 1;\n}\nconst b = ;' }),
    ).toThrow(/\/b\.ts:4: Unexpected token/);
  });
});
